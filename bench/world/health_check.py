"""Simulates a Route 53 health check: independent checkers around the world, and the share that decides."""

import heapq
from collections.abc import Iterator

from bench.world.sign_in_attempt import AttemptOutcome, fetch_page
from bench.world.simulated_world import SimulatedWorld
from bench.world.step_function import StepFunction
from cognito_failover.common.region import Instant, RegionRole

CHECKERS = 15
"""Number of checkers of an endpoint: "a dozen or so locations" (AWS News Blog, "Route 53 Health Check Improvements"),
about 15 in later reports."""

HEALTHY_CHECKER_THRESHOLD = 0.18
"""An endpoint is healthy if more than this share of the checkers report it as healthy (Route 53 Developer Guide, "How
Route 53 determines whether a health check is healthy"; also the source of the timeouts below)."""

CONNECT_TIMEOUT_SECONDS = 4.0
RESPONSE_TIMEOUT_SECONDS = 2.0


def simulate_health_check(
    world: SimulatedWorld, role: RegionRole, *, interval_seconds: float, threshold: int
) -> StepFunction[bool]:
    """Return whether the health check of a Region's target is healthy, over time.

    Parameters
    ----------
    world
        The simulated world.
    role
        The role of the Region whose target is checked.
    interval_seconds
        Seconds between two checks of one checker: 10 or 30.
    threshold
        Number of consecutive contrary results that change a checker's status, in both directions.

    """
    checkers = (_simulate_checker(world, role, number, interval_seconds, threshold) for number in range(CHECKERS))
    healthy_checkers, healthy = CHECKERS, True
    changes: list[tuple[Instant, bool]] = []
    for at, is_healthy in heapq.merge(*checkers):
        healthy_checkers += 1 if is_healthy else -1
        if (healthy_checkers > HEALTHY_CHECKER_THRESHOLD * CHECKERS) is not healthy:
            healthy = not healthy
            changes.append((at, healthy))
    return StepFunction(True, changes)


def _simulate_checker(
    world: SimulatedWorld, role: RegionRole, checker: int, interval_seconds: float, threshold: int
) -> Iterator[tuple[Instant, bool]]:
    """Yield each change of one checker's status: the time, and whether the endpoint is healthy."""
    region = world.regions[role]
    phase = world.rng.uniform_between(0.0, interval_seconds, f"checker of {role}", checker)
    status, contrary, check = True, 0, 0
    while (at := phase + check * interval_seconds) < world.end:
        check += 1
        attempt = fetch_page(world, role, at, checker=checker)
        succeeded = (
            attempt.outcome is AttemptOutcome.SIGNED_IN
            and attempt.connect_seconds <= CONNECT_TIMEOUT_SECONDS
            and attempt.answer_seconds <= RESPONSE_TIMEOUT_SECONDS
        )
        contrary = contrary + 1 if succeeded is not status else 0
        if contrary == threshold:
            status, contrary = succeeded, 0
            took_seconds = min(attempt.connect_seconds, CONNECT_TIMEOUT_SECONDS) + min(
                attempt.answer_seconds, RESPONSE_TIMEOUT_SECONDS
            )
            yield at + took_seconds, status
        if not contrary and region.value_at(at).is_deterministic:
            # Skip: the result stays the same until the endpoint changes.
            check = max(check, int((min(region.find_next_change(at), world.end) - phase) // interval_seconds))
