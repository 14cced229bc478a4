"""A Route 53 health check: checkers around the world, each with its own mind, and the rule by which they agree."""

import heapq
from collections.abc import Iterator

from bench.world.attempt import Outcome, fetch
from bench.world.timeline import Timeline
from bench.world.world import World
from failover.region import Instant, Side

CHECKERS = 15
"""How many check an endpoint: "a dozen or so locations" (AWS News Blog, "Route 53 Health Check Improvements"), about 15
by later accounts."""

HEALTHY_SHARE = 0.18
"""An endpoint is healthy if more than this share of the checkers says so (Route 53 Developer Guide, "How Route 53
determines whether a health check is healthy"); so is what follows about seconds."""

CONNECT_SECONDS = 4.0
ANSWER_SECONDS = 2.0


def health_check(world: World, side: Side, *, interval_seconds: float, threshold: int) -> Timeline[bool]:
    """Return when the check of a side's target is healthy.

    Parameters
    ----------
    world
        What is true.
    side
        Whose target is checked.
    interval_seconds
        Between two looks of one checker: 10 or 30.
    threshold
        So many looks in a row change a checker's mind, either way.

    """
    checkers = (_changes_of_mind(world, side, who, interval_seconds, threshold) for who in range(CHECKERS))
    healthy_checkers, healthy = CHECKERS, True
    changes: list[tuple[Instant, bool]] = []
    for at, well in heapq.merge(*checkers):
        healthy_checkers += 1 if well else -1
        if (healthy_checkers > HEALTHY_SHARE * CHECKERS) is not healthy:
            healthy = not healthy
            changes.append((at, healthy))
    return Timeline(True, changes)


def _changes_of_mind(
    world: World, side: Side, who: int, interval_seconds: float, threshold: int
) -> Iterator[tuple[Instant, bool]]:
    """Give when one checker comes to think the endpoint unhealthy or healthy."""
    region = world.regions[side]
    phase = world.chance.between(0.0, interval_seconds, f"checker of {side}", who)
    mind, contrary, look = True, 0, 0
    while (at := phase + look * interval_seconds) < world.end:
        look += 1
        attempt = fetch(world, side, at, who=who)
        good = (
            attempt.outcome is Outcome.SIGNED_IN
            and attempt.connect_seconds <= CONNECT_SECONDS
            and attempt.answer_seconds <= ANSWER_SECONDS
        )
        contrary = contrary + 1 if good is not mind else 0
        if contrary == threshold:
            mind, contrary = good, 0
            waited = min(attempt.connect_seconds, CONNECT_SECONDS) + min(attempt.answer_seconds, ANSWER_SECONDS)
            yield at + waited, mind
        if not contrary and region.at(at).certain:
            # Nothing new will be seen until the endpoint changes.
            look = max(look, int((min(region.next_change(at), world.end) - phase) // interval_seconds))
