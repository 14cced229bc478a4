"""External changes of the health checks on the domain's records, which make the latch work. Pure."""

from cognito_failover.core.model.records import RecordsSnapshot
from cognito_failover.settings.controller import Settings

MISSING_STATE_RECORD_PROBLEM = (
    "the TXT record that shows its state was removed or changed. The latch still moves users, but no name server shows "
    "it. Delete what is left at the name of the record. When all users are on the primary, invoke the operator action "
    "attach, which creates it again. If you detached the latch by hand, invoke detach."
)
"""Why the state of an attached latch is not shown."""


def has_latch_check(records: RecordsSnapshot, settings: Settings) -> bool:
    """Return whether the primary's records have the health check that the latch sets."""
    own_check_id = settings.records_latch_check_id
    return bool(own_check_id) and records.health_checks.primary == {own_check_id}


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
    if not own_check_id or has_latch_check(records, settings):
        return ""
    foreign_check_ids = sorted(attached_check_ids - {own_check_id, ""})
    if foreign_check_ids and (has_state_record or was_attached):
        return (
            f"the primary's records have the health check {', '.join(foreign_check_ids)}, and not {own_check_id}, "
            f"which the latch sets. If a parameter of the stack was changed while the latch was attached, deploy the "
            f"old value and detach first. Otherwise remove the other check manually, and attach."
        )
    if has_state_record:
        return (
            f"the health check {own_check_id} of the latch was removed from the primary's records. Invoke the operator "
            f"action attach to add it again, or detach to work without it."
        )
    return ""


def explain_missing_return_path(records: RecordsSnapshot, settings: Settings, *, has_state_record: bool) -> str:
    """Return why users would stay on a failed standby after a failover; empty if they would not."""
    own_check_id = settings.standby_check_id
    if not own_check_id or not has_state_record or records.health_checks.standby == {own_check_id}:
        return ""
    return (
        f"the health check {own_check_id} was removed from the standby's records. The latch still moves users. If the "
        f"standby Region then fails with users on it, nothing brings them back. Invoke the operator action attach to "
        f"add the check again."
    )
