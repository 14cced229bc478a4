"""A login to the primary once a minute, as in simple setups: every error counts as a failure of the Region."""

from collections.abc import Iterator

from bench.world.schedule import MINUTE_SECONDS, InvocationSchedule
from bench.world.sign_in_attempt import AttemptOutcome, sign_in
from bench.world.simulated_world import SimulatedWorld
from cognito_failover.common.region import Instant, RegionRole

TIMEOUT_SECONDS = 10.0
"""Timeout of a login. Assumed; boto3's default of 60 s would take the whole minute."""


def list_failing_logins(world: SimulatedWorld, since: Instant) -> Iterator[tuple[Instant, int]]:
    """Yield each failed login from a moment on: the time of the failure, and the number of consecutive failures."""
    schedule = InvocationSchedule(world.rng)
    minute, failures = int(since // MINUTE_SECONDS), 0
    while minute * MINUTE_SECONDS < world.end:
        at = schedule.get_start_time(minute)
        minute += 1
        if at is None or at < since:
            continue
        attempt = sign_in(world, RegionRole.PRIMARY, at, route="login", load=1.0)
        if attempt.outcome is not AttemptOutcome.SIGNED_IN or attempt.seconds > TIMEOUT_SECONDS:
            failures += 1
            yield at + min(attempt.seconds, TIMEOUT_SECONDS), failures
            continue
        failures = 0
        if world.is_deterministic(at):
            minute = max(minute, schedule.find_last_minute_before(min(world.find_next_change(at), world.end)))
