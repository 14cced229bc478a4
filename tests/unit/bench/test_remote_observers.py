"""Further observers in the simulation: what each sees, when it is known, and what a majority makes of it."""

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


def make_observer(there: SimulatedWorld) -> SimulatedRemoteObserver:
    return SimulatedRemoteObserver("eu-west-1", settings=SETTINGS, world=there, standby_load=lambda: 0.0)


def test_observer_probes_more_often_when_suspicious() -> None:
    looker = make_observer(make_outage(600))
    seen = [looker.get_latest(ONSET - 30 + second) for second in range(90)]
    moments = sorted({each.observed_at for each in seen if each})
    gaps = [round(after - before) for before, after in pairwise(moments)]
    assert SETTINGS.suspect_interval_seconds in gaps
    assert max(gaps) <= SETTINGS.round_interval_seconds
    assert gaps.index(SETTINGS.suspect_interval_seconds) >= 2, "not before the outage"


def test_observation_arrives_only_after_the_probe_ends() -> None:
    looker = make_observer(make_outage(600, RegionHealth(failure_rate=1.0, failure_mode=FailureMode.HANGS_LATER)))
    known = [(ONSET + tenth / 10, looker.get_latest(ONSET + tenth / 10)) for tenth in range(200)]
    assert all(each and each.observed_at <= asked_at for asked_at, each in known)
    first_sick_at = next(at for at, each in known if each and each.readings.primary.verdict is Verdict.SICK)
    assert first_sick_at >= ONSET + SETTINGS.read_timeout_seconds


def test_remote_observer_is_not_affected_by_broken_path() -> None:
    there = make_world(path_to_primary=with_episodes(True, (ONSET, ONSET + 600, False)))
    seen = make_observer(there).get_latest(ONSET + 30)
    assert seen
    assert (seen.observer, seen.readings.primary.verdict, seen.witness_answered) == (
        "eu-west-1",
        Verdict.HEALTHY,
        True,
    )


def test_isolated_region_receives_no_observation() -> None:
    there = make_world(observer_online=with_episodes(True, (ONSET, ONSET + 600, False)))
    now = ONSET - 1
    ledger = SharedLedger([make_observer(there)], world=there, clock=lambda: now)
    (before,) = ledger.load_observations(["eu-west-1"])
    now = ONSET + 300
    assert ledger.load_observations(["eu-west-1"]) == (before,)
    now = ONSET + 700
    assert ledger.load_observations(["eu-west-1"]) != (before,)


def test_broken_path_moves_users_with_one_observer_not_three() -> None:
    there = make_world(path_to_primary=with_episodes(True, (ONSET, ONSET + 600, False)))
    (move,) = simulate(there, DEFAULT_SETTINGS).moves
    assert move.destination is RegionRole.STANDBY
    assert simulate(there, MULTI_OBSERVER_SETTINGS).moves == ()


def test_three_observers_decide_at_most_one_interval_later() -> None:
    for seed in range(2):
        alone, together = (
            simulate(make_outage(1200, seed=seed), changes).moves[0]
            for changes in (DEFAULT_SETTINGS, MULTI_OBSERVER_SETTINGS)
        )
        assert together.decided_at - alone.decided_at <= SETTINGS.round_interval_seconds


SKIPPED_WORLDS = [
    pytest.param(lambda: make_outage(25 * 60, end=3 * 3600.0), id="an outage"),
    pytest.param(
        lambda: SCENARIOS_BY_NAME["hard outage: refused"].build_world(36), id="one that one observer sees first"
    ),
]


@pytest.mark.parametrize("there", SKIPPED_WORLDS)
def test_skipping_idle_time_with_observers_changes_nothing(there: Callable[[], SimulatedWorld]) -> None:
    skipping, watching = (
        SimulatedController(there(), MULTI_OBSERVER_SETTINGS),
        SimulatedController(there(), MULTI_OBSERVER_SETTINGS, skip_idle=False),
    )
    assert skipping.simulate() == watching.simulate()
    assert skipping.round_count < watching.round_count
