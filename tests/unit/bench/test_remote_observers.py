"""Simulated observers in third Regions: their schedule, their observations, and the majority's decision."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from bench.policies.controller import (
    DEFAULT_SETTINGS,
    MULTI_OBSERVER_SETTINGS,
    SimulatedController,
    make_settings,
    simulate,
)
from bench.policies.remote_observers import SharedLedger, SimulatedRemoteObserver
from bench.scenarios.all import SCENARIOS_BY_NAME
from bench.world.region_health import FailureMode, RegionHealth
from bench.world.simulated_world import SimulatedWorld
from bench.world.step_function import with_episodes
from cognito_failover.common.region import RegionRole
from cognito_failover.core.verdict import Verdict
from tests.unit.bench.simulated_worlds import ONSET, make_outage, make_world

SETTINGS = make_settings(MULTI_OBSERVER_SETTINGS)


def make_observer(world: SimulatedWorld) -> SimulatedRemoteObserver:
    return SimulatedRemoteObserver("eu-west-1", settings=SETTINGS, world=world, standby_load=lambda: 0.0)


def test_observer_probes_more_often_when_suspicious() -> None:
    observer = make_observer(make_outage(600))
    observations = [observer.get_latest(ONSET - 30 + second) for second in range(90)]
    moments = sorted({observation.observed_at for observation in observations if observation})
    gaps = [round(after - before) for before, after in pairwise(moments)]
    assert SETTINGS.suspect_interval_seconds in gaps
    assert max(gaps) <= SETTINGS.round_interval_seconds
    assert gaps.index(SETTINGS.suspect_interval_seconds) >= 2, "the short interval starts only after the outage begins"


def test_observation_arrives_only_after_the_probe_ends() -> None:
    observer = make_observer(make_outage(600, RegionHealth(failure_rate=1.0, failure_mode=FailureMode.HANGS_LATER)))
    latest = [(ONSET + tenth / 10, observer.get_latest(ONSET + tenth / 10)) for tenth in range(200)]
    assert all(observation and observation.observed_at <= now for now, observation in latest)
    first_sick_at = next(
        now for now, observation in latest if observation and observation.readings.primary.verdict is Verdict.SICK
    )
    assert first_sick_at >= ONSET + SETTINGS.read_timeout_seconds


def test_remote_observer_is_not_affected_by_broken_path() -> None:
    world = make_world(path_to_primary=with_episodes(True, (ONSET, ONSET + 600, False)))
    latest = make_observer(world).get_latest(ONSET + 30)
    assert latest
    assert (latest.observer, latest.readings.primary.verdict, latest.witness_answered) == (
        "eu-west-1",
        Verdict.HEALTHY,
        True,
    )


def test_isolated_region_receives_no_observation() -> None:
    world = make_world(observer_online=with_episodes(True, (ONSET, ONSET + 600, False)))
    now = ONSET - 1
    ledger = SharedLedger([make_observer(world)], world=world, clock=lambda: now)
    (before,) = ledger.load_observations(["eu-west-1"])
    now = ONSET + 300
    assert ledger.load_observations(["eu-west-1"]) == (before,)
    now = ONSET + 700
    assert ledger.load_observations(["eu-west-1"]) != (before,)


def test_broken_path_moves_users_with_one_observer_not_three() -> None:
    world = make_world(path_to_primary=with_episodes(True, (ONSET, ONSET + 600, False)))
    (move,) = simulate(world, DEFAULT_SETTINGS).moves
    assert move.destination is RegionRole.STANDBY
    assert simulate(world, MULTI_OBSERVER_SETTINGS).moves == ()


def test_three_observers_decide_at_most_one_interval_later() -> None:
    for seed in range(2):
        single, majority = (
            simulate(make_outage(1200, seed=seed), overrides).moves[0]
            for overrides in (DEFAULT_SETTINGS, MULTI_OBSERVER_SETTINGS)
        )
        assert majority.decided_at - single.decided_at <= SETTINGS.round_interval_seconds


SKIPPED_WORLDS = [
    pytest.param(lambda: make_outage(25 * 60, end=3 * 3600.0), id="an outage"),
    pytest.param(
        lambda: SCENARIOS_BY_NAME["hard outage: refused"].build_world(36), id="an outage that one observer sees first"
    ),
]


@pytest.mark.parametrize("world", SKIPPED_WORLDS)
def test_skipping_idle_time_with_observers_changes_nothing(world: Callable[[], SimulatedWorld]) -> None:
    skipping, full = (
        SimulatedController(world(), MULTI_OBSERVER_SETTINGS),
        SimulatedController(world(), MULTI_OBSERVER_SETTINGS, skip_idle=False),
    )
    assert skipping.simulate() == full.simulate()
    assert skipping.round_count < full.round_count
