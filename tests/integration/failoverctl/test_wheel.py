"""The wheel of ``pip install .``: the command and the package that it needs."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with the installed packages, without downloads."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir"]
    built = subprocess.run(  # noqa: S603 - pip, with arguments of our own
        [*command, str(folder), str(ROOT)], capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return next(folder.glob("*.whl"))


def test_wheel_contains_only_command_and_package(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        folders = {name.partition("/")[0] for name in archive.namelist()}
        entry_points = next(name for name in archive.namelist() if name.endswith("entry_points.txt"))
        assert "failoverctl = failoverctl.__main__:main" in archive.read(entry_points).decode()
    assert {folder for folder in folders if not folder.endswith(".dist-info")} == {
        "cognito_failover",
        "cognito_failover_testing",
        "failoverctl",
    }


@pytest.fixture(scope="module")
def unpacked_wheel(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run(unpacked: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - the command, with arguments of our own
        [sys.executable, "-m", "failoverctl", *arguments],
        cwd=unpacked,
        env={"PYTHONPATH": str(unpacked)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_command_runs_from_wheel_alone(unpacked_wheel: Path) -> None:
    result = run(unpacked_wheel, "--version")
    assert result.stdout.strip() == "failoverctl 0.1.0", result.stderr


def test_cost_runs_from_wheel_without_credentials(unpacked_wheel: Path) -> None:
    result = run(unpacked_wheel, "cost", "--mau", "100000")
    assert "1,802.00" in result.stdout, result.stderr


def test_build_leaves_no_files_in_checkout(wheel: Path) -> None:
    assert wheel.is_file()
    assert list(ROOT.glob("*.egg-info")) == []
