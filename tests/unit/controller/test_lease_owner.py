"""The lease belongs to one invocation: AWS may deliver one event twice, with the same request id."""

import runpy
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cognito_failover.wiring.controller import create_lease_owner
from tests.unit.controller.test_invocation import InvocationHarness

FUNCTIONS = Path(__file__).parents[3] / "functions"


class OwnerRecorder:
    """Stands for what a function invokes, and records the owner of the lease."""

    def __init__(self) -> None:
        self.owners: list[str] = []

    def run(self, owner: str, _remaining_seconds: Callable[[], float]) -> tuple[str, ...]:
        self.owners.append(owner)
        return ()

    def handle(self, _event: object, *, owner: str, **_fields: Any) -> dict[str, Any]:
        self.owners.append(owner)
        return {}


@pytest.mark.parametrize("name", ["controller", "operator"])
def test_same_request_id_delivered_twice_has_two_owners(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = OwnerRecorder()
    monkeypatch.setattr(f"cognito_failover.wiring.{name}.build_{name}", lambda _env: recorder)
    handler = runpy.run_path(str(FUNCTIONS / name / "app.py"))["handler"]
    context = SimpleNamespace(
        aws_request_id="one-request",
        get_remaining_time_in_millis=lambda: 60_000,
        invoked_function_arn="arn:aws:lambda:us-east-1:111122223333:function:one",
    )
    handler({}, context)
    handler({}, context)
    assert len(set(recorder.owners)) == 2
    assert all(owner.startswith("one-request/") for owner in recorder.owners)


def test_second_delivery_of_one_tick_makes_no_rounds() -> None:
    harness = InvocationHarness()
    ledger, now = harness.world.memory, harness.world.clock.now
    assert ledger.acquire_lease(create_lease_owner("one-request"), now=now, seconds=100)
    assert harness.run(create_lease_owner("one-request")) == ()
    assert harness.observed_at == []
