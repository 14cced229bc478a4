"""Requests for drills, and their results."""

from itertools import count
from typing import Any

from cognito_failover.core.model.drill import Drill
from cognito_failover.core.model.event import Event, EventKind
from tests.support.controller_harness import ControllerHarness

_tokens = count()


def request_drill(world: ControllerHarness, kind: str = "switchover", **fields: Any) -> dict[str, Any]:
    """Request a drill that is accepted, and return the answer."""
    answer = world.request("drill", **build_drill_request(kind, **fields))
    assert answer["done"], answer
    return answer


def build_drill_request(kind: str = "switchover", **fields: Any) -> dict[str, Any]:
    """Return the fields of a request with a new token."""
    defaults: dict[str, Any] = {
        "kind": kind,
        "reason": "monthly",
        "token": f"drill-{next(_tokens)}",
        "requested_by": "Aiko",
    }
    if kind != "lever-test":
        defaults |= {"hold_seconds": 60, "mode": "all-at-once"}
    return {**defaults, **fields}


def get_ended_drill(world: ControllerHarness) -> Drill:
    """Return the last drill. It has ended, with one event for its start and one for its end."""
    assert world.state.drill is None
    last = world.state.last_drill
    assert last
    kinds = [event.kind for event in read_history(world) if event.drill and event.drill.id == last.id]
    assert kinds.count(EventKind.DRILL_STARTED) == kinds.count(EventKind.DRILL_ENDED) == 1
    assert kinds.count(EventKind.DRILL_ABORTED) <= 1
    return last


def read_history(world: ControllerHarness) -> list[Event]:
    """Return all events, the oldest first."""
    return [*reversed(world.memory.load_history(limit=1000).events)]
