"""Years without an outage worth a move: short glitches of all kinds, at assumed rates."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.scenarios.scenario import WARM_UP_SECONDS, BenchScenario
from bench.world.random_source import RandomSource
from bench.world.region_health import HEALTHY, FailureMode, RegionHealth
from bench.world.simulated_world import ControlPlaneHealth, SimulatedWorld
from bench.world.step_function import with_episodes
from cognito_failover.common.region import Instant, PerRole

YEAR_SECONDS = 365 * 86_400.0
YEARS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Glitch:
    """A kind of short, independent incident.

    Attributes
    ----------
    per_year
        Mean number per year.
    min_seconds, max_seconds
        Limits of the length, which is uniformly distributed.
    health
        The health of sign-in during the glitch.

    """

    per_year: float
    min_seconds: float
    max_seconds: float
    health: RegionHealth


ORDINARY_GLITCHES = (
    Glitch(
        per_year=24,
        min_seconds=0.5,
        max_seconds=3,
        health=RegionHealth(failure_rate=1.0, failure_mode=FailureMode.REFUSED),
    ),
    Glitch(
        per_year=6, min_seconds=3, max_seconds=9, health=RegionHealth(failure_rate=1.0, failure_mode=FailureMode.ERRORS)
    ),
    Glitch(
        per_year=3,
        min_seconds=60,
        max_seconds=600,
        health=RegionHealth(failure_rate=0.03, failure_mode=FailureMode.ERRORS),
    ),
    Glitch(per_year=2, min_seconds=60, max_seconds=300, health=RegionHealth(latency_factor=4.0)),
    Glitch(per_year=1, min_seconds=60, max_seconds=600, health=RegionHealth(throttle_rate=0.2)),
)
"""Glitches of each Region. None is long enough, or loses enough sign-ins, to be worth a move."""

FREQUENT_GLITCHES = (
    Glitch(
        per_year=60,
        min_seconds=0.5,
        max_seconds=3,
        health=RegionHealth(failure_rate=1.0, failure_mode=FailureMode.REFUSED),
    ),
    Glitch(
        per_year=24,
        min_seconds=3,
        max_seconds=12,
        health=RegionHealth(failure_rate=1.0, failure_mode=FailureMode.ERRORS),
    ),
    Glitch(
        per_year=6,
        min_seconds=10,
        max_seconds=20,
        health=RegionHealth(failure_rate=1.0, failure_mode=FailureMode.HANGS_LATER),
    ),
    Glitch(
        per_year=6,
        min_seconds=60,
        max_seconds=600,
        health=RegionHealth(failure_rate=0.05, failure_mode=FailureMode.ERRORS),
    ),
    Glitch(per_year=3, min_seconds=60, max_seconds=300, health=RegionHealth(latency_factor=4.0)),
    Glitch(per_year=2, min_seconds=60, max_seconds=600, health=RegionHealth(throttle_rate=0.2)),
)
"""More frequent glitches, up to a length at which a quick decision cannot distinguish a glitch from an outage."""

OBSERVER_ISOLATIONS = Glitch(per_year=12, min_seconds=5, max_seconds=90, health=HEALTHY)
CANARY_FAILURES = Glitch(per_year=2, min_seconds=120, max_seconds=1800, health=HEALTHY)
CONTROL_PLANE_OUTAGES = Glitch(per_year=2, min_seconds=600, max_seconds=3600, health=HEALTHY)

MIN_GAP_SECONDS = 60.0
"""Minimum time between two glitches of one Region. Closer glitches would be one larger incident."""


def _build_year(rng: RandomSource, glitches: tuple[Glitch, ...]) -> SimulatedWorld:
    """Return a year with glitches of these kinds."""

    def draw_episodes(label: str, *glitches: Glitch) -> tuple[tuple[Instant, Instant, Glitch], ...]:
        drawn = sorted(
            (at, at + seconds, number)
            for number, glitch in enumerate(glitches)
            for at, seconds in _draw_episodes(rng, f"{label} {number}", glitch)
        )
        kept: list[tuple[Instant, Instant, Glitch]] = []
        for start, end, number in drawn:
            if not kept or start >= kept[-1][1] + MIN_GAP_SECONDS:
                kept.append((start, end, glitches[number]))
        return tuple(kept)

    def build_region(role: str) -> tuple[tuple[Instant, Instant, RegionHealth], ...]:
        return tuple((start, end, glitch.health) for start, end, glitch in draw_episodes(role, *glitches))

    isolated = [(start, end, False) for start, end, _ in draw_episodes("observer", OBSERVER_ISOLATIONS)]
    refused = [(start, end, False) for start, end, _ in draw_episodes("canary", CANARY_FAILURES)]
    plane = [
        (start, end, ControlPlaneHealth(is_available=False))
        for start, end, _ in draw_episodes("plane", CONTROL_PLANE_OUTAGES)
    ]
    return SimulatedWorld(
        rng=rng,
        onset=0.0,
        end=YEAR_SECONDS,
        regions=PerRole(
            primary=with_episodes(HEALTHY, *build_region("primary")),
            standby=with_episodes(HEALTHY, *build_region("standby")),
        ),
        control_plane=with_episodes(ControlPlaneHealth(), *plane),
        observer_online=with_episodes(True, *isolated),
        canary_accepted=with_episodes(True, *refused),
    )


def _draw_episodes(rng: RandomSource, label: str, glitch: Glitch) -> Iterator[tuple[Instant, float]]:
    at, number = WARM_UP_SECONDS, 0
    while True:
        at += rng.exponential(YEAR_SECONDS / glitch.per_year, label, number)
        if at > YEAR_SECONDS - glitch.max_seconds:
            return
        yield at, rng.uniform_between(glitch.min_seconds, glitch.max_seconds, f"{label} length", number)
        number += 1


def _make_scenario(name: str, glitches: tuple[Glitch, ...]) -> BenchScenario:
    return BenchScenario(
        name=name, group="Ten years of weather", build=lambda rng: _build_year(rng, glitches), seeds=YEARS
    )


SCENARIOS = (
    _make_scenario("a year of weather", ORDINARY_GLITCHES),
    _make_scenario("a year of rough weather", FREQUENT_GLITCHES),
)
