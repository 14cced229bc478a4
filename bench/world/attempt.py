"""One attempt to sign in, or to fetch a page, at one Region: what would come back, and when."""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from bench.world.health import CONNECTING_SHARE, LATENCY_MEDIAN_SECONDS, LATENCY_SIGMA, Health, Manner, Replica
from bench.world.timeline import FOREVER
from bench.world.world import World
from failover.region import Instant, Side


class Outcome(StrEnum):
    """What would come back to somebody with unlimited patience."""

    SIGNED_IN = "signed in"
    CONNECTION_REFUSED = "connection refused"
    SILENT = "silent"
    ERROR = "error"
    THROTTLED = "throttled"
    TRIGGER_FAILED = "trigger failed"
    PASSWORD_REFUSED = "password refused"  # noqa: S105 - what came back, no password
    USER_UNKNOWN = "user unknown"
    NOT_ENABLED = "not enabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What came of an attempt.

    Attributes
    ----------
    connect_seconds
        Until the connection stood; infinite if it never did.
    answer_seconds
        From then to the answer; infinite without one.

    """

    outcome: Outcome
    connect_seconds: float
    answer_seconds: float

    @property
    def seconds(self) -> float:
        """How long all of it took."""
        return self.connect_seconds + self.answer_seconds


_UNREACHABLE = Attempt(outcome=Outcome.SILENT, connect_seconds=FOREVER, answer_seconds=FOREVER)

_MICROSECONDS = 1_000_000


def sign_in(world: World, side: Side, moment: Instant, *, way: str, load: float, from_standby: bool = True) -> Attempt:
    """Return what a canary meets that asks a Region.

    Parameters
    ----------
    world
        What is true.
    side, moment
        Whom it asks, and when.
    way
        By which way: two ways into a Region fail and succeed each by itself.
    load
        Share of all users who are on this side: an idle side throttles nobody.
    from_standby
        Whether it asks from the standby Region, whose way out to the world may fail; that of third Regions doesn't.

    """
    connected = world.observer_online.at(moment) and world.path_to_primary.at(moment)
    if side is Side.PRIMARY and from_standby and not connected:
        return _UNREACHABLE
    health = world.regions[side].at(moment)
    number = int(moment * _MICROSECONDS)
    label = f"{way} {side}"
    if health.failing and world.chance.uniform(label, number) < health.failing:
        return _failure(health, label, number, world)
    connect_seconds, answer_seconds = _latency(health, label, number, world)
    outcome = _answer(world, moment, health, label, number, load)
    return Attempt(outcome=outcome, connect_seconds=connect_seconds, answer_seconds=answer_seconds)


def fetch(world: World, side: Side, moment: Instant, *, who: int) -> Attempt:
    """Return what a Route 53 health checker meets that gets a page behind the side's target.

    It sees what fails the Region as a whole, in the same share of cases; but it signs nobody in, so it sees neither
    throttling, nor a broken trigger, nor a replica that is not ready.
    """
    health = world.regions[side].at(moment)
    number = int(moment * _MICROSECONDS)
    label = f"page {side} {who}"
    if health.failing and world.chance.uniform(label, number) < health.failing:
        return _failure(health, label, number, world)
    connect_seconds, answer_seconds = _latency(health, label, number, world)
    return Attempt(outcome=Outcome.SIGNED_IN, connect_seconds=connect_seconds, answer_seconds=answer_seconds)


def _failure(health: Health, label: str, number: int, world: World) -> Attempt:
    connect_seconds, answer_seconds = _latency(health, label, number, world)
    match health.manner:
        case Manner.REFUSED:
            return Attempt(outcome=Outcome.CONNECTION_REFUSED, connect_seconds=connect_seconds, answer_seconds=0.0)
        case Manner.HANGS_ON_CONNECT:
            return _UNREACHABLE
        case Manner.HANGS_LATER:
            return Attempt(outcome=Outcome.SILENT, connect_seconds=connect_seconds, answer_seconds=FOREVER)
        case Manner.ERRORS:
            return Attempt(outcome=Outcome.ERROR, connect_seconds=connect_seconds, answer_seconds=answer_seconds)
        case _:
            assert_never(health.manner)


def _answer(world: World, moment: Instant, health: Health, label: str, number: int, load: float) -> Outcome:
    if health.throttled and world.chance.uniform(f"{label} throttle", number) < health.throttled * load:
        return Outcome.THROTTLED
    if health.replica is Replica.INACTIVE:
        return Outcome.NOT_ENABLED
    if health.replica is Replica.STALE:
        return Outcome.USER_UNKNOWN
    if not world.canary_accepted.at(moment):
        return Outcome.PASSWORD_REFUSED
    if health.trigger_fails:
        return Outcome.TRIGGER_FAILED
    return Outcome.SIGNED_IN


def _latency(health: Health, label: str, number: int, world: World) -> tuple[float, float]:
    if health.slowness == 1.0:
        seconds = LATENCY_MEDIAN_SECONDS * world.chance.between(0.7, 1.6, label, number, 1)
    else:
        seconds = world.chance.lognormal(LATENCY_MEDIAN_SECONDS * health.slowness, LATENCY_SIGMA, label, number, 1)
    return CONNECTING_SHARE * seconds, (1 - CONNECTING_SHARE) * seconds
