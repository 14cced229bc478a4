"""Years in which nothing worth moving for happens: short glitches of all kinds, at rates that are assumed."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.scenarios.scenario import SETTLING_SECONDS, Scenario
from bench.world.chance import Chance
from bench.world.health import WELL, Health, Manner
from bench.world.timeline import during
from bench.world.world import ControlPlane, World
from failover.region import Instant, PerSide

YEAR_SECONDS = 365 * 86_400.0
YEARS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Glitch:
    """Something short that comes by itself.

    Attributes
    ----------
    a_year
        How often.
    shortest_seconds, longest_seconds
        How long, evenly between.
    health
        How sign-in does meanwhile.

    """

    a_year: float
    shortest_seconds: float
    longest_seconds: float
    health: Health


REGIONAL = (
    Glitch(a_year=24, shortest_seconds=0.5, longest_seconds=3, health=Health(failing=1.0, manner=Manner.REFUSED)),
    Glitch(a_year=6, shortest_seconds=3, longest_seconds=9, health=Health(failing=1.0, manner=Manner.ERRORS)),
    Glitch(a_year=3, shortest_seconds=60, longest_seconds=600, health=Health(failing=0.03, manner=Manner.ERRORS)),
    Glitch(a_year=2, shortest_seconds=60, longest_seconds=300, health=Health(slowness=4.0)),
    Glitch(a_year=1, shortest_seconds=60, longest_seconds=600, health=Health(throttled=0.2)),
)
"""For each Region. None lasts long enough for a move to help anybody, or takes enough sign-ins to be worth one."""

ROUGH = (
    Glitch(a_year=60, shortest_seconds=0.5, longest_seconds=3, health=Health(failing=1.0, manner=Manner.REFUSED)),
    Glitch(a_year=24, shortest_seconds=3, longest_seconds=12, health=Health(failing=1.0, manner=Manner.ERRORS)),
    Glitch(a_year=6, shortest_seconds=10, longest_seconds=20, health=Health(failing=1.0, manner=Manner.HANGS_LATER)),
    Glitch(a_year=6, shortest_seconds=60, longest_seconds=600, health=Health(failing=0.05, manner=Manner.ERRORS)),
    Glitch(a_year=3, shortest_seconds=60, longest_seconds=300, health=Health(slowness=4.0)),
    Glitch(a_year=2, shortest_seconds=60, longest_seconds=600, health=Health(throttled=0.2)),
)
"""The same, more often, and up to the length at which a quick decision can't tell a glitch from an outage any more."""

OBSERVER_CUTS = Glitch(a_year=12, shortest_seconds=5, longest_seconds=90, health=WELL)
CANARY_BREAKS = Glitch(a_year=2, shortest_seconds=120, longest_seconds=1800, health=WELL)
CONTROL_PLANE_OUTAGES = Glitch(a_year=2, shortest_seconds=600, longest_seconds=3600, health=WELL)

GAP_SECONDS = 60.0
"""Between two glitches of one Region: closer together they would be one worse thing."""


def _year(chance: Chance, regional: tuple[Glitch, ...]) -> World:
    """Return a year with glitches of these kinds."""

    def moments(label: str, *glitches: Glitch) -> tuple[tuple[Instant, Instant, Glitch], ...]:
        drawn = sorted(
            (at, at + seconds, number)
            for number, glitch in enumerate(glitches)
            for at, seconds in _episodes(chance, f"{label} {number}", glitch)
        )
        kept: list[tuple[Instant, Instant, Glitch]] = []
        for start, end, number in drawn:
            if not kept or start >= kept[-1][1] + GAP_SECONDS:
                kept.append((start, end, glitches[number]))
        return tuple(kept)

    def region(side: str) -> tuple[tuple[Instant, Instant, Health], ...]:
        return tuple((start, end, glitch.health) for start, end, glitch in moments(side, *regional))

    off = [(start, end, False) for start, end, _ in moments("observer", OBSERVER_CUTS)]
    refused = [(start, end, False) for start, end, _ in moments("canary", CANARY_BREAKS)]
    plane = [(start, end, ControlPlane(up=False)) for start, end, _ in moments("plane", CONTROL_PLANE_OUTAGES)]
    return World(
        chance=chance,
        onset=0.0,
        end=YEAR_SECONDS,
        regions=PerSide(primary=during(WELL, *region("primary")), standby=during(WELL, *region("standby"))),
        control_plane=during(ControlPlane(), *plane),
        observer_online=during(True, *off),
        canary_accepted=during(True, *refused),
    )


def _episodes(chance: Chance, label: str, glitch: Glitch) -> Iterator[tuple[Instant, float]]:
    at, number = SETTLING_SECONDS, 0
    while True:
        at += chance.exponential(YEAR_SECONDS / glitch.a_year, label, number)
        if at > YEAR_SECONDS - glitch.longest_seconds:
            return
        yield at, chance.between(glitch.shortest_seconds, glitch.longest_seconds, f"{label} length", number)
        number += 1


def _scenario(name: str, regional: tuple[Glitch, ...]) -> Scenario:
    return Scenario(name=name, group="Ten years of weather", build=lambda chance: _year(chance, regional), seeds=YEARS)


SCENARIOS = (_scenario("a year of weather", REGIONAL), _scenario("a year of rough weather", ROUGH))
