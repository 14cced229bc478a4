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

PATIENCE_SECONDS = 10.0
"""When a user gives up waiting, and the sign-in counts as lost. Assumed: the limit of attention in Nielsen, Usability
Engineering (1993), chapter 5."""

CONNECTING_SHARE = 0.3
"""How much of a sign-in's time passes before the connection stands. Assumed."""


class Manner(StrEnum):
    """How a sign-in fails."""

    REFUSED = "refused"
    HANGS_ON_CONNECT = "hangs on connect"
    HANGS_LATER = "hangs later"
    ERRORS = "errors"


class Replica(StrEnum):
    """What a replica is fit for."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
    STALE = "stale"


STALE_USERS_SHARE = 0.02
"""Users whom a stale replica doesn't know, or not by their present password. Assumed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
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

    failing: float = 0.0
    manner: Manner = Manner.ERRORS
    slowness: float = 1.0
    throttled: float = 0.0
    trigger_fails: bool = False
    replica: Replica = Replica.ACTIVE

    @property
    def certain(self) -> bool:
        """Whether every attempt has the same outcome, so that looking again tells nothing new."""
        return self.failing in {0.0, 1.0} and self.slowness == 1.0 and not self.throttled


WELL = Health()


@lru_cache(maxsize=4096)
def lost_share(health: Health) -> float:
    """Return the share of sign-ins that fail while all users are in this Region."""
    if health.trigger_fails or health.replica is Replica.INACTIVE:
        return 1.0
    succeeding = (1.0 - health.failing) * (1.0 - health.throttled) * (1.0 - share_slower_than(PATIENCE_SECONDS, health))
    if health.replica is Replica.STALE:
        succeeding *= 1.0 - STALE_USERS_SHARE
    return 1.0 - succeeding


def share_slower_than(seconds: float, health: Health) -> float:
    """Return the share of answers that take longer."""
    median = LATENCY_MEDIAN_SECONDS * health.slowness
    return 1.0 - NormalDist().cdf(log(seconds / median) / LATENCY_SIGMA)
