"""Two outages of us-east-1 as AWS published them, each with the primary there and with the standby there.

The shares of failed sign-ins are assumed: neither summary names a figure for Cognito. The start times and the hours of
Route 53's control plane are checked against the summaries. The other hours are not checked.
"""

from bench.scenarios.outages import HOUR, MINUTE
from bench.scenarios.scenario import COOL_OFF_SECONDS, BenchScenario, draw_onset
from bench.world.random_source import RandomSource
from bench.world.region_health import HEALTHY, FailureMode, RegionHealth
from bench.world.simulated_world import ControlPlaneHealth, SimulatedWorld
from bench.world.step_function import StepFunction, with_episodes
from cognito_failover.common.region import PerRole

type HealthEpisode = tuple[float, float, RegionHealth]

OCTOBER_2025: tuple[HealthEpisode, ...] = (
    (0.0, 88 * MINUTE, RegionHealth(failure_rate=0.8, failure_mode=FailureMode.ERRORS)),
    (520 * MINUTE, 608 * MINUTE, RegionHealth(failure_rate=0.2, failure_mode=FailureMode.ERRORS)),
)
"""The hours of the STS errors, 19 October 23:51 to 01:19 and 08:31 to 09:59 PDT (aws.amazon.com/message/101925). STS is
the service closest to sign-in with published hours. The summary reports no problem of Route 53's control plane."""

DECEMBER_2021: tuple[HealthEpisode, ...] = (
    (0.0, 124 * MINUTE, RegionHealth(failure_rate=0.6, failure_mode=FailureMode.HANGS_LATER)),
    (124 * MINUTE, 412 * MINUTE, RegionHealth(failure_rate=0.15, failure_mode=FailureMode.HANGS_LATER)),
)
"""07:30 PST: congestion; improved at 09:34; over at 14:22 (aws.amazon.com/message/12721)."""

DECEMBER_2021_CONTROL_PLANE_SECONDS = 7 * HOUR
"""Route 53 accepted no changes from 07:30 to 14:30 PST. Its answers were not affected (same source)."""

_SEEDS = 6
"""These scenarios take the longest to simulate."""


def _make_scenario(
    episodes: tuple[HealthEpisode, ...], *, is_primary: bool, control_plane_seconds: float
) -> BenchScenario:
    def build(rng: RandomSource) -> SimulatedWorld:
        onset = draw_onset(rng)
        us_east_1 = with_episodes(HEALTHY, *((onset + start, onset + end, health) for start, end, health in episodes))
        regions = (
            PerRole(primary=us_east_1, standby=StepFunction(HEALTHY))
            if is_primary
            else PerRole(primary=StepFunction(HEALTHY), standby=us_east_1)
        )
        plane = ControlPlaneHealth(is_available=not control_plane_seconds)
        return SimulatedWorld(
            rng=rng,
            onset=onset,
            end=onset + episodes[-1][1] + COOL_OFF_SECONDS,
            regions=regions,
            control_plane=with_episodes(ControlPlaneHealth(), (onset, onset + control_plane_seconds, plane))
            if control_plane_seconds
            else StepFunction(ControlPlaneHealth()),
        )

    day = "20 October 2025" if episodes is OCTOBER_2025 else "7 December 2021"
    role = "primary" if is_primary else "standby"
    return BenchScenario(name=f"{day}, {role} there", group="us-east-1 as published", build=build, seeds=_SEEDS)


SCENARIOS = tuple(
    _make_scenario(episodes, is_primary=is_primary, control_plane_seconds=control_plane_seconds)
    for episodes, control_plane_seconds in ((OCTOBER_2025, 0.0), (DECEMBER_2021, DECEMBER_2021_CONTROL_PLANE_SECONDS))
    for is_primary in (True, False)
)
