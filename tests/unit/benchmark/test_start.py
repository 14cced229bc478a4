"""Modules that the controller imports at its start, and those that it loads later."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.template.rendering import Rendering

ROOT = Path(__file__).parents[3]


def list_loaded_modules(code: str) -> set[str]:
    """Return the top-level modules that a new process has loaded after running the code."""
    finished = subprocess.run(  # noqa: S603 - this interpreter, with our own code
        [sys.executable, "-c", f"{code}; import sys; print(*sys.modules)"],
        env={
            **Rendering().read_environment("Controller"),
            "PYTHONPATH": f"{ROOT / 'functions' / 'controller'}:{ROOT / 'layers' / 'failover'}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.split(".")[0] for name in finished.stdout.split()}


@pytest.mark.parametrize("module", ["boto3", "dns"])
def test_controller_does_not_import_slow_module(module: str) -> None:
    assert module not in list_loaded_modules("import app")


def test_confirmation_modules_can_be_preloaded() -> None:
    assert "dns" in list_loaded_modules(
        "from cognito_failover.routing.dns.authoritative_dns import preload_dnspython; preload_dnspython()"
    )
