"""When clients that choose the Region themselves are sent elsewhere."""

import pytest

from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.move import STEPPED, Move
from cognito_failover.core.model.state import ControllerState, Hold, SavedRecords
from cognito_failover.telemetry.decided_region import find_decided_role
from tests.unit.notifications.examples import NOW, make_move, make_state

AUTOMATION_HOLD = Hold(since=NOW, reason="somebody else changed the records.")


def make_moving_state(of: Move) -> ControllerState:
    return make_state(active_role=of.source, move=of)


def make_failback(**changes: object) -> Move:
    return make_move(source=RegionRole.STANDBY, target=RegionRole.PRIMARY, is_automatic=False, **changes)


@pytest.mark.parametrize("role", RegionRole)
def test_target_is_serving_role_without_move(role: RegionRole) -> None:
    assert find_decided_role(make_state(active_role=role)) is role


def test_cancellable_move_keeps_target() -> None:
    assert (
        find_decided_role(make_moving_state(make_move(first_submitted_at=None, first_in_sync_at=None, progress=None)))
        is RegionRole.PRIMARY
    )


def test_failover_changes_target_when_a_lever_accepted_it() -> None:
    assert find_decided_role(make_moving_state(make_move())) is RegionRole.STANDBY


@pytest.mark.parametrize("done", range(len(STEPPED) - 1))
def test_stepped_failback_keeps_target_until_last_step(done: int) -> None:
    assert find_decided_role(make_moving_state(make_failback(steps=STEPPED[done:]))) is RegionRole.STANDBY


def test_last_failback_step_changes_target() -> None:
    assert find_decided_role(make_moving_state(make_failback(steps=STEPPED[-1:]))) is RegionRole.PRIMARY


def test_rollback_restores_target_immediately() -> None:
    assert find_decided_role(make_moving_state(make_move().with_rollback(NOW))) is RegionRole.PRIMARY


def test_external_edit_during_move_makes_target_unknown_until_read() -> None:
    assert find_decided_role(make_state(hold=AUTOMATION_HOLD, records=None)) is None


def test_target_is_serving_role_after_reading_external_edit() -> None:
    looked = make_state(active_role=RegionRole.STANDBY, hold=AUTOMATION_HOLD, records=SavedRecords(read_at=NOW))
    assert find_decided_role(looked) is RegionRole.STANDBY
