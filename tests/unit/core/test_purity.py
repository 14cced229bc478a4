"""The decision is pure: it uses no service, no clock and no environment."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from cognito_failover import core

FOLDER = Path(core.__file__).parent
MODULES = sorted(
    ".".join(path.relative_to(FOLDER).with_suffix("").parts) for path in FOLDER.rglob("*.py") if path.stem != "__init__"
)
IMPURE = {"asyncio", "boto3", "botocore", "dns", "http", "logging", "os", "random", "socket", "threading", "time"}


@pytest.mark.parametrize("module", MODULES)
def test_core_module_imports_nothing_impure(module: str) -> None:
    tree = ast.parse((FOLDER / f"{module.replace('.', '/')}.py").read_text())
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not {name.split(".")[0] for name in imported} & IMPURE


def test_core_imports_no_service_client() -> None:
    imports = "; ".join(f"import cognito_failover.core.{module}" for module in MODULES)
    loaded = subprocess.run(  # noqa: S603 - this interpreter, with arguments from this test
        [sys.executable, "-c", f"{imports}; import sys; print(*sys.modules)"],
        env={"PYTHONPATH": str(FOLDER.parent.parent)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "cognito_failover.core.decide" in loaded
    assert not {name for name in loaded if name.split(".")[0] in {"boto3", "botocore", "dns", "jwt", "urllib3"}}


def test_controller_starts_without_operator_only_modules() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import cognito_failover.wiring.controller, sys; print(*sys.modules)"],
        env={"PYTHONPATH": str(FOLDER.parent.parent)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "cognito_failover.controller.invocation" in loaded
    assert not {
        "cognito_failover.operator.operator",
        "cognito_failover.operator.latch_attachment",
        "cognito_failover.core.operator.actions",
    } & set(loaded)
    assert not [module for module in loaded if module.startswith("cognito_failover.reports.")]
