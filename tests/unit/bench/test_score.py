import pytest

from bench.score import compute_score, find_major_outages
from bench.simulation_result import SimulatedMove, SimulationResult
from bench.world.region_health import HEALTHY, RegionHealth
from bench.world.step_function import with_episodes
from cognito_failover.common.region import RegionRole
from tests.unit.bench.simulated_worlds import DOWN, ONSET, make_outage, make_world

NO_MOVES = SimulationResult(suspected_at=(), moves=(), answers=((0.0, 0.0),))


def make_result(*moves: tuple[float, RegionRole], automatic: bool = True) -> SimulationResult:
    """Return the result of a policy with these moves. The answers change five seconds after each."""
    return SimulationResult(
        suspected_at=(),
        moves=tuple(SimulatedMove(decided_at=at, destination=to, is_automatic=automatic) for at, to in moves),
        answers=((0.0, 0.0), *((at + 5, float(to is RegionRole.STANDBY)) for at, to in moves)),
    )


def test_move_during_an_outage_is_right() -> None:
    score = compute_score(make_outage(600), make_result((ONSET + 20, RegionRole.STANDBY)))

    assert (score.wrong_moves, score.missed) == (0, 0)
    assert (score.decided, score.authoritative) == (20.0, 25.0)


def test_move_whose_answers_change_after_the_outage_is_wrong() -> None:
    assert compute_score(make_outage(22), make_result((ONSET + 20, RegionRole.STANDBY))).wrong_moves == 1


def test_move_away_from_flapping_primary_is_right() -> None:
    flapping = with_episodes(HEALTHY, *((ONSET + at, ONSET + at + 30, DOWN) for at in range(0, 600, 60)))

    assert compute_score(make_world(flapping), make_result((ONSET + 40, RegionRole.STANDBY))).wrong_moves == 0


def test_move_to_a_standby_that_is_no_better_is_wrong() -> None:
    both = with_episodes(HEALTHY, (ONSET, ONSET + 600, DOWN))

    assert compute_score(make_world(both, both), make_result((ONSET + 20, RegionRole.STANDBY))).wrong_moves == 1


def test_manual_move_is_never_counted_as_wrong() -> None:
    assert compute_score(make_world(), make_result((ONSET, RegionRole.STANDBY), automatic=False)).wrong_moves == 0


def test_failback_is_right_only_to_a_healthy_primary() -> None:
    away_and_back = make_result((ONSET + 20, RegionRole.STANDBY), (ONSET + 400, RegionRole.PRIMARY))

    assert compute_score(make_outage(300), away_and_back).wrong_moves == 0
    assert compute_score(make_outage(600), away_and_back).wrong_moves == 1


def test_move_reversed_within_five_minutes_is_a_flap() -> None:
    assert (
        compute_score(
            make_outage(60), make_result((ONSET + 20, RegionRole.STANDBY), (ONSET + 300, RegionRole.PRIMARY))
        ).flaps
        == 1
    )
    assert (
        compute_score(
            make_outage(60), make_result((ONSET + 20, RegionRole.STANDBY), (ONSET + 330, RegionRole.PRIMARY))
        ).flaps
        == 0
    )


def test_outage_without_move_is_missed() -> None:
    assert compute_score(make_outage(600), NO_MOVES).missed == 1


def test_outage_is_not_missed_if_users_are_already_on_the_standby() -> None:
    assert compute_score(make_outage(600), make_result((ONSET - 300, RegionRole.STANDBY))).missed == 0


@pytest.mark.parametrize(
    ("seconds", "failure_rate", "count"), [(600, 1.0, 1), (600, 0.3, 1), (100, 1.0, 0), (600, 0.1, 0)]
)
def test_outage_is_major_if_it_is_long_and_large_enough(seconds: float, failure_rate: float, count: int) -> None:
    assert len(list(find_major_outages(make_outage(seconds, RegionHealth(failure_rate=failure_rate))))) == count
