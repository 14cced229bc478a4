"""Outages of the primary: complete, partial (brownout), by latency, and repeated (flapping)."""

from bench.scenarios.scenario import COOL_OFF_SECONDS, DEFAULT_SEEDS, FEW_SEEDS, BenchScenario, draw_onset
from bench.world.random_source import RandomSource
from bench.world.region_health import HEALTHY, FailureMode, RegionHealth
from bench.world.simulated_world import SimulatedWorld
from bench.world.step_function import StepFunction, with_episodes
from cognito_failover.common.region import PerRole
from cognito_failover.common.text import format_duration

MINUTE, HOUR = 60.0, 3600.0

HARD_OUTAGE_SECONDS = 30 * MINUTE
"""Length of the hard outages that compare failure modes."""

LENGTHS_SECONDS = (10.0, 20.0, 30.0, 45.0, MINUTE, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR)
BROWNOUT_FAILURE_RATES = (0.05, 0.10, 0.20, 0.40, 0.60, 0.80)
FEW_SEEDS_FAILURE_RATE = 0.4
"""From this failure rate on, the time to detect a brownout varies less, so fewer instances are enough."""

FLAPPING_PERIODS_SECONDS = (20.0, 40.0, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE)

LATENCY_RAMP_MINUTES = 20
MAX_LATENCY_FACTOR = 60.0
"""Maximum latency factor: the median grows from 0.2 s to about 11 s."""


def build_primary_outage(rng: RandomSource, seconds: float, health: RegionHealth) -> SimulatedWorld:
    """Return a world in which the primary fails once."""
    onset = draw_onset(rng)
    primary = with_episodes(HEALTHY, (onset, onset + seconds, health))
    return SimulatedWorld(
        rng=rng,
        onset=onset,
        end=onset + seconds + COOL_OFF_SECONDS,
        regions=PerRole(primary=primary, standby=StepFunction(HEALTHY)),
    )


def make_hard_outage(failure_mode: FailureMode) -> BenchScenario:
    """Return the scenario of a hard outage with one failure mode."""
    health = RegionHealth(failure_rate=1.0, failure_mode=failure_mode)
    return BenchScenario(
        name=f"hard outage: {failure_mode}",
        group="Hard outages of 30 minutes",
        build=lambda rng: build_primary_outage(rng, HARD_OUTAGE_SECONDS, health),
    )


def make_outage_of_length(seconds: float) -> BenchScenario:
    """Return the scenario of a hard outage of one length, with a random failure mode."""

    def build(rng: RandomSource) -> SimulatedWorld:
        failure_mode = tuple(FailureMode)[int(rng.uniform("manner") * len(FailureMode))]
        return build_primary_outage(rng, seconds, RegionHealth(failure_rate=1.0, failure_mode=failure_mode))

    return BenchScenario(name=f"outage of {format_duration(seconds)}", group="Hard outages by length", build=build)


def make_brownout(failure_rate: float) -> BenchScenario:
    """Return the scenario of a brownout: a share of the sign-ins fails."""
    health = RegionHealth(failure_rate=failure_rate, failure_mode=FailureMode.ERRORS)
    return BenchScenario(
        name=f"brownout of {failure_rate:.0%}",
        group="Brownouts of 30 minutes",
        build=lambda rng: build_primary_outage(rng, HARD_OUTAGE_SECONDS, health),
        seeds=DEFAULT_SEEDS if failure_rate < FEW_SEEDS_FAILURE_RATE else FEW_SEEDS,
    )


def make_flapping(period_seconds: float) -> BenchScenario:
    """Return the scenario of a primary that is down for half of each period, for an hour."""
    down = RegionHealth(failure_rate=1.0, failure_mode=FailureMode.REFUSED)

    def build(rng: RandomSource) -> SimulatedWorld:
        onset = draw_onset(rng)
        begins = [onset + number * period_seconds for number in range(int(HOUR // period_seconds))]
        primary = with_episodes(HEALTHY, *((at, at + period_seconds / 2, down) for at in begins))
        return SimulatedWorld(
            rng=rng,
            onset=onset,
            end=onset + HOUR + COOL_OFF_SECONDS,
            regions=PerRole(primary=primary, standby=StepFunction(HEALTHY)),
        )

    return BenchScenario(
        name=f"flapping, period {format_duration(period_seconds)}",
        group="Flapping for an hour",
        build=build,
        seeds=FEW_SEEDS,
    )


def _build_latency_ramp(rng: RandomSource) -> SimulatedWorld:
    """Return a world in which the latency grows by the same factor every minute, and then stays high."""
    onset = draw_onset(rng)
    steps = [
        (
            onset + minute * MINUTE,
            RegionHealth(latency_factor=MAX_LATENCY_FACTOR ** ((minute + 1) / LATENCY_RAMP_MINUTES)),
        )
        for minute in range(LATENCY_RAMP_MINUTES)
    ]
    over = onset + (LATENCY_RAMP_MINUTES + 20) * MINUTE
    return SimulatedWorld(
        rng=rng,
        onset=onset,
        end=over + COOL_OFF_SECONDS,
        regions=PerRole(primary=StepFunction(HEALTHY, [*steps, (over, HEALTHY)]), standby=StepFunction(HEALTHY)),
    )


SCENARIOS = (
    *(make_hard_outage(failure_mode) for failure_mode in FailureMode),
    *(make_outage_of_length(seconds) for seconds in LENGTHS_SECONDS),
    *(make_brownout(share) for share in BROWNOUT_FAILURE_RATES),
    BenchScenario(name="latency creeping up", group="Latency", build=_build_latency_ramp, seeds=FEW_SEEDS),
    *(make_flapping(period) for period in FLAPPING_PERIODS_SECONDS),
)
