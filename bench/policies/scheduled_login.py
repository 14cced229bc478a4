"""A login to the primary once a minute, as simple set-ups make it: whatever goes wrong is the Region's failure."""

from collections.abc import Iterator

from bench.world.schedule import MINUTE_SECONDS, InvocationSchedule
from bench.world.sign_in_attempt import AttemptOutcome, sign_in
from bench.world.simulated_world import SimulatedWorld
from cognito_failover.common.region import Instant, RegionRole

TIMEOUT_SECONDS = 10.0
"""How long it waits for an answer; assumed, short of boto3's 60 s, with which no second attempt would fit a minute."""


def list_failing_logins(world: SimulatedWorld, since: Instant) -> Iterator[tuple[Instant, int]]:
    """Give each failing login from a moment on: when its failure was known, and its number in a row."""
    schedule = InvocationSchedule(world.rng)
    minute, in_a_row = int(since // MINUTE_SECONDS), 0
    while minute * MINUTE_SECONDS < world.end:
        at = schedule.get_start_time(minute)
        minute += 1
        if at is None or at < since:
            continue
        attempt = sign_in(world, RegionRole.PRIMARY, at, route="login", load=1.0)
        if attempt.outcome is not AttemptOutcome.SIGNED_IN or attempt.seconds > TIMEOUT_SECONDS:
            in_a_row += 1
            yield at + min(attempt.seconds, TIMEOUT_SECONDS), in_a_row
            continue
        in_a_row = 0
        if world.is_deterministic(at):
            minute = max(minute, schedule.find_last_minute_before(min(world.find_next_change(at), world.end)))
