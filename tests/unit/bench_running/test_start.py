"""What the controller's start imports, and what it leaves for after the first round."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.template.rendering import Rendering

ROOT = Path(__file__).parents[3]


def loaded_by(code: str) -> set[str]:
    """Return the top-level modules that a new process has after running some code."""
    finished = subprocess.run(  # noqa: S603 - this interpreter, with our own words
        [sys.executable, "-c", f"{code}; import sys; print(*sys.modules)"],
        env={
            **Rendering().environment("Controller"),
            "PYTHONPATH": f"{ROOT / 'functions' / 'controller'}:{ROOT / 'layers' / 'failover'}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.split(".")[0] for name in finished.stdout.split()}


@pytest.mark.parametrize("heavy", ["boto3", "dns"])
def test_the_controller_starts_without(heavy: str) -> None:
    assert heavy not in loaded_by("import app")


def test_what_confirming_a_move_takes_can_be_imported_ahead_of_it() -> None:
    assert "dns" in loaded_by("from failover.levers.authority import prepare; prepare()")
