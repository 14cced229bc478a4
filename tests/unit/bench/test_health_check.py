from unittest.mock import patch

import pytest

from bench.world.health import WELL, Health, Manner
from bench.world.health_check import health_check
from bench.world.timeline import during
from bench.world.world import World
from failover.region import Side
from tests.unit.bench.worlds import ONSET, outage, world


def first_unhealthy(there: World, *, threshold: int, interval_seconds: float = 10.0) -> float | None:
    check = health_check(there, Side.PRIMARY, interval_seconds=interval_seconds, threshold=threshold)
    return next((at - ONSET for at, healthy in check.changes() if not healthy), None)


def test_a_check_with_threshold_1_turns_within_an_interval() -> None:
    seconds = first_unhealthy(outage(600), threshold=1)

    assert seconds is not None
    assert 0 < seconds <= 10.5


def test_a_check_with_threshold_3_takes_two_intervals_more() -> None:
    once, thrice = first_unhealthy(outage(600), threshold=1), first_unhealthy(outage(600), threshold=3)

    assert once is not None
    assert thrice == pytest.approx(once + 20, abs=0.5)


def test_an_endpoint_that_hangs_takes_four_seconds_more() -> None:
    refused = first_unhealthy(outage(600), threshold=1)
    hanging = first_unhealthy(outage(600, Health(failing=1.0, manner=Manner.HANGS_ON_CONNECT)), threshold=1)

    assert refused is not None
    assert hanging is not None
    assert hanging - refused > 4


def test_a_brownout_of_half_the_requests_is_healthy_with_threshold_3_by_the_rule_of_18_percent() -> None:
    assert first_unhealthy(outage(1200, Health(failing=0.5)), threshold=3) is None


def test_the_same_threshold_brings_the_endpoint_back() -> None:
    check = health_check(outage(600), Side.PRIMARY, interval_seconds=10.0, threshold=1)

    (_, down), (back_at, back) = check.changes()
    assert not down
    assert back
    assert ONSET + 600 < back_at < ONSET + 600 + 10.5


@pytest.mark.parametrize("threshold", [1, 3])
@pytest.mark.parametrize("seconds", [5, 12, 25, 33, 120])
def test_leaving_out_looks_that_tell_nothing_new_changes_nothing(threshold: int, seconds: float) -> None:
    there = world(
        during(
            WELL,
            (ONSET, ONSET + seconds, Health(failing=1.0)),
            (ONSET + 2 * seconds, ONSET + 3 * seconds, Health(failing=0.7)),
            (ONSET + 4 * seconds, ONSET + 5 * seconds, Health(failing=1.0, manner=Manner.HANGS_LATER)),
        )
    )

    skipping = health_check(there, Side.PRIMARY, interval_seconds=10.0, threshold=threshold)
    with patch.object(Health, "certain", new=False):
        looking = health_check(there, Side.PRIMARY, interval_seconds=10.0, threshold=threshold)

    assert list(skipping.changes()) == list(looking.changes())
