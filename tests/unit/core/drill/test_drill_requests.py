"""A request for a drill: it starts if all rules hold, or the answer names each violated rule."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from cognito_failover.core.drill.rules import DrillRule
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.model.state import Hold, PreflightSummary
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import ControllerHarness
from tests.support.drill_requests import build_drill_request, request_drill
from tests.unit.docs.pages import ROOT, read_table

if TYPE_CHECKING:
    from cognito_failover.core.ports.stores import VersionedState

TUESDAY_0230 = 1_782_873_000.0 - 1_782_873_000.0 % 86_400 - 86_400 + 2.5 * 3600
"""Tuesday, 30 June 2026, 02:30 UTC."""


def make_settled_world(**changes: Any) -> ControllerHarness:
    return ControllerHarness(recovery_rounds=6, **changes).settle()


def make_world_in_window(window: str) -> ControllerHarness:
    world = ControllerHarness(drill_window=window)
    world.clock.now = TUESDAY_0230 - 90
    return world.settle()


def start_with_state(**changes: Any) -> Callable[[ControllerHarness], object]:
    return lambda world: world.patch_state(**changes)


BLOCKERS: list[tuple[str, Callable[[ControllerHarness], object]]] = [
    ("one-drill-at-a-time", lambda world: request_drill(world, "simulated-outage")),
    ("controller-running", lambda world: world.wait(300)),
    ("users-on-primary", lambda world: (world.request("failover", reason="r", token="t"), world.run(2))),
    ("both-regions-healthy", lambda world: world.set_standby(Verdict.NOT_READY).run(1)),
    ("both-regions-healthy", lambda world: world.set_primary(Verdict.SICK).run(1)),
    (
        "both-regions-healthy",
        lambda world: (world.set_primary(Verdict.SICK).run(1), world.set_primary(Verdict.HEALTHY).run(1)),
    ),
    ("one-move-at-a-time", lambda world: world.request("failover", reason="r", token="t")),
    ("not-paused", lambda world: world.request("pause", reason="deploy", minutes=30)),
    ("not-observe-only", lambda world: world.request("observe-only", reason="trial")),
    ("no-hold", start_with_state(hold=Hold(since=0.0, reason="edited"))),
    ("cool-down", start_with_state(cool_down_until=1_800_000_600.0)),
    (
        "daily-move-limit",
        lambda world: world.patch_state(automatic_move_times=(world.clock.now - 5, world.clock.now - 4)),
    ),
    ("routing-readable", start_with_state(records=None)),
    (
        "preflight-clean",
        lambda world: world.patch_state(
            preflight=PreflightSummary(at=world.clock.now, failing_checks=("replica-active",))
        ),
    ),
]


@pytest.mark.parametrize(("rule", "cause"), BLOCKERS)
@pytest.mark.parametrize("kind", ["switchover", "lever-test", "simulated-outage"])
def test_drill_is_refused_by_rule_and_changes_nothing(
    rule: str, cause: Callable[[ControllerHarness], object], kind: str
) -> None:
    world = make_settled_world()
    cause(world)
    before = world.state
    answer = world.request("drill", **build_drill_request(kind))
    assert answer["done"] is False
    assert rule in {violation["rule"] for violation in answer["violations"]}
    assert answer["refused_by"] == answer["violations"][0]["rule"]
    assert all(violation["message"] in answer["message"] for violation in answer["violations"])
    assert (world.state.move, world.state.drill) == (before.move, before.drill)
    assert world.memory.load_history(limit=1).events[0].kind is EventKind.DRILL_REFUSED


def count_refusals(world: ControllerHarness) -> int:
    return [event.kind for event in world.memory.load_history(limit=100).events].count(EventKind.DRILL_REFUSED)


def test_duplicate_scheduled_request_is_refused_twice_and_notified_once() -> None:
    world = make_settled_world()
    world.set_standby(Verdict.NOT_READY).run(1)
    request = build_drill_request("switchover", token="scheduled-2026-07-01T02:00:00Z")
    first, second = (world.request("drill", **request) for _ in range(2))
    assert (first["refused_by"], second["refused_by"]) == ("both-regions-healthy", "both-regions-healthy")
    assert count_refusals(world) == 1


def test_next_refused_scheduled_request_is_notified_again() -> None:
    world = make_settled_world()
    world.set_standby(Verdict.NOT_READY).run(1)
    world.request("drill", **build_drill_request("switchover", token="scheduled-2026-07-01T02:00:00Z"))
    world.request("drill", **build_drill_request("switchover", token="scheduled-2026-08-01T02:00:00Z"))
    assert count_refusals(world) == 2


def test_same_request_refused_by_another_rule_is_notified() -> None:
    world = make_settled_world()
    world.request("pause", reason="deploy", minutes=30)
    request = build_drill_request("switchover", token="scheduled-2026-07-01T02:00:00Z")
    first = world.request("drill", **request)
    world.set_standby(Verdict.NOT_READY).run(1)
    second = world.request("drill", **request)
    assert (first["refused_by"], second["refused_by"]) == ("not-paused", "both-regions-healthy")
    assert count_refusals(world) == 2


def test_refused_token_starts_drill_once_unblocked() -> None:
    world = make_settled_world()
    world.set_standby(Verdict.NOT_READY).run(1)
    request = build_drill_request("switchover", token="again")
    assert not world.request("drill", **request)["done"]
    world.set_standby(Verdict.HEALTHY).run(8)
    assert world.request("drill", **request)["done"]


def test_every_drill_rule_has_a_blocking_case() -> None:
    assert set(DrillRule) - {rule for rule, _ in BLOCKERS} == {"drill-window"}


def test_every_drill_rule_is_documented() -> None:
    rows = read_table(ROOT / "docs" / "drills.md", "rule", "it says no when", "the way out")
    assert [row[0].strip("`") for row in rows] == list(DrillRule)


@pytest.mark.parametrize(
    ("window", "hold_seconds", "is_started"),
    [
        ("Tue 02:00-05:00 UTC", 600, True),
        ("Tue 02:00-02:35 UTC", 600, False),
        ("Tue 02:00-02:45 UTC", 600, True),
        ("Wed 02:00-05:00 UTC", 600, False),
        ("Mon 22:00-04:00 UTC", 600, True),
        ("Mon-Fri 02:00-05:00 UTC", 600, True),
    ],
)
def test_drill_starts_only_in_window_with_enough_time(window: str, hold_seconds: int, is_started: bool) -> None:
    world = make_world_in_window(window)
    answer = world.request("drill", **build_drill_request(hold_seconds=hold_seconds))
    assert answer["done"] is is_started
    assert is_started or answer["refused_by"] == "drill-window"
    assert is_started or window in answer["message"]


def test_dry_run_shows_plan_and_changes_nothing() -> None:
    world = make_settled_world()
    before: VersionedState | None = world.memory.load()
    answer = world.request("drill", **build_drill_request(dry_run=True, hold_seconds=600, mode="stepped"))
    assert answer["done"]
    assert answer["plan"] == [
        "All users move to us-east-1, by the weights.",
        "After 10 min users go back to ap-northeast-1, in steps of 10 %, 50 %, 100 %.",
    ]
    assert answer["violations"] == []
    assert world.memory.load() == before


def test_dry_run_reports_blockers_and_leaves_token_unused() -> None:
    world = make_settled_world()
    world.request("pause", reason="deploy", minutes=30)
    request = build_drill_request()
    answer = world.request("drill", **request, dry_run=True)
    assert (answer["done"], [violation["rule"] for violation in answer["violations"]]) == (True, ["not-paused"])
    assert f"It would be refused: {answer['violations'][0]['message']} (not-paused)" in answer["message"]
    world.request("resume", reason="done")
    assert world.request("drill", **request)["drill"]
    assert world.state.drill


def test_duplicate_scheduled_request_starts_one_drill() -> None:
    world = make_settled_world()
    request = build_drill_request()
    first, second = (world.request("drill", **request) for _ in range(2))
    assert first["done"]
    assert second["done"]
    assert "Already done" in second["message"]
    assert [event.kind for event in world.memory.load_history(limit=50).events].count(EventKind.DRILL_STARTED) == 1


def test_missing_or_stale_preflight_is_noted_and_does_not_block() -> None:
    world = make_settled_world()
    answer = request_drill(world)
    assert "no preflight result is known yet" in answer["message"]
    assert answer["notes"] == [answer["message"][answer["message"].index("Note:") :]]
    fresh = make_settled_world()
    fresh.patch_state(preflight=PreflightSummary(at=fresh.clock.now - 1))
    answer = request_drill(fresh)
    assert "preflight" not in answer["message"]
    assert answer["notes"] == []
    stale = make_settled_world()
    stale.patch_state(preflight=PreflightSummary(at=stale.clock.now - 90_000, failing_checks=("replica-active",)))
    assert "which is too old to count" in request_drill(stale)["message"]


def test_refusal_is_in_history_with_initiator_and_reason() -> None:
    world = make_settled_world()
    world.request("abort", reason="mistaken", token="t", requested_by="Ada")
    world.set_standby(Verdict.SICK).run(1)
    world.request("failover", reason="now", token="u", requested_by="Ada")
    refused = world.request("history", limit=2)["history"]
    assert [(entry["kind"], entry["rule"], entry["requested_by"], entry["reason"]) for entry in refused] == [
        ("refused", "target-healthy", "Ada", "now"),
        ("refused", "abort", "Ada", "mistaken"),
    ]


def test_refusal_is_returned_even_if_not_saved() -> None:
    world = make_settled_world()
    world.set_standby(Verdict.SICK).run(1)
    world.fail_ledger(calls="ledger.save")
    assert world.request("failover", reason="now", token="u")["refused_by"] == "target-healthy"


def test_history_has_initiator_reason_duration_and_overrides() -> None:
    world = make_settled_world()
    world.set_standby(Verdict.SICK).run(1)
    world.request("failover", reason="sure", token="u", requested_by="Ada", override=["target-healthy"])
    world.run(2)
    (confirmed,) = [
        entry for entry in world.request("history", limit=50)["history"] if entry["kind"] == "move-confirmed"
    ]
    assert (confirmed["requested_by"], confirmed["reason"], confirmed["overridden"]) == (
        "Ada",
        "sure",
        ["target-healthy"],
    )
    assert confirmed["move"].startswith("to-us-east-1-")
    assert confirmed["duration_seconds"] >= 0
    assert (confirmed["drill"], confirmed["report"]) == (None, None)


def test_drill_end_states_duration() -> None:
    world = make_settled_world()
    drill_id = request_drill(world)["drill"]
    world.run(12)
    (ended,) = [entry for entry in world.request("history", limit=50)["history"] if entry["kind"] == "drill-ended"]
    assert (ended["drill"], ended["requested_by"], ended["reason"]) == (drill_id, "Aiko", "monthly")
    assert ended["duration_seconds"] > 60
