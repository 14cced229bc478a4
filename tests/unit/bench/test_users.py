import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.world.health import WELL, Health
from bench.world.timeline import during
from bench.world.users import RESOLVERS, Users, reached, sign_ins
from bench.world.world import SIGN_INS_PER_SECOND
from tests.unit.bench.worlds import ONSET, outage, world

MOVED_AT_1000 = ((0.0, 0.0), (1000.0, 1.0))

steps = st.lists(
    st.tuples(st.floats(1, 3500), st.sampled_from([0.0, 0.25, 0.5, 1.0])), max_size=6, unique_by=lambda step: step[0]
).map(lambda changes: ((0.0, 0.0), *sorted(changes)))


def test_the_shares_of_the_resolvers_make_up_everybody() -> None:
    assert sum(resolvers.share for resolvers in RESOLVERS) == pytest.approx(1.0)


def test_users_behind_resolvers_that_honour_the_ttl_have_all_moved_after_it() -> None:
    users = Users(MOVED_AT_1000)

    assert users.standby_share(1000.0) == 0.0
    assert users.standby_share(1030.0) == pytest.approx(0.95 / 2, abs=0.01)
    assert users.standby_share(1060.0) == pytest.approx(0.95, abs=0.01)


def test_users_behind_stubborn_resolvers_take_days() -> None:
    users = Users(MOVED_AT_1000)

    assert users.standby_share(1000.0 + 3600) == pytest.approx(0.98, abs=0.002)
    assert users.standby_share(1000.0 + 3 * 86_400) == pytest.approx(1.0)


def test_a_share_of_the_users_is_reached_when_it_is() -> None:
    at = reached(MOVED_AT_1000, 0.5, since=900.0, end=3600.0)

    assert at is not None
    assert Users(MOVED_AT_1000).standby_share(at) == pytest.approx(0.5)
    assert reached(((0.0, 0.0),), 0.5, since=900.0, end=3600.0) is None


def test_with_nobody_moved_an_outage_costs_all_of_its_sign_ins() -> None:
    assert sign_ins(outage(600), ((0.0, 0.0),)).lost == pytest.approx(600 * SIGN_INS_PER_SECOND)


def test_after_a_perfect_move_an_outage_costs_what_caches_still_hold() -> None:
    lost_seconds = sign_ins(outage(600), ((0.0, 0.0), (ONSET, 1.0))).lost / SIGN_INS_PER_SECOND

    honouring, the_rest = 0.95 * 30, 0.05 * 600
    assert honouring < lost_seconds < honouring + the_rest


@given(steps, st.floats(1, 1200), st.floats(0, 1), st.floats(0, 1))
def test_every_sign_in_that_is_tried_succeeds_or_is_lost(
    answers: tuple[tuple[float, float], ...], seconds: float, on_primary: float, on_standby: float
) -> None:
    there = world(
        during(WELL, (ONSET, ONSET + seconds, Health(failing=on_primary))),
        during(WELL, (ONSET + 100, ONSET + 700, Health(failing=on_standby))),
    )

    counted = sign_ins(there, answers)

    assert counted.succeeded + counted.lost == pytest.approx(counted.attempted)
    assert counted.lost >= -1e-6
    assert counted.succeeded >= -1e-6
