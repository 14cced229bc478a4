"""Reasons why a peer or the oracle loses fewer sign-ins in some scenarios, and why a goal is missed.

Review these sentences when the figures change.
"""

from collections.abc import Mapping

_ROUTE_53_FASTER = (
    "Route 53 with threshold 1 decides on one check of each checker, and answers change on the data plane. The same "
    "speed moves users back and forth in brownouts, flapping and glitches."
)
_CONTROL_PLANE = (
    "Weighted records alone wait while Route 53's control plane accepts no changes. With the latch the same controller "
    "moves users on the data plane."
)
_TIMEOUT_TRADE_OFF = (
    "Probes give up on a slow answer before users do. When to move is then a trade-off, and costs a tenth of the "
    "oracle's loss."
)
_STALE_REPLICA = (
    "The controller never moves users to a Region that does not sign in the canary. This replica lacks the canary, "
    "reported as region-degraded (not-ready) long before. A person can override target-healthy."
)
_IMMEDIATE_FAILBACK = (
    "A policy that fails back at once has no users on the standby when it fails. Here a person fails back, and until "
    "then a second outage costs a second move."
)
_BROWNOUT = (
    "The oracle moves before the first lost sign-in. Here more than one round of four must be sick for a while, "
    "because ordinary glitches look alike. A weaker brownout moves users late or never, but is reported."
)
_BACKGROUND_NOISE = "The oracle moves for glitches of a few seconds, which would be wrong far more often than right."

REASONS: Mapping[str, str] = {
    "Hard outages of 30 minutes": _ROUTE_53_FASTER,
    "Hard outages by length": _ROUTE_53_FASTER,
    "Latency": _TIMEOUT_TRADE_OFF,
    "Brownouts of 30 minutes": _BROWNOUT,
    "Route 53's control plane": _CONTROL_PLANE,
    "7 December 2021, primary there": _CONTROL_PLANE,
    "primary down, replica stale": _STALE_REPLICA,
    "standby fails after a failover": _IMMEDIATE_FAILBACK,
    "Ten years of weather": _BACKGROUND_NOISE,
}
"""The reasons by scenario or group."""

MISSED_GOAL_REASONS: Mapping[str, str] = {
    "a year of rough weather": (
        "Its glitches last up to 20 s, and a decision within 20 s cannot distinguish them from an outage. With "
        "SuspectRounds=4 it was 9, and a refused outage was decided at 24.7 s."
    ),
}
"""The reasons for a missed goal, by scenario."""


def explain(scenario: str, group: str) -> str:
    """Return the reason; empty if none is known."""
    return REASONS.get(scenario) or REASONS.get(group, "")
