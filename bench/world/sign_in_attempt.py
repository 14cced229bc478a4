"""One attempt to sign in to a Region or to fetch a page from it: the outcome and the latency."""

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
    """The outcome of an attempt without a timeout."""

    SIGNED_IN = "signed in"
    CONNECTION_REFUSED = "connection refused"
    SILENT = "silent"
    ERROR = "error"
    THROTTLED = "throttled"
    TRIGGER_FAILED = "trigger failed"
    PASSWORD_REFUSED = "password refused"  # noqa: S105 - an outcome, not a password
    USER_UNKNOWN = "user unknown"
    NOT_ENABLED = "not enabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedAttempt:
    """The result of an attempt.

    Attributes
    ----------
    outcome
        The outcome.
    connect_seconds
        Time until the connection is established; infinite if it never is.
    answer_seconds
        Time from the connection to the answer; infinite without an answer.

    """

    outcome: AttemptOutcome
    connect_seconds: float
    answer_seconds: float

    @property
    def seconds(self) -> float:
        """Total duration."""
        return self.connect_seconds + self.answer_seconds


_UNREACHABLE = SimulatedAttempt(outcome=AttemptOutcome.SILENT, connect_seconds=FOREVER, answer_seconds=FOREVER)

_MICROSECONDS = 1_000_000


def sign_in(
    world: SimulatedWorld, role: RegionRole, moment: Instant, *, route: str, load: float, from_standby: bool = True
) -> SimulatedAttempt:
    """Return the result of a canary's sign-in to a Region.

    Parameters
    ----------
    world
        The simulated world.
    role, moment
        The Region's role, and the time.
    route
        The route into the Region. Each route fails and succeeds independently.
    load
        Share of all users in this Region. A Region without load does not throttle.
    from_standby
        Whether the canary runs in the standby Region, whose network may fail. The network of third Regions never does.

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
    """Return the result of a Route 53 health checker's request for a page behind a Region's target.

    The page fails in the same share of cases as sign-in. It does not show throttling, a broken trigger, or a replica
    that is not ready, because the checker does not sign in.
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
            assert_never(health.failure_mode)


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
