"""The conditions of alarms."""

import pytest

from cognito_failover.common.region import PerRole, RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.consensus import Consensus, RegionConsensus
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.model.move import Move, MoveMode
from cognito_failover.core.model.state import ControllerState, Hold, LatchState, Pause, PendingWeightSync, SavedRecords
from cognito_failover.core.verdict import OUTAGE_VERDICTS, Verdict
from cognito_failover.telemetry import alarm_conditions
from tests.support.controller_harness import DOMAIN_RECORD_NAME, ControllerHarness
from tests.unit.notifications.examples import NOW, make_move, make_settings, make_state

TRIGGERS_COUNT = make_settings(count_trigger_as_sick=True)


def make_consensus(primary: Verdict = Verdict.HEALTHY, standby: Verdict = Verdict.HEALTHY) -> Consensus:
    def make_region_consensus(verdict: Verdict) -> RegionConsensus:
        return RegionConsensus(verdict=verdict, observed_at=NOW, detail="ok")

    return Consensus(
        roles=PerRole(primary=make_region_consensus(primary), standby=make_region_consensus(standby)), is_isolated=False
    )


@pytest.mark.parametrize("verdict", Verdict)
def test_primary_is_sick_by_the_verdicts_that_move_users(verdict: Verdict) -> None:
    consensus, state = make_consensus(primary=verdict), make_state()
    assert alarm_conditions.is_primary_sick(consensus, state, make_settings()) is (verdict in OUTAGE_VERDICTS)
    counts = verdict in {*OUTAGE_VERDICTS, Verdict.TRIGGER}
    assert alarm_conditions.is_primary_sick(consensus, state, TRIGGERS_COUNT) is counts


def test_sick_primary_without_users_is_no_alarm() -> None:
    consensus, away = make_consensus(primary=Verdict.SICK), make_state(active_role=RegionRole.STANDBY)
    assert not alarm_conditions.is_primary_sick(consensus, away, make_settings())
    assert alarm_conditions.is_primary_sick(consensus, None, make_settings()), "where users are is not known"


@pytest.mark.parametrize("verdict", Verdict)
def test_standby_not_ready_excludes_conditions_with_own_alarm(verdict: Verdict) -> None:
    not_ready = verdict in {*OUTAGE_VERDICTS, Verdict.NOT_READY}
    assert alarm_conditions.is_standby_not_ready(make_consensus(standby=verdict), make_settings()) is not_ready
    assert alarm_conditions.is_standby_not_ready(make_consensus(standby=verdict), TRIGGERS_COUNT) is (
        not_ready or verdict is Verdict.TRIGGER
    )


def test_unknown_regions_are_counted() -> None:
    assert alarm_conditions.count_unknown_regions(make_consensus()) == 0
    assert alarm_conditions.count_unknown_regions(make_consensus(Verdict.UNKNOWN, Verdict.UNKNOWN)) == 2


def compute_move_age(move: Move | None, *, ttl_seconds: int = 300) -> float:
    records = SavedRecords(read_at=NOW, ttl_seconds=ttl_seconds)
    return alarm_conditions.compute_move_age_seconds(make_state(move=move, records=records), make_settings(), NOW)


def test_move_age_is_age_of_current_step() -> None:
    assert compute_move_age(None) == 0
    assert compute_move_age(make_move(step_started_at=NOW - 90)) == 90
    assert compute_move_age(make_move(step_started_at=NOW + 1)) == 0


@pytest.mark.parametrize(("confirmed_ago", "expected"), [(10, 60), (300, 60), (500, 260)])
def test_move_age_leaves_out_the_bake_time_of_a_step(confirmed_ago: float, expected: float) -> None:
    confirmed_at = NOW - confirmed_ago
    move = make_move(
        mode=MoveMode.STEPPED,
        steps=MoveMode.STEPPED.steps,
        step_started_at=confirmed_at - 60,
        records_confirmed_at=confirmed_at,
    )
    assert compute_move_age(move) == expected


LATCHES_SET = LatchState(is_thrown=True, set_at=NOW)
LATCHES_UNSET = LatchState(is_thrown=True, problem="S3 answered SlowDown")


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (make_state(), False),
        (make_state(pending_weight_sync=PendingWeightSync()), True),
        (make_state(latches={SteeredName.RECORDS: LATCHES_SET}), False),
        (make_state(latches={SteeredName.RECORDS: LATCHES_SET, SteeredName.DOMAIN: LATCHES_UNSET}), True),
        (make_state(latches={SteeredName.RECORDS: LATCHES_UNSET}, move=make_move()), False),
        (make_state(pending_weight_sync=PendingWeightSync(), move=make_move()), False),
    ],
)
def test_levers_disagree_if_one_has_not_followed_a_finished_move(state: ControllerState, *, expected: bool) -> None:
    assert alarm_conditions.has_lever_disagreement(state) is expected


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (make_state(), False),
        (make_state(records=SavedRecords(read_at=NOW)), False),
        (make_state(records=SavedRecords(read_at=NOW, read_error="Throttling")), True),
        (make_state(latches={SteeredName.RECORDS: LatchState(is_thrown=False, set_at=NOW, problem="SlowDown")}), True),
        (make_state(latches={SteeredName.RECORDS: LATCHES_UNSET}), False),
    ],
)
def test_lever_is_unavailable_once_its_problem_is_reported(state: ControllerState, *, expected: bool) -> None:
    assert alarm_conditions.has_unavailable_lever(state) is expected


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (make_state(records=SavedRecords(read_at=NOW)), False),
        (make_state(hold=Hold(since=NOW, reason="an external change")), True),
        (make_state(records=SavedRecords(read_at=NOW, problem="no records")), True),
    ],
)
def test_hold_or_wrong_records_are_drift(state: ControllerState, *, expected: bool) -> None:
    assert alarm_conditions.has_drift(state) is expected


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (make_state(), False),
        (make_state(is_observe_only=True), True),
        (make_state(pause=Pause(until=NOW + 1, reason="", requested_by="")), True),
        (make_state(pause=Pause(until=NOW, reason="", requested_by="")), False),
    ],
)
def test_automation_is_paused_until_the_pause_ends(state: ControllerState, *, expected: bool) -> None:
    assert alarm_conditions.is_paused(state, NOW) is expected


@pytest.mark.parametrize("ttl_seconds", [60, 300, 3600])
def test_failback_in_steps_never_looks_stuck_whatever_the_ttl(ttl_seconds: int) -> None:
    world = ControllerHarness(weights=(0, 255), latches=tuple(SteeredName))
    pair = world.zone.list_record_sets((DOMAIN_RECORD_NAME,))
    world.zone.set_by_hand(*({**record_set, "TTL": ttl_seconds} for record_set in pair))
    world.settle().request("failback", reason="well again", token="b")
    ages = [0.0]
    while world.state.move:
        world.run(1)
        ages.append(alarm_conditions.compute_move_age_seconds(world.state, world.settings, world.clock.now))
    assert max(ages) <= 120
    assert EventKind.MOVE_DELAYED not in world.event_kinds
