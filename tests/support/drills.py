"""Drills as tests ask for them, and what came of them."""

from itertools import count
from typing import Any

from failover.decision.announcement import Announcement, Kind
from failover.decision.drill import Drill
from tests.support.world import World

_tokens = count()


def drill(world: World, kind: str = "switchover", **fields: Any) -> dict[str, Any]:
    """Ask for a drill, which is accepted, and return the answer."""
    answer = world.request("drill", **request(kind, **fields))
    assert answer["done"], answer
    return answer


def request(kind: str = "switchover", **fields: Any) -> dict[str, Any]:
    """Return the fields of a request of its own."""
    usual: dict[str, Any] = {
        "kind": kind,
        "reason": "monthly",
        "token": f"drill-{next(_tokens)}",
        "requested_by": "Aiko",
    }
    if kind != "lever-test":
        usual |= {"hold_seconds": 60, "pace": "in-one"}
    return {**usual, **fields}


def ended(world: World) -> Drill:
    """Return the last drill, which has ended, having been told once of its beginning and once of its end."""
    assert world.state.drill is None
    last = world.state.last_drill
    assert last
    told = [each.kind for each in history(world) if each.drill and each.drill.id == last.id]
    assert told.count(Kind.DRILL_STARTED) == told.count(Kind.DRILL_ENDED) == 1
    assert told.count(Kind.DRILL_ABORTED) <= 1
    return last


def history(world: World) -> list[Announcement]:
    """Return all that was ever told, the oldest first."""
    return [*reversed(world.memory.history(limit=1000))]
