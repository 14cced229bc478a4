"""What somebody else has done to the health checks on the domain's records, which the latch goes by. Pure."""

from failover.levers.lever import Survey
from failover.settings import Settings


def why_it_moves_nobody(survey: Survey, settings: Settings, *, shown: bool, was_attached: bool) -> str:
    """Say why the records' latch moves nobody though it should; empty if it moves users, or was detached in order.

    Parameters
    ----------
    survey
        The records as found.
    settings
        The checks that the stack sets.
    shown
        Whether the latch's beacon stands with the stack's check on it: detaching takes it away first.
    was_attached
        Whether the latch was attached when last looked at.

    """
    ours, carried = settings.records_latch_check_id, survey.checks.primary
    if not ours or carried == {ours}:
        return ""
    others = sorted(carried - {ours, ""})
    if others and (shown or was_attached):
        return (
            f"the primary's records carry the health check {', '.join(others)}, and not {ours}, which the latch sets. "
            f"If a parameter of the stack was changed while the latch was attached, deploy as before and detach first; "
            f"else take the other check off by hand, and attach."
        )
    if shown:
        return (
            f"somebody took its health check {ours} off the primary's records. Invoke the operator's attach to put it "
            f"back, or detach to do without it."
        )
    return ""


def why_nobody_returns(survey: Survey, settings: Settings, *, shown: bool) -> str:
    """Say why users would stay on a standby Region that is lost after a failover; empty if they would not."""
    ours = settings.standby_check_id
    if not ours or not shown or survey.checks.standby == {ours}:
        return ""
    return (
        f"somebody took the health check {ours} off the standby's records. The latch moves users all the same, but "
        f"should the standby Region be lost with users on it, nothing would bring them back. Invoke the operator's "
        f"attach to put it back."
    )
