"""One attempt to sign in, or to fetch a page, at one Region: what would come back, and when."""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from bench.world.region_health import (
    CONNECT_FRACTION,
    LATENCY_MEDIAN_SECONDS,
    LATENCY_SIGMA,
    FailureMode,
    RegionHealth,
    ReplicaState,
)
from bench.world.simulated_world import SimulatedWorld
from bench.world.step_function import FOREVER
from cognito_failover.common.region import Instant, RegionRole


class AttemptOutcome(StrEnum):
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
class SimulatedAttempt:
    """What came of an attempt.

    Attributes
    ----------
    connect_seconds
        Until the connection stood; infinite if it never did.
    answer_seconds
        From then to the answer; infinite without one.

    """

    outcome: AttemptOutcome
    connect_seconds: float
    answer_seconds: float

    @property
    def seconds(self) -> float:
        """How long all of it took."""
        return self.connect_seconds + self.answer_seconds


_UNREACHABLE = SimulatedAttempt(outcome=AttemptOutcome.SILENT, connect_seconds=FOREVER, answer_seconds=FOREVER)

_MICROSECONDS = 1_000_000


def sign_in(
    world: SimulatedWorld, role: RegionRole, moment: Instant, *, route: str, load: float, from_standby: bool = True
) -> SimulatedAttempt:
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
    connected = world.observer_online.value_at(moment) and world.path_to_primary.value_at(moment)
    if role is RegionRole.PRIMARY and from_standby and not connected:
        return _UNREACHABLE
    health = world.regions[role].value_at(moment)
    number = int(moment * _MICROSECONDS)
    label = f"{route} {role}"
    if health.failure_rate and world.rng.uniform(label, number) < health.failure_rate:
        return _build_failure(health, label, number, world)
    connect_seconds, answer_seconds = _draw_latency(health, label, number, world)
    outcome = _determine_outcome(world, moment, health, label, number, load)
    return SimulatedAttempt(outcome=outcome, connect_seconds=connect_seconds, answer_seconds=answer_seconds)


def fetch_page(world: SimulatedWorld, role: RegionRole, moment: Instant, *, checker: int) -> SimulatedAttempt:
    """Return what a Route 53 health checker meets that gets a page behind the side's target.

    It sees what fails the Region as a whole, in the same share of cases; but it signs nobody in, so it sees neither
    throttling, nor a broken trigger, nor a replica that is not ready.
    """
    health = world.regions[role].value_at(moment)
    number = int(moment * _MICROSECONDS)
    label = f"page {role} {checker}"
    if health.failure_rate and world.rng.uniform(label, number) < health.failure_rate:
        return _build_failure(health, label, number, world)
    connect_seconds, answer_seconds = _draw_latency(health, label, number, world)
    return SimulatedAttempt(
        outcome=AttemptOutcome.SIGNED_IN, connect_seconds=connect_seconds, answer_seconds=answer_seconds
    )


def _build_failure(health: RegionHealth, label: str, number: int, world: SimulatedWorld) -> SimulatedAttempt:
    connect_seconds, answer_seconds = _draw_latency(health, label, number, world)
    match health.failure_mode:
        case FailureMode.REFUSED:
            return SimulatedAttempt(
                outcome=AttemptOutcome.CONNECTION_REFUSED, connect_seconds=connect_seconds, answer_seconds=0.0
            )
        case FailureMode.HANGS_ON_CONNECT:
            return _UNREACHABLE
        case FailureMode.HANGS_LATER:
            return SimulatedAttempt(
                outcome=AttemptOutcome.SILENT, connect_seconds=connect_seconds, answer_seconds=FOREVER
            )
        case FailureMode.ERRORS:
            return SimulatedAttempt(
                outcome=AttemptOutcome.ERROR, connect_seconds=connect_seconds, answer_seconds=answer_seconds
            )
        case _:
            assert_never(health.manner)


def _determine_outcome(
    world: SimulatedWorld, moment: Instant, health: RegionHealth, label: str, number: int, load: float
) -> AttemptOutcome:
    if health.throttle_rate and world.rng.uniform(f"{label} throttle", number) < health.throttle_rate * load:
        return AttemptOutcome.THROTTLED
    if health.replica_state is ReplicaState.INACTIVE:
        return AttemptOutcome.NOT_ENABLED
    if health.replica_state is ReplicaState.STALE:
        return AttemptOutcome.USER_UNKNOWN
    if not world.canary_accepted.value_at(moment):
        return AttemptOutcome.PASSWORD_REFUSED
    if health.is_trigger_failing:
        return AttemptOutcome.TRIGGER_FAILED
    return AttemptOutcome.SIGNED_IN


def _draw_latency(health: RegionHealth, label: str, number: int, world: SimulatedWorld) -> tuple[float, float]:
    if health.latency_factor == 1.0:
        seconds = LATENCY_MEDIAN_SECONDS * world.rng.uniform_between(0.7, 1.6, label, number, 1)
    else:
        seconds = world.rng.lognormal(LATENCY_MEDIAN_SECONDS * health.latency_factor, LATENCY_SIGMA, label, number, 1)
    return CONNECT_FRACTION * seconds, (1 - CONNECT_FRACTION) * seconds
