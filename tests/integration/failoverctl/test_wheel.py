"""What ``pip install .`` installs: the command, with the package whose rules its requests follow."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel as pip does, with what is installed here already."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir"]
    built = subprocess.run(  # noqa: S603 - pip, with arguments of our own
        [*command, str(folder), str(ROOT)], capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_the_command_and_the_package_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}
        entry_points = next(name for name in archive.namelist() if name.endswith("entry_points.txt"))
        assert "failoverctl = failoverctl.__main__:main" in archive.read(entry_points).decode()
    assert {top for top in tops if not top.endswith(".dist-info")} == {"failover", "failoverctl"}


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
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


def test_the_command_runs_from_the_wheel_alone(unpacked: Path) -> None:
    told = run(unpacked, "--version")
    assert told.stdout.strip() == "failoverctl 0.1.0", told.stderr


def test_costs_are_reckoned_from_the_wheel_alone_and_without_credentials(unpacked: Path) -> None:
    told = run(unpacked, "cost", "--mau", "100000")
    assert "1,802.00" in told.stdout, told.stderr


def test_the_building_leaves_nothing_in_the_checkout(wheel: Path) -> None:
    assert wheel.is_file()
    assert list(ROOT.glob("*.egg-info")) == []
