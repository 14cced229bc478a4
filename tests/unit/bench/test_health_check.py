from unittest.mock import patch

import pytest

from bench.world.health_check import simulate_health_check
from bench.world.region_health import HEALTHY, FailureMode, RegionHealth
from bench.world.simulated_world import SimulatedWorld
from bench.world.step_function import with_episodes
from cognito_failover.common.region import RegionRole
from tests.unit.bench.simulated_worlds import ONSET, make_outage, make_world


def find_first_unhealthy(world: SimulatedWorld, *, threshold: int, interval_seconds: float = 10.0) -> float | None:
    check = simulate_health_check(world, RegionRole.PRIMARY, interval_seconds=interval_seconds, threshold=threshold)
    return next((at - ONSET for at, healthy in check.iterate_changes() if not healthy), None)


def test_check_with_threshold_1_turns_unhealthy_within_an_interval() -> None:
    seconds = find_first_unhealthy(make_outage(600), threshold=1)

    assert seconds is not None
    assert 0 < seconds <= 10.5


def test_check_with_threshold_3_takes_two_intervals_more() -> None:
    once, thrice = (
        find_first_unhealthy(make_outage(600), threshold=1),
        find_first_unhealthy(make_outage(600), threshold=3),
    )

    assert once is not None
    assert thrice == pytest.approx(once + 20, abs=0.5)


def test_detecting_a_hanging_endpoint_takes_four_seconds_more() -> None:
    refused = find_first_unhealthy(make_outage(600), threshold=1)
    hanging = find_first_unhealthy(
        make_outage(600, RegionHealth(failure_rate=1.0, failure_mode=FailureMode.HANGS_ON_CONNECT)), threshold=1
    )

    assert refused is not None
    assert hanging is not None
    assert hanging - refused > 4


def test_half_brownout_with_threshold_3_stays_healthy() -> None:
    assert find_first_unhealthy(make_outage(1200, RegionHealth(failure_rate=0.5)), threshold=3) is None


def test_check_turns_healthy_within_an_interval_of_the_recovery() -> None:
    check = simulate_health_check(make_outage(600), RegionRole.PRIMARY, interval_seconds=10.0, threshold=1)

    (_, down), (back_at, back) = check.iterate_changes()
    assert not down
    assert back
    assert ONSET + 600 < back_at < ONSET + 600 + 10.5


@pytest.mark.parametrize("threshold", [1, 3])
@pytest.mark.parametrize("seconds", [5, 12, 25, 33, 120])
def test_skipping_redundant_checks_does_not_change_result(threshold: int, seconds: float) -> None:
    world = make_world(
        with_episodes(
            HEALTHY,
            (ONSET, ONSET + seconds, RegionHealth(failure_rate=1.0)),
            (ONSET + 2 * seconds, ONSET + 3 * seconds, RegionHealth(failure_rate=0.7)),
            (
                ONSET + 4 * seconds,
                ONSET + 5 * seconds,
                RegionHealth(failure_rate=1.0, failure_mode=FailureMode.HANGS_LATER),
            ),
        )
    )

    skipping = simulate_health_check(world, RegionRole.PRIMARY, interval_seconds=10.0, threshold=threshold)
    with patch.object(RegionHealth, "is_deterministic", new=False):
        full = simulate_health_check(world, RegionRole.PRIMARY, interval_seconds=10.0, threshold=threshold)

    assert list(skipping.iterate_changes()) == list(full.iterate_changes())
