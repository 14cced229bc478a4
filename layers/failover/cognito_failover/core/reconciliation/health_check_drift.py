"""External changes of the health checks on the domain's records, which make the latch work. Pure."""

from cognito_failover.core.model.records import RecordsSnapshot
from cognito_failover.settings.controller import Settings


def explain_inactive_latch(
    records: RecordsSnapshot, settings: Settings, *, has_state_record: bool, was_attached: bool
) -> str:
    """Return why the records' latch does not move users; empty if it works, or was detached properly.

    Parameters
    ----------
    records
        The records as read.
    settings
        The health checks of the stack.
    has_state_record
        Whether the state TXT record of the latch exists with the stack's check. Detaching removes it first.
    was_attached
        Whether the latch was attached at the last read.

    """
    own_check_id, attached_check_ids = settings.records_latch_check_id, records.health_checks.primary
    if not own_check_id or attached_check_ids == {own_check_id}:
        return ""
    foreign_check_ids = sorted(attached_check_ids - {own_check_id, ""})
    if foreign_check_ids and (has_state_record or was_attached):
        return (
            f"the primary's records carry the health check {', '.join(foreign_check_ids)}, and not {own_check_id}, which the latch sets. "
            f"If a parameter of the stack was changed while the latch was attached, deploy as before and detach first; "
            f"else take the other check off by hand, and attach."
        )
    if has_state_record:
        return (
            f"somebody took its health check {own_check_id} off the primary's records. Invoke the operator's attach to put it "
            f"back, or detach to do without it."
        )
    return ""


def explain_missing_return_path(records: RecordsSnapshot, settings: Settings, *, has_state_record: bool) -> str:
    """Return why users would stay on a failed standby after a failover; empty if they would not."""
    own_check_id = settings.standby_check_id
    if not own_check_id or not has_state_record or records.health_checks.standby == {own_check_id}:
        return ""
    return (
        f"somebody took the health check {own_check_id} off the standby's records. The latch moves users all the same, but "
        f"should the standby Region be lost with users on it, nothing would bring them back. Invoke the operator's "
        f"attach to put it back."
    )
