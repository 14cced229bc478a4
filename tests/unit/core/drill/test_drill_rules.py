"""The rules of a drill at their exact limits, and their reasons."""

from dataclasses import replace
from typing import Any

import pytest

from cognito_failover.common.region import PerRole, RegionRole, route_all_to
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.consensus import Consensus
from cognito_failover.core.drill.plan import list_active_levers
from cognito_failover.core.drill.rules import explain_unknown_preflight, find_drill_violations
from cognito_failover.core.failure_detector import Suspicion
from cognito_failover.core.model.move import LeverName
from cognito_failover.core.model.state import Hold, LatchState, PendingWeightSync, PreflightSummary, VerdictStreak
from cognito_failover.core.preflight_result import CheckOutcome, CheckSeverity, PreflightFinding, PreflightResult
from cognito_failover.core.rules import MoveProposal
from cognito_failover.settings.controller import Settings
from tests.support.controller_harness import ControllerHarness
from tests.support.drill_fixtures import (
    HEALTHY,
    MOVING_OUT,
    NOW,
    SETTINGS,
    SICK,
    UNKNOWN,
    make_consensus,
    make_context,
    make_drill,
    make_state,
    make_streak,
)
from tests.support.memory_latch import LATCH_DNS_WATCH
from tests.support.settings import COGNITO_DOMAIN_ONLY, make_settings


def list_drill_blockers(known: Consensus | None = None, policy: Settings = SETTINGS, **changes: Any) -> dict[str, str]:
    """Return the reasons of the violated rules by name, for a state without other problems."""
    proposal = make_drill_proposal(known, policy, **changes)
    return {str(violation.rule): violation.message for violation in find_drill_violations(proposal)}


def make_drill_proposal(known: Consensus | None = None, policy: Settings = SETTINGS, **changes: Any) -> MoveProposal:
    drill = make_drill(stage=MOVING_OUT, move_ids=())
    defaults: dict[str, Any] = {"drill": None, "last_round_at": NOW - 10, "preflight": PreflightSummary(at=NOW - 60)}
    state = replace(make_state(drill), **{**defaults, **changes})
    return MoveProposal(
        state=state,
        context=make_context(known, policy),
        target=RegionRole.STANDBY,
        hold_seconds=drill.hold_seconds,
    )


def test_only_configured_and_attached_levers_take_part() -> None:
    latches = {name: LatchState(is_thrown=False, dns_watch=LATCH_DNS_WATCH) for name in SteeredName}
    calm = replace(make_state(make_drill()), latches={**latches, SteeredName.RECORDS: LatchState(is_thrown=False)})
    assert list_active_levers(calm, SETTINGS) == (LeverName.WEIGHTS, LeverName.DOMAIN_LATCH)
    assert list_active_levers(calm, make_settings(**COGNITO_DOMAIN_ONLY)) == (LeverName.DOMAIN_LATCH,)
    assert list_active_levers(replace(calm, latches={}), SETTINGS) == (LeverName.WEIGHTS,)


def test_normal_state_has_no_blockers() -> None:
    assert list_drill_blockers() == {}


@pytest.mark.parametrize(
    ("state", "silence"),
    [
        ({"last_round_at": NOW - 30}, ""),
        ({"last_round_at": NOW - 30.5}, "30 s"),
        ({"last_round_at": None, "created_at": NOW - 120}, "2 min"),
    ],
)
def test_controller_is_running_within_three_intervals_of_last_round(state: dict[str, Any], silence: str) -> None:
    message = f"The controller's last round was {silence} ago. A drill needs a running controller."
    assert list_drill_blockers(**state).get("controller-running", "") == (message if silence else "")


@pytest.mark.parametrize(
    ("state", "users"),
    [
        ({"active_role": RegionRole.STANDBY}, "ap-northeast-1 255, us-east-1 0"),
        ({"weights": route_all_to(RegionRole.STANDBY)}, "ap-northeast-1 0, us-east-1 255"),
        ({"pending_weight_sync": PendingWeightSync()}, "ap-northeast-1 255, us-east-1 0"),
        (
            {"latches": {SteeredName.RECORDS: LatchState(is_thrown=True, dns_watch=LATCH_DNS_WATCH)}},
            "ap-northeast-1 255, us-east-1 0, the latch of the records set",
        ),
        ({"latches": {SteeredName.RECORDS: LatchState(is_thrown=True)}}, ""),
        ({"latches": {SteeredName.RECORDS: LatchState(is_thrown=False, dns_watch=LATCH_DNS_WATCH)}}, ""),
    ],
)
def test_all_users_must_be_on_primary_by_every_lever(state: dict[str, Any], users: str) -> None:
    message = f"All users must be on ap-northeast-1 by every lever, and they are not: {users}."
    assert list_drill_blockers(**state).get("users-on-primary", "") == (message if users else "")


@pytest.mark.parametrize(
    ("standby", "score", "reason"),
    [
        (make_streak(HEALTHY, 3), 0, ""),
        (make_streak(HEALTHY, 2), 0, "us-east-1 was healthy in 2 rounds in a row; it must be healthy for 3."),
        (make_streak(UNKNOWN, 30), 0, "us-east-1 was unknown in 30 rounds in a row; it must be healthy for 3."),
        (make_streak(HEALTHY, 3), 1, "ap-northeast-1 is suspect."),
    ],
)
def test_both_regions_must_be_healthy_for_suspicion_time_and_unsuspected(
    standby: VerdictStreak, score: int, reason: str
) -> None:
    streaks = PerRole(primary=make_streak(HEALTHY, 3), standby=standby)
    suspicion = Suspicion(role=RegionRole.PRIMARY, score=score)
    assert list_drill_blockers(streaks=streaks, suspicion=suspicion).get("both-regions-healthy", "") == reason


@pytest.mark.parametrize(
    ("ago", "failing", "counts"), [(9_000, True, True), (9_000.5, True, False), (60, False, False)]
)
def test_failed_preflight_blocks_for_two_and_a_half_hours(ago: float, failing: bool, counts: bool) -> None:
    summary = PreflightSummary(at=NOW - ago, failing_checks=("replica-active", "token-keys") if failing else ())
    message = (
        "The preflight of 2027-01-15T05:30:00Z has failed: replica-active, token-keys. "
        "Run failoverctl preflight, which says what to do."
    )
    assert list_drill_blockers(preflight=summary).get("preflight-clean", "") == (message if counts else "")


@pytest.mark.parametrize(
    ("summary", "note"),
    [
        (PreflightSummary(at=NOW - 9_000), ""),
        (PreflightSummary(at=NOW - 9_000.5), "Note: the last preflight was 2 h 30 min ago, which is too old to count."),
        (None, "Note: no preflight result is known yet. The controller reads new results within a minute."),
    ],
)
def test_unknown_or_stale_preflight_is_noted(summary: PreflightSummary | None, note: str) -> None:
    assert explain_unknown_preflight(make_drill_proposal(preflight=summary)) == note


def test_active_drill_and_rules_of_automatic_moves_block() -> None:
    blockers = list_drill_blockers(
        make_consensus(SICK, isolated=True), drill=make_drill(), hold=Hold(since=NOW, reason="edited.")
    )
    assert blockers["one-drill-at-a-time"] == "The drill drill-1 is active; wait for its end, or abort it."
    assert blockers["both-regions-healthy"] == "ap-northeast-1 is not known to be healthy and ready (sick): As seen."
    assert blockers["controller-connected"]
    assert blockers["no-hold"] == "Automation waits for an acknowledgement since 2027-01-15T08:00:00Z: edited."


@pytest.mark.parametrize(
    ("window", "reason"),
    [
        ("Fri 07:00-08:10 UTC", ""),
        ("Fri 07:00-08:09 UTC", ", which ends in 9 min; users would stay on the standby for 10 min."),
        ("Fri 07:00-08:00 UTC", "."),
        ("Thu 07:00-09:00 UTC", "."),
    ],
)
def test_drill_starts_only_in_window_with_enough_time(window: str, reason: str) -> None:
    message = f"Drills are allowed only {window} (parameter DrillWindow){reason}"
    assert list_drill_blockers(policy=make_settings(drill_window=window)).get("drill-window", "") == (
        message if reason else ""
    )


def test_drill_is_judged_by_a_preflight_that_no_round_has_read_yet() -> None:
    world = ControllerHarness().settle()
    failing = PreflightFinding(
        check="replica-active",
        severity=CheckSeverity.HIGH,
        outcome=CheckOutcome.FAILED,
        message="m",
        remedy="r",
    )
    world.memory.save_preflight(PreflightResult(at=world.clock.now, findings=(failing,)))
    request: dict[str, Any] = {"kind": "switchover", "reason": "monthly", "token": "t"}
    assert world.request("drill", **request)["refused_by"] == "preflight-clean"
    world.wait(1).memory.save_preflight(PreflightResult(at=world.clock.now, findings=()))
    assert world.request("drill", **request)["done"]
