"""A Route 53 health check: checkers around the world, each with its own mind, and the rule by which they agree."""

import heapq
from collections.abc import Iterator

from bench.world.sign_in_attempt import AttemptOutcome, fetch_page
from bench.world.simulated_world import SimulatedWorld
from bench.world.step_function import StepFunction
from cognito_failover.common.region import Instant, RegionRole

CHECKERS = 15
"""How many check an endpoint: "a dozen or so locations" (AWS News Blog, "Route 53 Health Check Improvements"), about 15
by later accounts."""

HEALTHY_CHECKER_THRESHOLD = 0.18
"""An endpoint is healthy if more than this share of the checkers says so (Route 53 Developer Guide, "How Route 53
determines whether a health check is healthy"); so is what follows about seconds."""

CONNECT_TIMEOUT_SECONDS = 4.0
RESPONSE_TIMEOUT_SECONDS = 2.0


def simulate_health_check(
    world: SimulatedWorld, role: RegionRole, *, interval_seconds: float, threshold: int
) -> StepFunction[bool]:
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
    checkers = (_simulate_checker(world, role, who, interval_seconds, threshold) for who in range(CHECKERS))
    healthy_checkers, healthy = CHECKERS, True
    changes: list[tuple[Instant, bool]] = []
    for at, well in heapq.merge(*checkers):
        healthy_checkers += 1 if well else -1
        if (healthy_checkers > HEALTHY_CHECKER_THRESHOLD * CHECKERS) is not healthy:
            healthy = not healthy
            changes.append((at, healthy))
    return StepFunction(True, changes)


def _simulate_checker(
    world: SimulatedWorld, role: RegionRole, checker: int, interval_seconds: float, threshold: int
) -> Iterator[tuple[Instant, bool]]:
    """Give when one checker comes to think the endpoint unhealthy or healthy."""
    region = world.regions[role]
    phase = world.rng.uniform_between(0.0, interval_seconds, f"checker of {role}", checker)
    mind, contrary, look = True, 0, 0
    while (at := phase + look * interval_seconds) < world.end:
        look += 1
        attempt = fetch_page(world, role, at, checker=checker)
        good = (
            attempt.outcome is AttemptOutcome.SIGNED_IN
            and attempt.connect_seconds <= CONNECT_TIMEOUT_SECONDS
            and attempt.answer_seconds <= RESPONSE_TIMEOUT_SECONDS
        )
        contrary = contrary + 1 if good is not mind else 0
        if contrary == threshold:
            mind, contrary = good, 0
            waited = min(attempt.connect_seconds, CONNECT_TIMEOUT_SECONDS) + min(
                attempt.answer_seconds, RESPONSE_TIMEOUT_SECONDS
            )
            yield at + waited, mind
        if not contrary and region.value_at(at).is_deterministic:
            # Nothing new will be seen until the endpoint changes.
            look = max(look, int((min(region.find_next_change(at), world.end) - phase) // interval_seconds))
