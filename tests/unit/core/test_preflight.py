"""What a preflight's result does: it is told once, shown, and bars a move only where that would surely be worse."""

from typing import Any

import pytest

from failover.decision.announcement import Kind
from failover.decision.preflight import Finding, Outcome, Preflight, Severity, why_not_clean, with_preflight
from failover.probe.verdict import Verdict
from failover.region import Side
from tests.support.world import World

HOUR = 3600.0
FAILED, PASSED, UNKNOWN = Outcome.FAILED, Outcome.PASSED, Outcome.UNKNOWN


def finding(outcome: Outcome = FAILED, check: str = "tokens-equal", **changes: Any) -> Finding:
    usual: dict[str, Any] = {
        "check": check,
        "severity": Severity.HIGH,
        "outcome": outcome,
        "sentence": f"The {check} were looked at.",
        "bars": outcome is FAILED,
    }
    return Finding(**{**usual, **changes})


def learnt(world: World, *findings: Finding, age: float = 0.0) -> World:
    """Let the controller read a preflight of that age, and make a round."""
    world.rounds.learn(Preflight(at=world.clock.now - age, findings=findings))
    world.run(1)
    return world


def test_a_failover_is_barred_where_the_standby_would_do_users_harm() -> None:
    world = learnt(World().settle(), finding())
    world.primary(Verdict.SICK).run(5)
    assert world.users is Side.PRIMARY
    assert world.state.blocked_by == "standby-fit"
    assert "tokens-equal: The tokens-equal were looked at." in world.said(Kind.BLOCKED)


def test_it_is_barred_from_the_first_round_of_a_new_process_on() -> None:
    world = learnt(World().settle(), finding())
    world.new_process()
    world.primary(Verdict.SICK).run(5)
    assert world.users is Side.PRIMARY


@pytest.mark.parametrize(
    "harmless",
    [
        finding(PASSED),
        finding(UNKNOWN),
        finding(bars=False),
        finding(severity=Severity.MEDIUM, bars=False),
    ],
    ids=["passed", "unknown", "high-but-no-bar", "medium"],
)
def test_nothing_else_keeps_users_on_a_dead_primary(harmless: Finding) -> None:
    world = learnt(World().settle(), harmless)
    world.primary(Verdict.SICK).run(5)
    assert world.users is Side.STANDBY


def test_a_result_that_has_grown_old_bars_nothing() -> None:
    world = learnt(World().settle(), finding())
    world.wait(2.5 * HOUR - 100).run(2)
    world.primary(Verdict.SICK).run(5)
    assert world.state.blocked_by == "standby-fit"
    world.run(20)
    assert world.users is Side.STANDBY


def test_a_result_that_is_old_when_it_is_read_says_nothing() -> None:
    world = learnt(World().settle(), finding(), age=2.5 * HOUR + 1)
    assert world.state.preflight is None
    assert world.kinds == []


def test_a_check_that_can_no_longer_be_made_lifts_the_bar() -> None:
    world = learnt(World().settle(), finding())
    learnt(world, finding(UNKNOWN))
    world.primary(Verdict.SICK).run(5)
    assert world.users is Side.STANDBY


def test_users_go_back_to_the_primary_whatever_preflight_says_of_the_standby() -> None:
    world = World().settle()
    world.ask("failover", reason="drill", token="t")
    learnt(world, finding())
    world.ask("failback", reason="over", token="u", pace="in-one")
    assert world.users is Side.PRIMARY


def test_a_person_is_refused_by_name_and_may_override_it_by_name() -> None:
    world = learnt(World().settle(), finding())
    answer = world.request("failover", reason="drill", token="t")
    assert answer["refused_by"] == "standby-fit"
    assert '"override": ["standby-fit"]' in answer["message"]
    assert world.weights == (255, 0)
    assert world.ask("failover", reason="I know better", token="t", override=["standby-fit"])["done"]
    assert world.users is Side.STANDBY


def test_a_high_failure_is_told_once_and_once_when_it_is_mended() -> None:
    world = World().settle()
    for outcome in (FAILED, FAILED, PASSED, PASSED, FAILED):
        learnt(world, finding(outcome))
        world.wait(HOUR)
    assert world.kinds == [Kind.PREFLIGHT_FAILED, Kind.PREFLIGHT_MENDED, Kind.PREFLIGHT_FAILED]
    assert "A failover to us-east-1 would not go well now. tokens-equal:" in world.said(Kind.PREFLIGHT_FAILED)
    assert "tokens-equal passed" in world.said(Kind.PREFLIGHT_MENDED)


def test_the_same_result_read_again_and_again_is_told_once() -> None:
    world = World().settle()
    result = Preflight(at=world.clock.now, findings=(finding(),))
    for _ in range(4):
        world.rounds.learn(result)
        world.run(1)
    assert world.kinds == [Kind.PREFLIGHT_FAILED]


def test_a_check_that_can_not_be_made_neither_fails_nor_mends() -> None:
    world = World().settle()
    for outcome in (UNKNOWN, FAILED, UNKNOWN, FAILED, UNKNOWN, PASSED):
        learnt(world, finding(outcome))
        world.wait(HOUR)
    assert world.kinds == [Kind.PREFLIGHT_FAILED, Kind.PREFLIGHT_MENDED]


def test_a_second_failure_is_told_beside_the_first_and_all_must_pass_to_be_mended() -> None:
    world = World().settle()
    learnt(world, finding(check="one"), finding(PASSED, check="other"))
    learnt(world, finding(check="one"), finding(check="other"))
    assert world.said(Kind.PREFLIGHT_FAILED).endswith("other: The other were looked at.")
    learnt(world, finding(PASSED, check="one"), finding(check="other"))
    learnt(world, finding(PASSED, check="one"), finding(PASSED, check="other"))
    assert world.kinds == [Kind.PREFLIGHT_FAILED, Kind.PREFLIGHT_FAILED, Kind.PREFLIGHT_MENDED]


def test_lesser_failures_wake_nobody() -> None:
    world = learnt(World().settle(), finding(severity=Severity.MEDIUM, bars=False))
    assert world.kinds == []


def test_the_status_shows_what_failed_and_what_is_not_known() -> None:
    world = World().settle()
    assert world.ask("status")["status"]["preflight"] is None
    world.memory.put_preflight(
        Preflight(
            at=world.clock.now - 60,
            findings=(finding(PASSED), finding(check="one", remedy="Mend it."), finding(UNKNOWN, check="other")),
        )
    )
    shown = world.ask("status")["status"]["preflight"]
    assert (shown["age_seconds"], shown["fresh"], shown["passed"]) == (60.0, True, 1)
    assert [(each["check"], each["remedy"], each["bars"]) for each in shown["failed"]] == [("one", "Mend it.", True)]
    assert [each["check"] for each in shown["unknown"]] == ["other"]


def test_the_status_is_shown_though_the_preflight_can_not_be_read() -> None:
    world = World().settle()
    world.ledger_fails(calls="ledger.preflight")
    answer = world.ask("status")
    assert answer["done"]
    assert answer["status"]["preflight"] is None


@pytest.mark.parametrize(
    ("findings", "age", "why"),
    [
        ((finding(PASSED), finding(severity=Severity.MEDIUM), finding(UNKNOWN, severity=Severity.LOW)), 0.0, None),
        ((finding(PASSED),), 2.5 * HOUR, None),
        ((finding(PASSED),), 2.5 * HOUR + 1, "The last preflight was 2 h 30 min 1 s ago; run failoverctl preflight."),
        ((finding(),), 0.0, "The last preflight is not clean. tokens-equal (failed): "),
        ((finding(UNKNOWN),), 0.0, "The last preflight is not clean. tokens-equal (unknown): "),
    ],
)
def test_clean_is_fresh_and_without_a_high_check_that_failed_or_is_unknown(
    findings: tuple[Finding, ...], age: float, why: str | None
) -> None:
    now = 1_800_000_000.0
    found = why_not_clean(Preflight(at=now - age, findings=findings), now)
    assert (found is None) if why is None else (found or "").startswith(why)


def test_no_preflight_is_not_clean() -> None:
    assert why_not_clean(None, 0.0) == "There has been no preflight yet; run failoverctl preflight."


def test_all_that_fails_and_all_that_is_mended_is_named_in_one_message_each() -> None:
    world = learnt(World().settle(), finding(), finding(check="users"))
    assert world.said(Kind.PREFLIGHT_FAILED) == (
        "A failover to us-east-1 would not go well now. "
        "tokens-equal: The tokens-equal were looked at.; users: The users were looked at."
    )
    world.wait(60)
    learnt(world, finding(PASSED), finding(PASSED, check="users"))
    assert world.said(Kind.PREFLIGHT_MENDED) == "Preflight finds us-east-1 ready again: tokens-equal, users passed."
    assert world.told.announcements[-1].at == world.clock.now - world.settings.round_interval_seconds


def test_all_that_keeps_a_preflight_from_being_clean_is_named() -> None:
    preflight = Preflight(at=0.0, findings=(finding(), finding(UNKNOWN, check="users")))
    assert why_not_clean(preflight, 60.0) == (
        "The last preflight is not clean. tokens-equal (failed): The tokens-equal were looked at. "
        "users (unknown): The users were looked at."
    )


def test_only_what_would_break_a_failover_is_remembered_as_failing() -> None:
    world = learnt(World().settle(), finding(severity=Severity.MEDIUM), finding(check="users"))
    assert world.state.preflight
    assert world.state.preflight.failing == ("users",)


def test_a_result_that_is_no_newer_than_what_is_remembered_says_nothing() -> None:
    world = learnt(World().settle(), finding())
    before = world.state
    assert before.preflight
    for older in (0.0, 1.0):
        other = Preflight(at=before.preflight.at - older, findings=(finding(check="users"),))
        assert with_preflight(before, other, world.settings, world.clock.now) == (before, ())
