"""A preflight result is reported once, shown, and blocks a move only if moving would be worse."""

from typing import Any

import pytest

from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.preflight_result import (
    CheckOutcome,
    CheckSeverity,
    PreflightFinding,
    PreflightResult,
    find_preflight_problem,
    update_preflight,
)
from cognito_failover.core.round_context import RoundContext
from cognito_failover.core.transition import Transition
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import ControllerHarness
from tests.support.drill_fixtures import make_consensus

HOUR = 3600.0
FAILED, PASSED, UNKNOWN = CheckOutcome.FAILED, CheckOutcome.PASSED, CheckOutcome.UNKNOWN


def make_finding(outcome: CheckOutcome = FAILED, check: str = "tokens-equal", **changes: Any) -> PreflightFinding:
    defaults: dict[str, Any] = {
        "check": check,
        "severity": CheckSeverity.HIGH,
        "outcome": outcome,
        "message": f"The {check} were looked at.",
        "blocks_failover": outcome is FAILED,
    }
    return PreflightFinding(**{**defaults, **changes})


def set_preflight(world: ControllerHarness, *findings: PreflightFinding, age: float = 0.0) -> ControllerHarness:
    """Give the controller a preflight result of this age, and run a round."""
    world.round_runner.set_preflight(PreflightResult(at=world.clock.now - age, findings=findings))
    world.run(1)
    return world


def test_failed_blocking_check_blocks_failover() -> None:
    world = set_preflight(ControllerHarness().settle(), make_finding())
    world.set_primary(Verdict.SICK).run(5)
    assert world.user_location is RegionRole.PRIMARY
    assert world.state.blocked_by == "preflight-passed"
    assert "tokens-equal: The tokens-equal were looked at." in world.get_latest_message(EventKind.BLOCKED)


def test_failed_preflight_blocks_from_first_round_of_process() -> None:
    world = set_preflight(ControllerHarness().settle(), make_finding())
    world.restart()
    world.set_primary(Verdict.SICK).run(5)
    assert world.user_location is RegionRole.PRIMARY


@pytest.mark.parametrize(
    "harmless",
    [
        make_finding(PASSED),
        make_finding(UNKNOWN),
        make_finding(blocks_failover=False),
        make_finding(severity=CheckSeverity.MEDIUM, blocks_failover=False),
    ],
    ids=["passed", "unknown", "high-but-no-bar", "medium"],
)
def test_other_findings_do_not_block_failover(harmless: PreflightFinding) -> None:
    world = set_preflight(ControllerHarness().settle(), harmless)
    world.set_primary(Verdict.SICK).run(5)
    assert world.user_location is RegionRole.STANDBY


def test_stale_result_does_not_block() -> None:
    world = set_preflight(ControllerHarness().settle(), make_finding())
    world.wait(2.5 * HOUR - 100).run(2)
    world.set_primary(Verdict.SICK).run(5)
    assert world.state.blocked_by == "preflight-passed"
    world.run(20)
    assert world.user_location is RegionRole.STANDBY


def test_result_stale_when_read_is_ignored() -> None:
    world = set_preflight(ControllerHarness().settle(), make_finding(), age=2.5 * HOUR + 1)
    assert world.state.preflight is None
    assert world.event_kinds == []


def test_check_that_becomes_unknown_unblocks() -> None:
    world = set_preflight(ControllerHarness().settle(), make_finding())
    set_preflight(world, make_finding(UNKNOWN))
    world.set_primary(Verdict.SICK).run(5)
    assert world.user_location is RegionRole.STANDBY


def test_return_to_primary_ignores_standby_preflight() -> None:
    world = ControllerHarness().settle()
    world.invoke_operator("failover", reason="drill", token="t")
    set_preflight(world, make_finding())
    world.invoke_operator("failback", reason="over", token="u", mode="all-at-once")
    assert world.user_location is RegionRole.PRIMARY


def test_manual_move_is_refused_by_name_and_may_override() -> None:
    world = set_preflight(ControllerHarness().settle(), make_finding())
    answer = world.request("failover", reason="drill", token="t")
    assert answer["refused_by"] == "preflight-passed"
    assert '"override": ["preflight-passed"]' in answer["message"]
    assert world.weights == (255, 0)
    assert world.invoke_operator("failover", reason="I know better", token="t", override=["preflight-passed"])["done"]
    assert world.user_location is RegionRole.STANDBY


def test_high_severity_failure_and_recovery_are_notified_once() -> None:
    world = ControllerHarness().settle()
    for outcome in (FAILED, FAILED, PASSED, PASSED, FAILED):
        set_preflight(world, make_finding(outcome))
        world.wait(HOUR)
    assert world.event_kinds == [EventKind.PREFLIGHT_FAILED, EventKind.PREFLIGHT_RECOVERED, EventKind.PREFLIGHT_FAILED]
    assert "A failover to us-east-1 may not work now. tokens-equal:" in world.get_latest_message(
        EventKind.PREFLIGHT_FAILED
    )
    assert "tokens-equal passed" in world.get_latest_message(EventKind.PREFLIGHT_RECOVERED)


def test_same_result_is_notified_once() -> None:
    world = ControllerHarness().settle()
    result = PreflightResult(at=world.clock.now, findings=(make_finding(),))
    for _ in range(4):
        world.round_runner.set_preflight(result)
        world.run(1)
    assert world.event_kinds == [EventKind.PREFLIGHT_FAILED]


def test_unknown_check_neither_fails_nor_recovers() -> None:
    world = ControllerHarness().settle()
    for outcome in (UNKNOWN, FAILED, UNKNOWN, FAILED, UNKNOWN, PASSED):
        set_preflight(world, make_finding(outcome))
        world.wait(HOUR)
    assert world.event_kinds == [EventKind.PREFLIGHT_FAILED, EventKind.PREFLIGHT_RECOVERED]


def test_second_failure_is_notified_and_all_must_pass_to_recover() -> None:
    world = ControllerHarness().settle()
    set_preflight(world, make_finding(check="one"), make_finding(PASSED, check="other"))
    set_preflight(world, make_finding(check="one"), make_finding(check="other"))
    assert world.get_latest_message(EventKind.PREFLIGHT_FAILED).endswith("other: The other were looked at.")
    set_preflight(world, make_finding(PASSED, check="one"), make_finding(check="other"))
    set_preflight(world, make_finding(PASSED, check="one"), make_finding(PASSED, check="other"))
    assert world.event_kinds == [EventKind.PREFLIGHT_FAILED, EventKind.PREFLIGHT_FAILED, EventKind.PREFLIGHT_RECOVERED]


def test_lower_severity_failures_are_not_notified() -> None:
    world = set_preflight(
        ControllerHarness().settle(), make_finding(severity=CheckSeverity.MEDIUM, blocks_failover=False)
    )
    assert world.event_kinds == []


def test_status_shows_failed_and_unknown_checks() -> None:
    world = ControllerHarness().settle()
    assert world.invoke_operator("status")["status"]["preflight"] is None
    world.memory.save_preflight(
        PreflightResult(
            at=world.clock.now - 60,
            findings=(
                make_finding(PASSED),
                make_finding(check="one", remedy="Fix it."),
                make_finding(UNKNOWN, check="other"),
            ),
        )
    )
    shown = world.invoke_operator("status")["status"]["preflight"]
    assert (shown["age_seconds"], shown["fresh"], shown["passed"]) == (60.0, True, 1)
    assert [(finding["check"], finding["remedy"], finding["blocks_failover"]) for finding in shown["failed"]] == [
        ("one", "Fix it.", True)
    ]
    assert [finding["check"] for finding in shown["unknown"]] == ["other"]


def test_status_is_shown_without_readable_preflight() -> None:
    world = ControllerHarness().settle()
    world.fail_ledger(calls="ledger.load_preflight")
    answer = world.invoke_operator("status")
    assert answer["done"]
    assert answer["status"]["preflight"] is None


@pytest.mark.parametrize(
    ("findings", "age", "reason"),
    [
        (
            (
                make_finding(PASSED),
                make_finding(severity=CheckSeverity.MEDIUM),
                make_finding(UNKNOWN, severity=CheckSeverity.LOW),
            ),
            0.0,
            None,
        ),
        ((make_finding(PASSED),), 2.5 * HOUR, None),
        (
            (make_finding(PASSED),),
            2.5 * HOUR + 1,
            "The last preflight was 2 h 30 min 1 s ago; run failoverctl preflight.",
        ),
        ((make_finding(),), 0.0, "The last preflight is not clean. tokens-equal (failed): "),
        ((make_finding(UNKNOWN),), 0.0, "The last preflight is not clean. tokens-equal (unknown): "),
    ],
)
def test_clean_means_fresh_without_failed_or_unknown_high_check(
    findings: tuple[PreflightFinding, ...], age: float, reason: str | None
) -> None:
    now = 1_800_000_000.0
    problem = find_preflight_problem(PreflightResult(at=now - age, findings=findings), now)
    assert (problem is None) if reason is None else (problem or "").startswith(reason)


def test_missing_preflight_is_not_clean() -> None:
    assert find_preflight_problem(None, 0.0) == "There has been no preflight yet; run failoverctl preflight."


def test_one_message_names_all_failures_and_one_all_recoveries() -> None:
    world = set_preflight(ControllerHarness().settle(), make_finding(), make_finding(check="users"))
    assert world.get_latest_message(EventKind.PREFLIGHT_FAILED) == (
        "A failover to us-east-1 may not work now. "
        "tokens-equal: The tokens-equal were looked at.; users: The users were looked at."
    )
    world.wait(60)
    set_preflight(world, make_finding(PASSED), make_finding(PASSED, check="users"))
    assert (
        world.get_latest_message(EventKind.PREFLIGHT_RECOVERED)
        == "Preflight finds us-east-1 ready again: tokens-equal, users passed."
    )
    assert world.notifier.events[-1].at == world.clock.now - world.settings.round_interval_seconds


def test_every_reason_for_unclean_preflight_is_named() -> None:
    preflight = PreflightResult(at=0.0, findings=(make_finding(), make_finding(UNKNOWN, check="users")))
    assert find_preflight_problem(preflight, 60.0) == (
        "The last preflight is not clean. tokens-equal (failed): The tokens-equal were looked at. "
        "users (unknown): The users were looked at."
    )


def test_only_failed_high_severity_checks_are_saved_as_failing() -> None:
    world = set_preflight(
        ControllerHarness().settle(), make_finding(severity=CheckSeverity.MEDIUM), make_finding(check="users")
    )
    assert world.state.preflight
    assert world.state.preflight.failing_checks == ("users",)


def test_result_not_newer_than_stored_one_is_ignored() -> None:
    world = set_preflight(ControllerHarness().settle(), make_finding())
    before = world.state
    assert before.preflight
    context = RoundContext(settings=world.settings, consensus=make_consensus(), now=world.clock.now)
    for older in (0.0, 1.0):
        other = PreflightResult(at=before.preflight.at - older, findings=(make_finding(check="users"),))
        assert update_preflight(before, other, context) == Transition(state=before)
