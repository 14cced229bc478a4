from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from bench.policies.controller import (
    DEFAULT_SETTINGS,
    FASTEST_SETTINGS,
    MULTI_OBSERVER_SETTINGS,
    SimulatedController,
    make_settings,
    simulate,
)
from bench.scenarios.all import SCENARIOS_BY_NAME
from bench.world.region_health import HEALTHY, FailureMode, RegionHealth, ReplicaState
from bench.world.simulated_world import ControlPlaneHealth, SimulatedWorld
from bench.world.step_function import StepFunction, with_episodes
from bench.world.users import count_sign_ins
from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.state import ControllerState
from tests.unit.bench.simulated_worlds import DOWN, ONSET, make_outage, make_world


def test_hard_outage_is_decided_within_max_detection_seconds() -> None:
    result = simulate(make_outage(1200))

    (move,) = result.moves
    assert move.destination is RegionRole.STANDBY
    assert 0 < move.decided_at - ONSET <= make_settings(DEFAULT_SETTINGS).max_detection_seconds


def test_answers_change_server_by_server_after_the_decision() -> None:
    result = simulate(make_outage(1200))

    assert [share for _, share in result.answers] == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert result.answers[1][0] > result.moves[0].decided_at


def test_same_seed_gives_same_result() -> None:
    assert simulate(make_outage(1200, seed=3)) == simulate(make_outage(1200, seed=3))


def test_other_seed_gives_other_result() -> None:
    assert simulate(make_outage(1200, seed=3)) != simulate(make_outage(1200, seed=4))


def test_fastest_settings_decide_sooner() -> None:
    default, fastest = simulate(make_outage(1200)).moves[0], simulate(make_outage(1200), FASTEST_SETTINGS).moves[0]

    assert fastest.decided_at < default.decided_at


@pytest.mark.parametrize(
    "world",
    [
        pytest.param(
            lambda: make_world(*2 * (with_episodes(HEALTHY, (ONSET, ONSET + 900, RegionHealth(throttle_rate=0.5))),)),
            id="throttle storm",
        ),
        pytest.param(
            lambda: make_world(canary_accepted=with_episodes(True, (ONSET, ONSET + 900, False))), id="broken canary"
        ),
        pytest.param(
            lambda: make_world(
                *2 * (with_episodes(HEALTHY, (ONSET, ONSET + 900, RegionHealth(is_trigger_failing=True))),)
            ),
            id="broken trigger",
        ),
        pytest.param(
            lambda: make_world(observer_online=with_episodes(True, (ONSET, ONSET + 900, False))), id="observer cut off"
        ),
        pytest.param(lambda: make_world(*2 * (with_episodes(HEALTHY, (ONSET, ONSET + 900, DOWN)),)), id="both down"),
        pytest.param(
            lambda: make_world(
                with_episodes(HEALTHY, (ONSET, ONSET + 900, DOWN)),
                StepFunction(RegionHealth(replica_state=ReplicaState.INACTIVE)),
            ),
            id="replica INACTIVE",
        ),
    ],
)
def test_no_move_when_a_move_would_not_help(world: Callable[[], SimulatedWorld]) -> None:
    assert simulate(world()).moves == ()


def test_control_plane_outage_delays_the_move() -> None:
    down = with_episodes(ControlPlaneHealth(), (ONSET, ONSET + 900, ControlPlaneHealth(is_available=False)))

    result = simulate(make_outage(1800, control_plane=down))

    assert result.moves[0].decided_at < ONSET + 60
    assert ONSET + 900 < result.answers[1][0] < ONSET + 1000


def test_person_fails_back_in_steps_after_an_hour() -> None:
    result = simulate(make_outage(600, end=3 * 3600.0))

    _, back = result.moves
    assert back.destination is RegionRole.PRIMARY
    assert not back.is_automatic
    assert back.decided_at > ONSET + 600 + 3600
    assert result.answers[-1][1] == 0.0
    assert 0.5 in [round(share, 1) for at, share in result.answers if at > back.decided_at]


SKIPPED_WORLDS = [
    pytest.param(lambda: make_outage(40 * 60, end=4 * 3600.0), id="an outage and its failback"),
    pytest.param(
        lambda: make_outage(25, RegionHealth(failure_rate=1.0, failure_mode=FailureMode.HANGS_LATER), end=3 * 3600.0),
        id="a short one",
    ),
    pytest.param(lambda: make_outage(600, RegionHealth(failure_rate=0.3), end=2 * 3600.0), id="a brownout"),
    pytest.param(
        lambda: SCENARIOS_BY_NAME["standby fails after a failover"].build_world(1), id="standby fails after a failover"
    ),
    pytest.param(lambda: SCENARIOS_BY_NAME["observer cut off"].build_world(2), id="observer cut off"),
    pytest.param(lambda: SCENARIOS_BY_NAME["canary broken"].build_world(3), id="canary broken"),
    pytest.param(
        lambda: replace(SCENARIOS_BY_NAME["a year of rough weather"].build_world(116), end=36 * 3600.0), id="rough days"
    ),
]


@pytest.mark.parametrize("world", SKIPPED_WORLDS)
def test_skipping_idle_time_does_not_change_the_result(world: Callable[[], SimulatedWorld]) -> None:
    skipping, full = SimulatedController(world()), SimulatedController(world(), skip_idle=False)

    result, full_result = skipping.simulate(), full.simulate()

    assert result == full_result
    assert count_sign_ins(world(), result.answers) == count_sign_ins(world(), full_result.answers)
    assert without_counters(skipping.state) == without_counters(full.state)


@pytest.mark.parametrize("overrides", [MULTI_OBSERVER_SETTINGS, FASTEST_SETTINGS], ids=["3 observers", "fastest"])
@pytest.mark.parametrize("seconds", [25, 1200], ids=["a glitch", "an outage"])
def test_skipping_idle_time_with_other_settings_and_latch(overrides: Mapping[str, Any], seconds: float) -> None:
    world = make_outage(seconds, end=2 * 3600.0)
    skipping = SimulatedController(world, overrides, has_latch=True)
    full = SimulatedController(world, overrides, has_latch=True, skip_idle=False)

    assert skipping.simulate() == full.simulate()
    assert without_counters(skipping.state) == without_counters(full.state)


def test_idle_time_is_skipped() -> None:
    skipping, full = (
        SimulatedController(make_outage(60, end=86_400.0)),
        SimulatedController(make_outage(60, end=86_400.0), skip_idle=False),
    )

    assert skipping.simulate() == full.simulate()
    assert skipping.round_count < full.round_count / 5


def without_counters(state: ControllerState) -> ControllerState:
    """Return the state without the counters of idle rounds."""
    streaks = state.streaks
    return replace(
        state,
        streaks=type(streaks)(
            primary=replace(streaks.primary, rounds=0, since=0.0), standby=replace(streaks.standby, rounds=0, since=0.0)
        ),
        records=replace(state.records, read_at=0.0) if state.records else None,
        locations={},
        looked_at=None,
    )


def test_result_has_time_of_first_suspicion() -> None:
    result = simulate(make_outage(1200))

    assert ONSET < result.suspected_at[0] < ONSET + 15
