import pytest

from bench.played import Moved, Played
from bench.score import score, worth_moving
from bench.world.health import WELL, Health
from bench.world.timeline import during
from failover.region import Side
from tests.unit.bench.worlds import DOWN, ONSET, outage, world

NOTHING_DONE = Played(suspected=(), moves=(), answers=((0.0, 0.0),))


def moved(*moves: tuple[float, Side], automatic: bool = True) -> Played:
    """Return what a policy did that moved at these moments, with answers five seconds later."""
    return Played(
        suspected=(),
        moves=tuple(Moved(decided_at=at, to=to, automatic=automatic) for at, to in moves),
        answers=((0.0, 0.0), *((at + 5, float(to is Side.STANDBY)) for at, to in moves)),
    )


def test_a_move_away_from_an_outage_is_right() -> None:
    scored = score(outage(600), moved((ONSET + 20, Side.STANDBY)))

    assert (scored.wrong_moves, scored.missed) == (0, 0)
    assert (scored.decided, scored.authoritative) == (20.0, 25.0)


def test_a_move_whose_answers_change_after_the_outage_is_wrong() -> None:
    assert score(outage(22), moved((ONSET + 20, Side.STANDBY))).wrong_moves == 1


def test_a_move_away_from_a_primary_that_comes_and_goes_is_right_even_in_a_moment_when_it_is_up() -> None:
    flapping = during(WELL, *((ONSET + at, ONSET + at + 30, DOWN) for at in range(0, 600, 60)))

    assert score(world(flapping), moved((ONSET + 40, Side.STANDBY))).wrong_moves == 0


def test_a_move_to_a_standby_that_is_no_better_is_wrong() -> None:
    both = during(WELL, (ONSET, ONSET + 600, DOWN))

    assert score(world(both, both), moved((ONSET + 20, Side.STANDBY))).wrong_moves == 1


def test_a_move_by_hand_is_never_held_against_a_policy() -> None:
    assert score(world(), moved((ONSET, Side.STANDBY), automatic=False)).wrong_moves == 0


def test_going_back_to_a_healthy_primary_is_right_and_to_a_sick_one_wrong() -> None:
    away_and_back = moved((ONSET + 20, Side.STANDBY), (ONSET + 400, Side.PRIMARY))

    assert score(outage(300), away_and_back).wrong_moves == 0
    assert score(outage(600), away_and_back).wrong_moves == 1


def test_a_move_taken_back_within_five_minutes_is_a_flap() -> None:
    assert score(outage(60), moved((ONSET + 20, Side.STANDBY), (ONSET + 300, Side.PRIMARY))).flaps == 1
    assert score(outage(60), moved((ONSET + 20, Side.STANDBY), (ONSET + 330, Side.PRIMARY))).flaps == 0


def test_an_outage_during_which_nobody_was_moved_is_missed() -> None:
    assert score(outage(600), NOTHING_DONE).missed == 1


def test_an_outage_is_not_missed_with_users_on_the_standby_already() -> None:
    assert score(outage(600), moved((ONSET - 300, Side.STANDBY))).missed == 0


@pytest.mark.parametrize(("seconds", "failing", "worth"), [(600, 1.0, 1), (600, 0.3, 1), (100, 1.0, 0), (600, 0.1, 0)])
def test_an_outage_is_worth_a_move_if_it_is_long_and_large_enough(seconds: float, failing: float, worth: int) -> None:
    assert len(list(worth_moving(outage(seconds, Health(failing=failing))))) == worth
