"""What `sam build` made, looked at as Lambda will run it: with nothing installed beside it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import load_scaling
from tests.unit.template.rendering import Rendering

ROOT = Path(__file__).parents[3]
BUILT = ROOT / "build" / "aws-sam" / "app"
LAYER = BUILT / "FailoverLayer" / "python"
SOURCE = ROOT / "layers" / "failover"
MODULES = sorted(
    ".".join(path.relative_to(SOURCE).with_suffix("").parts)
    for path in (SOURCE / "cognito_failover").rglob("*.py")
    if path.name != "__init__.py"
)
REPORTER_ONLY = {
    "cognito_failover.reports.chart",
    "cognito_failover.reports.page",
    "cognito_failover.reports.reporter",
    "cognito_failover.wiring.reporter",
}
"""Modules that need packages of the reporter, which would slow the controller's start."""


@pytest.fixture(scope="module", autouse=True)
def _list_built_folders() -> None:
    assert BUILT.is_dir(), "the app isn't built; run: make sandbox-app"


def import_alone(module: str, *folders: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Import a module in a Python that has its own library and these folders, no more."""
    code = f"import sys; sys.path[:0] = {[str(folder) for folder in folders]!r}; import {module}"
    return subprocess.run(  # noqa: S603 - runs this very interpreter
        [getattr(sys, "_base_executable", sys.executable), "-I", "-S", "-B", "-c", code],
        env={**env, "AWS_REGION": env["STANDBY_REGION"], "AWS_DEFAULT_REGION": env["STANDBY_REGION"]},
        capture_output=True,
        text=True,
        timeout=load_scaling.get_wait_limit(),
        check=False,
    )


def test_every_module_needs_only_the_layer() -> None:
    everything = ", ".join(module for module in MODULES if module not in REPORTER_ONLY)

    assert everything
    assert import_alone(everything, LAYER, env=Rendering().read_environment("Controller")).stderr == ""


@pytest.mark.parametrize("function", ["Controller", "Operator", "Reporter"])
def test_function_needs_only_itself_and_the_layer(function: str) -> None:
    assert import_alone("app", BUILT / function, LAYER, env=Rendering().read_environment(function)).stderr == ""


def test_report_writer_is_not_in_the_layer() -> None:
    assert not [name for name in ("jinja2", "markupsafe", "svg") if (LAYER / name).exists()]
    for module in REPORTER_ONLY:
        assert "No module named" in import_alone(module, LAYER, env={"STANDBY_REGION": ""}).stderr


def test_layer_is_small_enough_for_fast_start() -> None:
    size = sum(path.stat().st_size for path in LAYER.rglob("*") if path.is_file())

    assert size < 60_000_000


def test_layer_has_only_binaries_of_target_platform() -> None:
    here = {"arm64": "aarch64"}.get(os.uname().machine, os.uname().machine)
    named = [path.name for path in LAYER.rglob("*.so") if "linux" in path.name]

    assert named
    assert not [name for name in named if here not in name]
