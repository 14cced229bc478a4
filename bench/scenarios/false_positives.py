"""Incidents that look like an outage of the primary, and outages in which the standby cannot help."""

from collections.abc import Callable

from bench.scenarios.outages import HOUR, MINUTE, build_primary_outage
from bench.scenarios.scenario import COOL_OFF_SECONDS, FEW_SEEDS, BenchScenario, draw_onset
from bench.world.random_source import RandomSource
from bench.world.region_health import HEALTHY, FailureMode, RegionHealth, ReplicaState
from bench.world.simulated_world import ControlPlaneHealth, SimulatedWorld
from bench.world.step_function import StepFunction, with_episodes
from cognito_failover.common.region import PerRole

DOWN = RegionHealth(failure_rate=1.0, failure_mode=FailureMode.HANGS_ON_CONNECT)


def _make_times(seconds: float) -> Callable[[RandomSource], tuple[float, float, float]]:
    """Return a function that draws the onset, the end of the incident and the end of the simulation."""

    def draw_times(rng: RandomSource) -> tuple[float, float, float]:
        onset = draw_onset(rng)
        return onset, onset + seconds, onset + seconds + COOL_OFF_SECONDS

    return draw_times


def _build_dual_outage(
    primary: RegionHealth, standby: RegionHealth, seconds: float
) -> Callable[[RandomSource], SimulatedWorld]:
    """Return a builder of worlds in which both Regions have the given health for a while."""

    def build(rng: RandomSource) -> SimulatedWorld:
        onset, over, end = _make_times(seconds)(rng)
        return SimulatedWorld(
            rng=rng,
            onset=onset,
            end=end,
            regions=PerRole(
                primary=with_episodes(HEALTHY, (onset, over, primary)),
                standby=with_episodes(HEALTHY, (onset, over, standby)),
            ),
        )

    return build


def _build_broken_canary(rng: RandomSource) -> SimulatedWorld:
    onset, over, end = _make_times(HOUR)(rng)
    return SimulatedWorld(rng=rng, onset=onset, end=end, canary_accepted=with_episodes(True, (onset, over, False)))


def _build_isolated_observer(rng: RandomSource) -> SimulatedWorld:
    onset, over, end = _make_times(10 * MINUTE)(rng)
    return SimulatedWorld(rng=rng, onset=onset, end=end, observer_online=with_episodes(True, (onset, over, False)))


def _build_broken_path(rng: RandomSource) -> SimulatedWorld:
    onset, over, end = _make_times(10 * MINUTE)(rng)
    return SimulatedWorld(rng=rng, onset=onset, end=end, path_to_primary=with_episodes(True, (onset, over, False)))


def _build_unready_replica(replica_state: ReplicaState) -> Callable[[RandomSource], SimulatedWorld]:
    """Return a builder of worlds whose replica is not ready from the start, long before the primary fails."""

    def build(rng: RandomSource) -> SimulatedWorld:
        onset, over, end = _make_times(30 * MINUTE)(rng)
        return SimulatedWorld(
            rng=rng,
            onset=onset,
            end=end,
            regions=PerRole(
                primary=with_episodes(HEALTHY, (onset, over, DOWN)),
                standby=StepFunction(RegionHealth(replica_state=replica_state)),
            ),
        )

    return build


def _build_replica_outage(rng: RandomSource) -> SimulatedWorld:
    onset, over, end = _make_times(30 * MINUTE)(rng)
    return SimulatedWorld(
        rng=rng,
        onset=onset,
        end=end,
        regions=PerRole(primary=StepFunction(HEALTHY), standby=with_episodes(HEALTHY, (onset, over, DOWN))),
    )


def _build_later_standby_outage(rng: RandomSource) -> SimulatedWorld:
    """Return a world whose standby fails half an hour after the primary's recovery, with users still there."""
    onset = draw_onset(rng)
    standby_from = onset + 60 * MINUTE
    return SimulatedWorld(
        rng=rng,
        onset=onset,
        end=standby_from + 30 * MINUTE + COOL_OFF_SECONDS,
        regions=PerRole(
            primary=with_episodes(HEALTHY, (onset, onset + 30 * MINUTE, DOWN)),
            standby=with_episodes(HEALTHY, (standby_from, standby_from + 30 * MINUTE, DOWN)),
        ),
    )


def _build_control_plane_outage(plane: ControlPlaneHealth) -> Callable[[RandomSource], SimulatedWorld]:
    """Return a builder of worlds whose primary is us-east-1: its outage also affects Route 53's control plane."""

    def build(rng: RandomSource) -> SimulatedWorld:
        world = build_primary_outage(rng, 2 * HOUR, DOWN)
        return SimulatedWorld(
            rng=rng,
            onset=world.onset,
            end=world.end,
            regions=world.regions,
            control_plane=with_episodes(ControlPlaneHealth(), (world.onset, world.onset + 2 * HOUR, plane)),
        )

    return build


def _make_scenario(*, name: str, group: str, build: Callable[[RandomSource], SimulatedWorld]) -> BenchScenario:
    return BenchScenario(name=name, group=group, build=build, seeds=FEW_SEEDS)


_THROTTLE_STORM = RegionHealth(throttle_rate=0.3)
_BROKEN_TRIGGER = RegionHealth(is_trigger_failing=True)

_FALSE_POSITIVES = "Looks like an outage, and isn't"
_UNUSABLE_STANDBY = "The standby is no help"
_CONTROL_PLANE = "Route 53's control plane"

SCENARIOS = (
    _make_scenario(
        name="throttle storm",
        group=_FALSE_POSITIVES,
        build=_build_dual_outage(_THROTTLE_STORM, _THROTTLE_STORM, 20 * MINUTE),
    ),
    _make_scenario(name="canary broken", group=_FALSE_POSITIVES, build=_build_broken_canary),
    _make_scenario(
        name="trigger broken in both",
        group=_FALSE_POSITIVES,
        build=_build_dual_outage(_BROKEN_TRIGGER, _BROKEN_TRIGGER, 30 * MINUTE),
    ),
    _make_scenario(name="observer cut off", group=_FALSE_POSITIVES, build=_build_isolated_observer),
    _make_scenario(name="observer's path to the primary cut", group=_FALSE_POSITIVES, build=_build_broken_path),
    _make_scenario(name="replica down", group=_UNUSABLE_STANDBY, build=_build_replica_outage),
    _make_scenario(
        name="primary down, replica INACTIVE",
        group=_UNUSABLE_STANDBY,
        build=_build_unready_replica(ReplicaState.INACTIVE),
    ),
    _make_scenario(
        name="primary down, replica stale", group=_UNUSABLE_STANDBY, build=_build_unready_replica(ReplicaState.STALE)
    ),
    _make_scenario(name="both down", group=_UNUSABLE_STANDBY, build=_build_dual_outage(DOWN, DOWN, 30 * MINUTE)),
    _make_scenario(name="standby fails after a failover", group=_UNUSABLE_STANDBY, build=_build_later_standby_outage),
    _make_scenario(
        name="control plane down too",
        group=_CONTROL_PLANE,
        build=_build_control_plane_outage(ControlPlaneHealth(is_available=False)),
    ),
    _make_scenario(
        name="control plane throttles 70 %",
        group=_CONTROL_PLANE,
        build=_build_control_plane_outage(ControlPlaneHealth(throttle_rate=0.7)),
    ),
)
