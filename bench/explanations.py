"""Why a peer loses fewer sign-ins in some kinds of days. What changes the figures may make a sentence here wrong."""

from collections.abc import Mapping

_HASTE = (
    "Route 53 with threshold 1 believes one look of each checker, and its answers change on the data plane, sooner "
    "than a record change. The same haste throws users to and fro in brownouts and under flapping, and moves them for "
    "glitches."
)
_CONTROL_PLANE = (
    "Weighted records need Route 53's control plane: while it takes no changes, a decided move waits. Peers that "
    "answer by health state move on the data plane."
)
_TASTE = (
    "Probes give up on a slow answer before users do; when to move is then a matter of taste, and costs a tenth of the "
    "oracle's loss."
)
_UNKNOWN_CANARY = (
    "With the primary silent, a canary that the replica doesn't know looks like a broken canary, and nobody is moved "
    "to a Region that isn't known to sign users in."
)
_NOT_HOME = (
    "Whoever goes home at once has nobody on the standby when that fails. Here a person brings users back, and until "
    "then a second outage costs a second move."
)

WHY: Mapping[str, str] = {
    "Hard outages of 30 minutes": _HASTE,
    "Hard outages by length": _HASTE,
    "Latency": _TASTE,
    "Route 53's control plane": _CONTROL_PLANE,
    "7 December 2021, primary there": _CONTROL_PLANE,
    "primary down, replica stale": _UNKNOWN_CANARY,
    "standby fails after a failover": _NOT_HOME,
}
"""The reasons, by scenario, or by the group it stands in."""


def why(scenario: str, group: str) -> str:
    """Return the reason; empty if none is known."""
    return WHY.get(scenario) or WHY.get(group, "")
