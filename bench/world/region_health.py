"""How sign-in in one Region does, and how that looks to those who ask."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from math import log
from statistics import NormalDist

LATENCY_MEDIAN_SECONDS = 0.18
"""Median of a sign-in from another Region; assumed, between the two round trips of a new TLS connection across an ocean
and Cognito's own time to check a password."""

LATENCY_SIGMA = 0.35
"""Spread of its logarithm: the 99.9th percentile is three times the median. Assumed."""

USER_TIMEOUT_SECONDS = 10.0
"""When a user gives up waiting, and the sign-in counts as lost. Assumed: the limit of attention in Nielsen, Usability
Engineering (1993), chapter 5."""

CONNECT_FRACTION = 0.3
"""How much of a sign-in's time passes before the connection stands. Assumed."""


class FailureMode(StrEnum):
    """How a sign-in fails."""

    REFUSED = "refused"
    HANGS_ON_CONNECT = "hangs on connect"
    HANGS_LATER = "hangs later"
    ERRORS = "errors"


class ReplicaState(StrEnum):
    """What a replica is fit for."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
    STALE = "stale"


STALE_REPLICA_FAILURE_RATE = 0.02
"""Users whom a stale replica doesn't know, or not by their present password. Assumed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionHealth:
    """What holds of a Region's sign-in for as long as nothing changes.

    Attributes
    ----------
    failing
        Share of attempts that fail by the Region's fault.
    manner
        How they fail.
    slowness
        By how much everything takes longer than usual.
    throttled
        Share of attempts refused with 429 when all users are here: the load's fault, wherever it goes.
    trigger_fails
        Whether the pool's Lambda trigger fails every sign-in.
    replica
        Of the standby: what it is fit for.

    """

    failure_rate: float = 0.0
    failure_mode: FailureMode = FailureMode.ERRORS
    latency_factor: float = 1.0
    throttle_rate: float = 0.0
    is_trigger_failing: bool = False
    replica_state: ReplicaState = ReplicaState.ACTIVE

    @property
    def is_deterministic(self) -> bool:
        """Whether every attempt has the same outcome, so that looking again tells nothing new."""
        return self.failure_rate in {0.0, 1.0} and self.latency_factor == 1.0 and not self.throttle_rate


HEALTHY = RegionHealth()


@lru_cache(maxsize=4096)
def compute_lost_share(health: RegionHealth) -> float:
    """Return the share of sign-ins that fail while all users are in this Region."""
    if health.is_trigger_failing or health.replica_state is ReplicaState.INACTIVE:
        return 1.0
    succeeding = (
        (1.0 - health.failure_rate)
        * (1.0 - health.throttle_rate)
        * (1.0 - compute_share_slower_than(USER_TIMEOUT_SECONDS, health))
    )
    if health.replica_state is ReplicaState.STALE:
        succeeding *= 1.0 - STALE_REPLICA_FAILURE_RATE
    return 1.0 - succeeding


def compute_share_slower_than(seconds: float, health: RegionHealth) -> float:
    """Return the share of answers that take longer."""
    median = LATENCY_MEDIAN_SECONDS * health.latency_factor
    return 1.0 - NormalDist().cdf(log(seconds / median) / LATENCY_SIGMA)
