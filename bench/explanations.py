"""Why peers, or the oracle, lose fewer sign-ins in some kinds of days, and why an aim is missed.

What changes the figures may make a sentence here wrong.
"""

from collections.abc import Mapping

_ROUTE_53_FASTER = (
    "Route 53 with threshold 1 believes one look of each checker, and its answers change on the data plane, sooner "
    "than a record change. The same haste throws users to and fro in brownouts and under flapping, and moves them for "
    "glitches."
)
_CONTROL_PLANE = (
    "Weighted records alone need Route 53's control plane: while it takes no changes, a decided move waits. With the "
    "latch the same controller moves users on the data plane, as the peers do that answer by health state."
)
_TIMEOUT_TRADE_OFF = (
    "Probes give up on a slow answer before users do; when to move is then a matter of taste, and costs a tenth of the "
    "oracle's loss."
)
_STALE_REPLICA = (
    "Nobody is moved to a Region that isn't seen to sign anybody in. This replica doesn't know the canary, which was "
    "told as a concern (not-ready) long before the primary failed. With the primary silent it can't be told from a "
    "broken canary. A person who knows better moves users by hand, overriding target-healthy."
)
_IMMEDIATE_FAILBACK = (
    "Whoever goes home at once has nobody on the standby when that fails. Here a person brings users back, and until "
    "then a second outage costs a second move."
)
_BROWNOUT = (
    "The oracle moves for the first sign-in that will be lost. Here the Region has to be sick in more than one round "
    "of four for a while: less is what ordinary glitches look like. A weaker brownout moves users late or never, but "
    "tells somebody."
)
_BACKGROUND_NOISE = (
    "The oracle moves for glitches of a few seconds. Moving for them would be wrong far more often than right."
)

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
"""The reasons, by scenario, or by the group it stands in."""

MISSED_GOAL_REASONS: Mapping[str, str] = {
    "a year of rough weather": (
        "Its glitches last up to 20 s, and a decision within 20 s can't tell them from an outage. Tried with a "
        "SuspectRounds of 4 it was 9, and a refused outage was decided at 24.7 s. To be warier after a false alarm "
        "would not help: these glitches are independent of each other."
    ),
}
"""The reasons for a missed aim, by the scenario it is about."""


def explain(scenario: str, group: str) -> str:
    """Return the reason; empty if none is known."""
    return REASONS.get(scenario) or REASONS.get(group, "")
