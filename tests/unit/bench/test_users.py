import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.world.region_health import HEALTHY, RegionHealth
from bench.world.simulated_world import SIGN_INS_PER_SECOND
from bench.world.step_function import with_episodes
from bench.world.users import RESOLVER_GROUPS, UserDistribution, count_sign_ins, find_time_of_share
from tests.unit.bench.simulated_worlds import ONSET, make_outage, make_world

STEPS_MOVED_AT_1000 = ((0.0, 0.0), (1000.0, 1.0))

make_steps = st.lists(
    st.tuples(st.floats(1, 3500), st.sampled_from([0.0, 0.25, 0.5, 1.0])), max_size=6, unique_by=lambda step: step[0]
).map(lambda changes: ((0.0, 0.0), *sorted(changes)))


def test_resolver_shares_sum_to_one() -> None:
    assert sum(resolvers.share for resolvers in RESOLVER_GROUPS) == pytest.approx(1.0)


def test_users_of_compliant_resolvers_move_within_the_ttl() -> None:
    users = UserDistribution(STEPS_MOVED_AT_1000)

    assert users.compute_standby_share(1000.0) == 0.0
    assert users.compute_standby_share(1030.0) == pytest.approx(0.95 / 2, abs=0.01)
    assert users.compute_standby_share(1060.0) == pytest.approx(0.95, abs=0.01)


def test_users_of_resolvers_that_ignore_the_ttl_take_days() -> None:
    users = UserDistribution(STEPS_MOVED_AT_1000)

    assert users.compute_standby_share(1000.0 + 3600) == pytest.approx(0.98, abs=0.002)
    assert users.compute_standby_share(1000.0 + 3 * 86_400) == pytest.approx(1.0)


def test_time_of_share_matches_the_distribution() -> None:
    at = find_time_of_share(STEPS_MOVED_AT_1000, 0.5, since=900.0, end=3600.0)

    assert at is not None
    assert UserDistribution(STEPS_MOVED_AT_1000).compute_standby_share(at) == pytest.approx(0.5)
    assert find_time_of_share(((0.0, 0.0),), 0.5, since=900.0, end=3600.0) is None


def test_outage_without_move_loses_all_its_sign_ins() -> None:
    assert count_sign_ins(make_outage(600), ((0.0, 0.0),)).lost == pytest.approx(600 * SIGN_INS_PER_SECOND)


def test_immediate_move_loses_only_cached_sign_ins() -> None:
    lost_seconds = count_sign_ins(make_outage(600), ((0.0, 0.0), (ONSET, 1.0))).lost / SIGN_INS_PER_SECOND

    compliant, others = 0.95 * 30, 0.05 * 600
    assert compliant < lost_seconds < compliant + others


@given(make_steps, st.floats(1, 1200), st.floats(0, 1), st.floats(0, 1))
def test_every_attempted_sign_in_succeeds_or_is_lost(
    answers: tuple[tuple[float, float], ...], seconds: float, on_primary: float, on_standby: float
) -> None:
    world = make_world(
        with_episodes(HEALTHY, (ONSET, ONSET + seconds, RegionHealth(failure_rate=on_primary))),
        with_episodes(HEALTHY, (ONSET + 100, ONSET + 700, RegionHealth(failure_rate=on_standby))),
    )

    totals = count_sign_ins(world, answers)

    assert totals.succeeded + totals.lost == pytest.approx(totals.attempted)
    assert totals.lost >= -1e-6
    assert totals.succeeded >= -1e-6
