"""Two days of us-east-1 as AWS published them, with the primary there and with the standby there.

Neither summary names Cognito's share of failing sign-ins: the shares are assumed. Of the hours, the beginnings and
those of Route 53's control plane are checked; the others have not been read again in the summaries' own text.
"""

from bench.scenarios.outages import HOUR, MINUTE
from bench.scenarios.scenario import AFTERWARDS_SECONDS, Scenario, onset_of
from bench.world.chance import Chance
from bench.world.health import WELL, Health, Manner
from bench.world.timeline import Timeline, during
from bench.world.world import ControlPlane, World
from failover.region import PerSide

type Episode = tuple[float, float, Health]

OCTOBER_2025: tuple[Episode, ...] = (
    (0.0, 88 * MINUTE, Health(failing=0.8, manner=Manner.ERRORS)),
    (520 * MINUTE, 608 * MINUTE, Health(failing=0.2, manner=Manner.ERRORS)),
)
"""Hours of the STS errors, 19 October 23:51 to 01:19 and 08:31 to 09:59 PDT, as the nearest thing to sign-in that the
summary gives hours for (aws.amazon.com/message/101925). It reports no trouble of Route 53's control plane."""

DECEMBER_2021: tuple[Episode, ...] = (
    (0.0, 124 * MINUTE, Health(failing=0.6, manner=Manner.HANGS_LATER)),
    (124 * MINUTE, 412 * MINUTE, Health(failing=0.15, manner=Manner.HANGS_LATER)),
)
"""07:30 PST: congestion; improved at 09:34; over at 14:22 (aws.amazon.com/message/12721)."""

DECEMBER_2021_CONTROL_PLANE_SECONDS = 7 * HOUR
"""Route 53 took no changes from 07:30 to 14:30 PST; its answers were not affected (ibidem)."""

_SEEDS = 6
"""They take longest to play."""


def _day(episodes: tuple[Episode, ...], *, primary_there: bool, control_plane_seconds: float) -> Scenario:
    def build(chance: Chance) -> World:
        onset = onset_of(chance)
        there = during(WELL, *((onset + start, onset + end, health) for start, end, health in episodes))
        regions = (
            PerSide(primary=there, standby=Timeline(WELL))
            if primary_there
            else PerSide(primary=Timeline(WELL), standby=there)
        )
        plane = ControlPlane(up=not control_plane_seconds)
        return World(
            chance=chance,
            onset=onset,
            end=onset + episodes[-1][1] + AFTERWARDS_SECONDS,
            regions=regions,
            control_plane=during(ControlPlane(), (onset, onset + control_plane_seconds, plane))
            if control_plane_seconds
            else Timeline(ControlPlane()),
        )

    day = "20 October 2025" if episodes is OCTOBER_2025 else "7 December 2021"
    side = "primary" if primary_there else "standby"
    return Scenario(name=f"{day}, {side} there", group="us-east-1 as published", build=build, seeds=_SEEDS)


SCENARIOS = tuple(
    _day(episodes, primary_there=primary_there, control_plane_seconds=control_plane_seconds)
    for episodes, control_plane_seconds in ((OCTOBER_2025, 0.0), (DECEMBER_2021, DECEMBER_2021_CONTROL_PLANE_SECONDS))
    for primary_there in (True, False)
)
