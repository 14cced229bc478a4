"""The decided Region, for clients that choose the Region themselves."""

import pytest

from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.move import Move, MoveMode
from cognito_failover.core.model.state import ControllerState, Hold, SavedRecords
from cognito_failover.telemetry.decided_region import find_decided_role
from tests.unit.notifications.examples import NOW, make_move, make_state

AUTOMATION_HOLD = Hold(since=NOW, reason="an external change")


def make_moving_state(move: Move) -> ControllerState:
    return make_state(active_role=move.source, move=move)


def make_failback(**changes: object) -> Move:
    return make_move(source=RegionRole.STANDBY, target=RegionRole.PRIMARY, is_automatic=False, **changes)


@pytest.mark.parametrize("role", RegionRole)
def test_decided_region_is_the_active_one_without_a_move(role: RegionRole) -> None:
    assert find_decided_role(make_state(active_role=role)) is role


def test_move_that_can_be_cancelled_keeps_the_decided_region() -> None:
    assert (
        find_decided_role(make_moving_state(make_move(first_submitted_at=None, first_in_sync_at=None, progress=None)))
        is RegionRole.PRIMARY
    )


def test_failover_changes_the_decided_region_once_submitted() -> None:
    assert find_decided_role(make_moving_state(make_move())) is RegionRole.STANDBY


@pytest.mark.parametrize("done", range(len(MoveMode.STEPPED.steps) - 1))
def test_stepped_failback_keeps_it_until_the_last_step(done: int) -> None:
    assert (
        find_decided_role(make_moving_state(make_failback(steps=MoveMode.STEPPED.steps[done:]))) is RegionRole.STANDBY
    )


def test_last_step_of_a_failback_changes_it() -> None:
    assert find_decided_role(make_moving_state(make_failback(steps=MoveMode.STEPPED.steps[-1:]))) is RegionRole.PRIMARY


def test_rollback_restores_it_immediately() -> None:
    assert find_decided_role(make_moving_state(make_move().with_rollback(NOW))) is RegionRole.PRIMARY


def test_external_change_during_a_move_makes_it_unknown_until_read() -> None:
    records = SavedRecords(read_at=AUTOMATION_HOLD.since - 1)
    assert find_decided_role(make_state(hold=AUTOMATION_HOLD, records=records)) is None


def test_it_is_the_active_region_after_the_external_change_is_read() -> None:
    state = make_state(active_role=RegionRole.STANDBY, hold=AUTOMATION_HOLD, records=SavedRecords(read_at=NOW))
    assert find_decided_role(state) is RegionRole.STANDBY
