"""The decision is pure: no service, no clock, no environment can reach into it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from failover import decision

FOLDER = Path(decision.__file__).parent
MODULES = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__")
IMPURE = {"asyncio", "boto3", "botocore", "dns", "http", "logging", "os", "random", "socket", "threading", "time"}


@pytest.mark.parametrize("module", MODULES)
def test_a_module_of_the_decision_imports_nothing_that_acts(module: str) -> None:
    tree = ast.parse((FOLDER / f"{module}.py").read_text())
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not {name.split(".")[0] for name in imported} & IMPURE


def test_the_whole_decision_is_imported_without_any_client_of_a_service() -> None:
    imports = "; ".join(f"import failover.decision.{module}" for module in MODULES)
    loaded = subprocess.run(  # noqa: S603 - this interpreter, with our own words
        [sys.executable, "-c", f"{imports}; import sys; print(*sys.modules)"],
        env={"PYTHONPATH": str(FOLDER.parent.parent)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "failover.decision.decide" in loaded
    assert not {name for name in loaded if name.split(".")[0] in {"boto3", "botocore", "dns", "jwt", "urllib3"}}


def test_the_controller_starts_without_what_only_people_ask_for() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import failover.assembly, sys; print(*sys.modules)"],
        env={"PYTHONPATH": str(FOLDER.parent.parent)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "failover.rounds.invocation" in loaded
    assert not {"failover.rounds.operating", "failover.rounds.attaching", "failover.decision.manual"} & set(loaded)
    assert not [module for module in loaded if module.startswith("failover.report.")]
