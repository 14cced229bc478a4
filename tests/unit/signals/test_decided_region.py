"""When clients that choose the Region themselves are sent elsewhere."""

import pytest

from failover.decision.move import IN_STEPS, Move
from failover.decision.state import Hold, State, Surveyed
from failover.region import Side
from failover.signals.decided_region import decided_side
from tests.unit.signals.examples import NOW, move, state

HELD = Hold(since=NOW, reason="somebody else changed the records.")


def moving(of: Move) -> State:
    return state(active=of.source, move=of)


def failback(**changes: object) -> Move:
    return move(source=Side.STANDBY, target=Side.PRIMARY, automatic=False, **changes)


@pytest.mark.parametrize("side", Side)
def test_while_nothing_moves_it_is_the_side_that_serves(side: Side) -> None:
    assert decided_side(state(active=side)) is side


def test_a_move_that_may_still_be_withdrawn_sends_nobody_ahead() -> None:
    assert decided_side(moving(move(first_submitted_at=None, first_in_sync_at=None, progress=None))) is Side.PRIMARY


def test_a_failover_takes_clients_along_as_soon_as_a_lever_has_taken_it() -> None:
    assert decided_side(moving(move())) is Side.STANDBY


@pytest.mark.parametrize("done", range(len(IN_STEPS) - 1))
def test_a_failback_in_steps_leaves_clients_where_they_are_until_its_last_step(done: int) -> None:
    assert decided_side(moving(failback(steps=IN_STEPS[done:]))) is Side.STANDBY


def test_the_last_step_of_a_failback_takes_clients_along() -> None:
    assert decided_side(moving(failback(steps=IN_STEPS[-1:]))) is Side.PRIMARY


def test_a_move_that_goes_back_takes_clients_back_at_once() -> None:
    assert decided_side(moving(move().reverted(NOW))) is Side.PRIMARY


def test_records_that_somebody_changed_during_a_move_say_nothing_before_the_next_look() -> None:
    assert decided_side(state(hold=HELD, surveyed=None)) is None


def test_once_they_have_been_looked_at_it_is_the_side_that_they_were_found_to_serve() -> None:
    looked = state(active=Side.STANDBY, hold=HELD, surveyed=Surveyed(at=NOW))
    assert decided_side(looked) is Side.STANDBY
