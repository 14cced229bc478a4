"""The primary fails: wholly, in part, slowly, again and again."""

from bench.scenarios.scenario import AFTERWARDS_SECONDS, FEW_SEEDS, USUAL_SEEDS, Scenario, onset_of
from bench.world.chance import Chance
from bench.world.health import WELL, Health, Manner
from bench.world.timeline import Timeline, during
from bench.world.world import World
from failover.region import PerSide
from failover.timetext import span

MINUTE, HOUR = 60.0, 3600.0

HARD_SECONDS = 30 * MINUTE
"""How long the hard outages last whose manner is compared."""

LENGTHS_SECONDS = (10.0, 20.0, 30.0, 45.0, MINUTE, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR)
BROWNOUTS = (0.05, 0.10, 0.20, 0.40, 0.60, 0.80)
SURE_SHARE = 0.4
"""From here on chance decides less about when a brownout is seen, so that fewer instances tell as much."""

FLAPPING_PERIODS_SECONDS = (20.0, 40.0, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE)

CREEPING_MINUTES = 20
SLOWEST = 60.0
"""How much slower sign-in gets: the median from 0.2 s to some 11 s."""


def primary_fails(chance: Chance, seconds: float, health: Health) -> World:
    """Return a world in which the primary fails once."""
    onset = onset_of(chance)
    primary = during(WELL, (onset, onset + seconds, health))
    return World(
        chance=chance,
        onset=onset,
        end=onset + seconds + AFTERWARDS_SECONDS,
        regions=PerSide(primary=primary, standby=Timeline(WELL)),
    )


def hard(manner: Manner) -> Scenario:
    """Return the scenario of a hard outage of one manner."""
    health = Health(failing=1.0, manner=manner)
    return Scenario(
        name=f"hard outage: {manner}",
        group="Hard outages of 30 minutes",
        build=lambda chance: primary_fails(chance, HARD_SECONDS, health),
    )


def of_length(seconds: float) -> Scenario:
    """Return the scenario of a hard outage of one length, in any manner."""

    def build(chance: Chance) -> World:
        manner = tuple(Manner)[int(chance.uniform("manner") * len(Manner))]
        return primary_fails(chance, seconds, Health(failing=1.0, manner=manner))

    return Scenario(name=f"outage of {span(seconds)}", group="Hard outages by length", build=build)


def brownout(share: float) -> Scenario:
    """Return the scenario of a share of the sign-ins failing."""
    health = Health(failing=share, manner=Manner.ERRORS)
    return Scenario(
        name=f"brownout of {share:.0%}",
        group="Brownouts of 30 minutes",
        build=lambda chance: primary_fails(chance, HARD_SECONDS, health),
        seeds=USUAL_SEEDS if share < SURE_SHARE else FEW_SEEDS,
    )


def flapping(period_seconds: float) -> Scenario:
    """Return the scenario of a primary that is down for half of each period, for an hour."""
    down = Health(failing=1.0, manner=Manner.REFUSED)

    def build(chance: Chance) -> World:
        onset = onset_of(chance)
        begins = [onset + number * period_seconds for number in range(int(HOUR // period_seconds))]
        primary = during(WELL, *((at, at + period_seconds / 2, down) for at in begins))
        return World(
            chance=chance,
            onset=onset,
            end=onset + HOUR + AFTERWARDS_SECONDS,
            regions=PerSide(primary=primary, standby=Timeline(WELL)),
        )

    return Scenario(
        name=f"flapping, period {span(period_seconds)}", group="Flapping for an hour", build=build, seeds=FEW_SEEDS
    )


def _creeping(chance: Chance) -> World:
    """Return a world in which sign-in gets slower every minute, by the same factor, and then stays slow."""
    onset = onset_of(chance)
    steps = [
        (onset + minute * MINUTE, Health(slowness=SLOWEST ** ((minute + 1) / CREEPING_MINUTES)))
        for minute in range(CREEPING_MINUTES)
    ]
    over = onset + (CREEPING_MINUTES + 20) * MINUTE
    return World(
        chance=chance,
        onset=onset,
        end=over + AFTERWARDS_SECONDS,
        regions=PerSide(primary=Timeline(WELL, [*steps, (over, WELL)]), standby=Timeline(WELL)),
    )


SCENARIOS = (
    *(hard(manner) for manner in Manner),
    *(of_length(seconds) for seconds in LENGTHS_SECONDS),
    *(brownout(share) for share in BROWNOUTS),
    Scenario(name="latency creeping up", group="Latency", build=_creeping, seeds=FEW_SEEDS),
    *(flapping(period) for period in FLAPPING_PERIODS_SECONDS),
)
