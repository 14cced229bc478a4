"""Backoff rules that keep an additional observer from locking the canary out. Pure.

Every rejected password counts towards a lockout, whichever observer tried it. So an additional observer does not log
in while the controller's canary is rejected. After its own rejection, it waits until its pause has ended and the
controller signs in. A success seconds later then resets Cognito's count.
"""

from dataclasses import replace

from cognito_failover.common.region import Instant, PerRole, RegionRole
from cognito_failover.core.canary_backoff import Backoff, Backoffs, close_backoff, compute_next_backoff
from cognito_failover.core.observation import Observation
from cognito_failover.core.verdict import SERVING_VERDICTS


def compute_effective_backoffs(own: Backoffs, controller: Observation | None, *, now: Instant) -> Backoffs:
    """Return the backoffs that apply to this observer's next round.

    Parameters
    ----------
    own
        The backoffs from this observer's own results.
    controller
        The controller's recent observation, or None if it is not known.
    now
        The time of the round.

    """

    def compute_for(role: RegionRole) -> Backoff:
        own_backoff = own[role]
        if controller is None:
            return own_backoff
        reading = controller.readings[role]
        if reading.resting_reason is not None:
            return replace(
                own_backoff,
                consecutive_rejections=max(1, own_backoff.consecutive_rejections),
                reason=reading.resting_reason,
            )
        has_succeeded = reading.login_verdict in SERVING_VERDICTS
        return close_backoff(own_backoff, now=now) if has_succeeded and not own_backoff.is_blocked(now) else own_backoff

    return PerRole(primary=compute_for(RegionRole.PRIMARY), standby=compute_for(RegionRole.STANDBY))


def merge_backoffs(own: Backoffs, before: Backoffs, after: Backoffs, *, now: Instant) -> Backoffs:
    """Return this observer's own backoffs after a round.

    Parameters
    ----------
    own
        Its own backoffs before the round.
    before, after
        The effective backoffs before and after the round.
    now
        The time after the round.

    """

    def merge_for(role: RegionRole) -> Backoff:
        if after[role].consecutive_rejections > before[role].consecutive_rejections:
            return compute_next_backoff(
                own[role], now=now, reason=after[role].reason, version=after[role].rejected_version
            )
        return own[role] if before[role].is_half_open else after[role]

    return PerRole(primary=merge_for(RegionRole.PRIMARY), standby=merge_for(RegionRole.STANDBY))
