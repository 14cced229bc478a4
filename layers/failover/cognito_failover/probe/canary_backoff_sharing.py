"""How a further observer keeps out of the canary's way. Pure.

Every refused password counts towards a lockout, whoever tried it. So where the controller is not let in a further
observer does not try, and where it was refused itself it waits for its pause to end and for the controller to be let
in: then the next success, seconds later, ends the count.
"""

from cognito_failover.common.region import Instant, PerRole, RegionRole
from cognito_failover.core.canary_backoff import CLOSED, Backoff, Backoffs, compute_next_backoff
from cognito_failover.core.observation import Observation
from cognito_failover.core.probe_result import SkipReason
from cognito_failover.core.verdict import SERVING_VERDICTS, Verdict


def compute_effective_backoffs(own: Backoffs, controller: Observation | None, *, now: Instant) -> Backoffs:
    """Return how the canary is to be treated in a look.

    Parameters
    ----------
    own
        How it stands by what this observer was answered.
    controller
        What the controller saw lately; None if that isn't known.
    now
        The moment of the look.

    """

    def compute_for(role: RegionRole) -> Backoff:
        own_backoff = own[role]
        if controller is None:
            return own_backoff
        controller_verdict = controller.readings[role].login_verdict
        if controller_verdict in _SKIP_REASONS:
            return Backoff(
                consecutive_rejections=max(1, own_backoff.consecutive_rejections),
                blocked_until=own_backoff.blocked_until,
                reason=_SKIP_REASONS[controller_verdict],
            )
        return CLOSED if controller_verdict in SERVING_VERDICTS and not own_backoff.is_blocked(now) else own_backoff

    return PerRole(primary=compute_for(RegionRole.PRIMARY), standby=compute_for(RegionRole.STANDBY))


def merge_backoffs(own: Backoffs, before: Backoffs, after: Backoffs, *, now: Instant) -> Backoffs:
    """Return how the canary stands by what this observer was answered, after a look.

    Parameters
    ----------
    own
        How it stood.
    before, after
        How the look was permitted to treat it, and what came of it.
    now
        The moment after the look.

    """

    def merge_for(role: RegionRole) -> Backoff:
        if after[role].consecutive_rejections > before[role].consecutive_rejections:
            return compute_next_backoff(own[role], now=now, reason=after[role].reason)
        return own[role] if before[role].is_half_open else after[role]

    return PerRole(primary=merge_for(RegionRole.PRIMARY), standby=merge_for(RegionRole.STANDBY))


_SKIP_REASONS = {Verdict.CANARY_BROKEN: SkipReason.CANARY_REFUSED, Verdict.NOT_READY: SkipReason.NOT_REPLICATED}
