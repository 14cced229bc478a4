"""A drill is asked for like a move: on a calm day it begins, on any other it says each thing in its way."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from failover.decision.announcement import Kind
from failover.decision.drill_rules import DrillRule
from failover.decision.state import Hold, Preflighted
from failover.probe.verdict import Verdict
from tests.support.drills import drill, request
from tests.support.world import World
from tests.unit.docs.pages import ROOT, table

if TYPE_CHECKING:
    from failover.ledger.ledger import Saved

TUESDAY_0230 = 1_782_873_000.0 - 1_782_873_000.0 % 86_400 - 86_400 + 2.5 * 3600
"""Tuesday, 30 June 2026, 02:30 UTC."""


def calm(**changes: Any) -> World:
    return World(recovery_rounds=6, **changes).settle()


def at_window(window: str) -> World:
    world = World(drill_window=window)
    world.clock.now = TUESDAY_0230 - 90
    return world.settle()


def remembering(**changes: Any) -> Callable[[World], object]:
    return lambda world: world.remember(**changes)


IN_THE_WAY: list[tuple[str, Callable[[World], object]]] = [
    ("one-drill-at-a-time", lambda world: drill(world, "blind")),
    ("rounds-run", lambda world: world.wait(300)),
    ("users-at-home", lambda world: (world.request("failover", reason="r", token="t"), world.run(2))),
    ("both-serve", lambda world: world.standby(Verdict.NOT_READY).run(1)),
    ("both-serve", lambda world: world.primary(Verdict.SICK).run(1)),
    ("both-serve", lambda world: (world.primary(Verdict.SICK).run(1), world.primary(Verdict.HEALTHY).run(1))),
    ("one-move-at-a-time", lambda world: world.request("failover", reason="r", token="t")),
    ("not-paused", lambda world: world.request("pause", reason="deploy", minutes=30)),
    ("not-observe-only", lambda world: world.request("observe-only", reason="trial")),
    ("acknowledged", remembering(hold=Hold(since=0.0, reason="edited"))),
    ("cool-down", remembering(cool_down_until=2e9)),
    ("daily-bound", lambda world: world.remember(automatic_moves=(world.clock.now - 5, world.clock.now - 4))),
    ("world-understood", remembering(surveyed=None)),
    (
        "preflight-clean",
        lambda world: world.remember(preflight=Preflighted(at=world.clock.now, failing=("replica-active",))),
    ),
]


@pytest.mark.parametrize(("rule", "happens"), IN_THE_WAY)
@pytest.mark.parametrize("kind", ["switchover", "lever-test", "blind"])
def test_a_drill_is_refused_by_name_and_changes_nothing(
    rule: str, happens: Callable[[World], object], kind: str
) -> None:
    world = calm()
    happens(world)
    before = world.state
    answer = world.request("drill", **request(kind))
    assert answer["done"] is False
    assert rule in {each["rule"] for each in answer["obstacles"]}
    assert answer["refused_by"] == answer["obstacles"][0]["rule"]
    assert all(each["message"] in answer["message"] for each in answer["obstacles"])
    assert (world.state.move, world.state.drill) == (before.move, before.drill)
    assert world.memory.history(limit=1)[0].kind is Kind.DRILL_REFUSED


def refusals(world: World) -> int:
    return [each.kind for each in world.memory.history(limit=100)].count(Kind.DRILL_REFUSED)


def test_a_firing_of_the_schedule_that_is_delivered_twice_is_refused_twice_and_told_of_once() -> None:
    world = calm()
    world.standby(Verdict.NOT_READY).run(1)
    firing = request("switchover", token="scheduled-2026-07-01T02:00:00Z")
    first, second = (world.request("drill", **firing) for _ in range(2))
    assert (first["refused_by"], second["refused_by"]) == ("both-serve", "both-serve")
    assert refusals(world) == 1


def test_the_next_firing_that_is_refused_is_told_of_again() -> None:
    world = calm()
    world.standby(Verdict.NOT_READY).run(1)
    world.request("drill", **request("switchover", token="scheduled-2026-07-01T02:00:00Z"))
    world.request("drill", **request("switchover", token="scheduled-2026-08-01T02:00:00Z"))
    assert refusals(world) == 2


def test_another_thing_in_its_way_is_told_of() -> None:
    world = calm()
    world.request("pause", reason="deploy", minutes=30)
    firing = request("switchover", token="scheduled-2026-07-01T02:00:00Z")
    first = world.request("drill", **firing)
    world.standby(Verdict.NOT_READY).run(1)
    second = world.request("drill", **firing)
    assert (first["refused_by"], second["refused_by"]) == ("not-paused", "both-serve")
    assert refusals(world) == 2


def test_what_was_refused_begins_by_the_same_token_once_nothing_is_in_its_way() -> None:
    world = calm()
    world.standby(Verdict.NOT_READY).run(1)
    asked = request("switchover", token="again")
    assert not world.request("drill", **asked)["done"]
    world.standby(Verdict.HEALTHY).run(8)
    assert world.request("drill", **asked)["done"]


def test_every_rule_of_a_drill_is_in_somebodys_way_here() -> None:
    assert set(DrillRule) - {rule for rule, _ in IN_THE_WAY} == {"drill-window"}


def test_every_rule_of_a_drill_is_explained() -> None:
    rows = table(ROOT / "docs" / "drills.md", "rule", "it says no when", "the way out")
    assert [row[0].strip("`") for row in rows] == list(DrillRule)


@pytest.mark.parametrize(
    ("window", "hold_seconds", "begins"),
    [
        ("Tue 02:00-05:00 UTC", 600, True),
        ("Tue 02:00-02:35 UTC", 600, False),
        ("Tue 02:00-02:45 UTC", 600, True),
        ("Wed 02:00-05:00 UTC", 600, False),
        ("Mon 22:00-04:00 UTC", 600, True),
        ("Mon-Fri 02:00-05:00 UTC", 600, True),
    ],
)
def test_a_drill_begins_only_in_its_window_and_with_time_to_hold(window: str, hold_seconds: int, begins: bool) -> None:
    world = at_window(window)
    answer = world.request("drill", **request(hold_seconds=hold_seconds))
    assert answer["done"] is begins
    assert begins or answer["refused_by"] == "drill-window"
    assert begins or window in answer["message"]


def test_a_dry_run_shows_the_plan_and_changes_nothing() -> None:
    world = calm()
    before: Saved | None = world.memory.load()
    answer = world.request("drill", **request(dry_run=True, hold_seconds=600, pace="in-steps"))
    assert answer["done"]
    assert answer["plan"] == [
        "All users move to us-east-1, by the weights.",
        "After 10 min users go back to ap-northeast-1, in steps of 10 %, 50 %, 100 %.",
    ]
    assert answer["obstacles"] == []
    assert world.memory.load() == before


def test_a_dry_run_tells_what_would_refuse_it_and_its_token_stays_unused() -> None:
    world = calm()
    world.request("pause", reason="deploy", minutes=30)
    asked = request()
    answer = world.request("drill", **asked, dry_run=True)
    assert (answer["done"], [each["rule"] for each in answer["obstacles"]]) == (True, ["not-paused"])
    assert f"It would be refused: {answer['obstacles'][0]['message']} (not-paused)" in answer["message"]
    world.request("resume", reason="done")
    assert world.request("drill", **asked)["drill"]
    assert world.state.drill


def test_a_firing_that_is_delivered_twice_is_one_drill() -> None:
    world = calm()
    asked = request()
    first, second = (world.request("drill", **asked) for _ in range(2))
    assert first["done"]
    assert second["done"]
    assert "Already done" in second["message"]
    assert [each.kind for each in world.memory.history(limit=50)].count(Kind.DRILL_STARTED) == 1


def test_no_preflight_is_no_bar_but_is_said() -> None:
    world = calm()
    answer = drill(world)
    assert "no preflight is known yet" in answer["message"]
    assert answer["notes"] == [answer["message"][answer["message"].index("Note:") :]]
    known = calm()
    known.remember(preflight=Preflighted(at=known.clock.now - 1))
    answer = drill(known)
    assert "preflight" not in answer["message"]
    assert answer["notes"] == []
    stale = calm()
    stale.remember(preflight=Preflighted(at=stale.clock.now - 90_000, failing=("replica-active",)))
    assert "too long to count" in drill(stale)["message"]


def test_a_refusal_is_in_the_history_with_who_and_why() -> None:
    world = calm()
    world.request("abort", reason="mistaken", token="t", requested_by="Ada")
    world.standby(Verdict.SICK).run(1)
    world.request("failover", reason="now", token="u", requested_by="Ada")
    refused = world.request("history", limit=2)["history"]
    assert [(each["kind"], each["rule"], each["requested_by"], each["reason"]) for each in refused] == [
        ("refused", "target-serves", "Ada", "now"),
        ("refused", "abort", "Ada", "mistaken"),
    ]


def test_a_refusal_that_cannot_be_kept_is_given_all_the_same() -> None:
    world = calm()
    world.standby(Verdict.SICK).run(1)
    world.ledger_fails(calls="ledger.save")
    assert world.request("failover", reason="now", token="u")["refused_by"] == "target-serves"


def test_the_history_tells_who_why_and_how_long_and_what_was_overridden() -> None:
    world = calm()
    world.standby(Verdict.SICK).run(1)
    world.request("failover", reason="sure", token="u", requested_by="Ada", override=["target-serves"])
    world.run(2)
    (moved,) = [each for each in world.request("history", limit=50)["history"] if each["kind"] == "move-confirmed"]
    assert (moved["requested_by"], moved["reason"], moved["overridden"]) == ("Ada", "sure", ["target-serves"])
    assert moved["move"].startswith("to-us-east-1-")
    assert moved["duration_seconds"] >= 0
    assert (moved["drill"], moved["report"]) == (None, None)


def test_the_end_of_a_drill_tells_how_long_it_took() -> None:
    world = calm()
    drill_id = drill(world)["drill"]
    world.run(12)
    (over,) = [each for each in world.request("history", limit=50)["history"] if each["kind"] == "drill-ended"]
    assert (over["drill"], over["requested_by"], over["reason"]) == (drill_id, "Aiko", "monthly")
    assert over["duration_seconds"] > 60
