"""How a further observer keeps out of the canary's way. Pure.

Every refused password counts towards a lockout, whoever tried it. So where the controller is not let in a further
observer does not try, and where it was refused itself it waits for its pause to end and for the controller to be let
in: then the next success, seconds later, ends the count.
"""

from failover.decision.knowledge import GOOD
from failover.probe.answer import Untried
from failover.probe.backoff import AT_REST, Backoff, Backoffs, next_backoff
from failover.probe.observation import Observation
from failover.probe.verdict import Verdict
from failover.region import Instant, PerSide, Side


def permitted(own: Backoffs, controller: Observation | None, *, now: Instant) -> Backoffs:
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

    def permitted_on(side: Side) -> Backoff:
        mine = own[side]
        if controller is None:
            return mine
        theirs = controller.readings[side].login_verdict
        if theirs in _REFUSED:
            return Backoff(strikes=max(1, mine.strikes), until=mine.until, reason=_REFUSED[theirs])
        return AT_REST if theirs in GOOD and not mine.holds(now) else mine

    return PerSide(primary=permitted_on(Side.PRIMARY), standby=permitted_on(Side.STANDBY))


def remembered(own: Backoffs, before: Backoffs, after: Backoffs, *, now: Instant) -> Backoffs:
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

    def remembered_on(side: Side) -> Backoff:
        if after[side].strikes > before[side].strikes:
            return next_backoff(own[side], now=now, reason=after[side].reason)
        return own[side] if before[side].on_trial else after[side]

    return PerSide(primary=remembered_on(Side.PRIMARY), standby=remembered_on(Side.STANDBY))


_REFUSED = {Verdict.CANARY_BROKEN: Untried.CANARY_REFUSED, Verdict.NOT_READY: Untried.NOT_REPLICATED}
