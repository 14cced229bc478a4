"""A login to the primary once a minute, as simple set-ups make it: whatever goes wrong is the Region's failure."""

from collections.abc import Iterator

from bench.world.attempt import Outcome, sign_in
from bench.world.schedule import MINUTE_SECONDS, Schedule
from bench.world.world import World
from failover.region import Instant, Side

TIMEOUT_SECONDS = 10.0
"""How long it waits for an answer; assumed, short of boto3's 60 s, with which no second attempt would fit a minute."""


def failing_logins(world: World, since: Instant) -> Iterator[tuple[Instant, int]]:
    """Give each failing login from a moment on: when its failure was known, and its number in a row."""
    schedule = Schedule(world.chance)
    minute, in_a_row = int(since // MINUTE_SECONDS), 0
    while minute * MINUTE_SECONDS < world.end:
        at = schedule.start(minute)
        minute += 1
        if at is None or at < since:
            continue
        attempt = sign_in(world, Side.PRIMARY, at, way="login", load=1.0)
        if attempt.outcome is not Outcome.SIGNED_IN or attempt.seconds > TIMEOUT_SECONDS:
            in_a_row += 1
            yield at + min(attempt.seconds, TIMEOUT_SECONDS), in_a_row
            continue
        in_a_row = 0
        if world.certain(at):
            minute = max(minute, schedule.last_minute_before(min(world.next_change(at), world.end)))
