"""The health of sign-in in one Region, and the share of sign-ins that fail."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from math import log
from statistics import NormalDist

LATENCY_MEDIAN_SECONDS = 0.18
"""Median of a sign-in from another Region; assumed, between the two round trips of a new TLS connection across an ocean
and Cognito's own time to check a password."""

LATENCY_SIGMA = 0.35
"""Standard deviation of the latency's logarithm: the 99.9th percentile is three times the median. Assumed."""

USER_TIMEOUT_SECONDS = 10.0
"""A user gives up after this time, and the sign-in counts as lost. Assumed: the limit of attention in Nielsen,
Usability Engineering (1993), chapter 5."""

CONNECT_FRACTION = 0.3
"""Share of a sign-in's time until the connection is established. Assumed."""


class FailureMode(StrEnum):
    """The way a sign-in fails."""

    REFUSED = "refused"
    HANGS_ON_CONNECT = "hangs on connect"
    HANGS_LATER = "hangs later"
    ERRORS = "errors"


class ReplicaState(StrEnum):
    """The state of a replica."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
    STALE = "stale"


STALE_REPLICA_FAILURE_RATE = 0.02
"""Share of users that a stale replica does not know, or not with their current password. Assumed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionHealth:
    """The health of a Region's sign-in during one period.

    Attributes
    ----------
    failure_rate
        Share of attempts that fail because of the Region.
    failure_mode
        The way they fail.
    latency_factor
        Multiple of the usual latency.
    throttle_rate
        Share of attempts refused with 429 while all users are in this Region. The load causes it and follows the users.
    is_trigger_failing
        Whether the pool's Lambda trigger fails every sign-in.
    replica_state
        The state of the replica; meaningful for the standby only.

    """

    failure_rate: float = 0.0
    failure_mode: FailureMode = FailureMode.ERRORS
    latency_factor: float = 1.0
    throttle_rate: float = 0.0
    is_trigger_failing: bool = False
    replica_state: ReplicaState = ReplicaState.ACTIVE

    @property
    def is_deterministic(self) -> bool:
        """Whether every attempt has the same outcome."""
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
    """Return the share of answers that take longer than `seconds`."""
    median = LATENCY_MEDIAN_SECONDS * health.latency_factor
    return 1.0 - NormalDist().cdf(log(seconds / median) / LATENCY_SIGMA)
