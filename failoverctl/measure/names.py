"""What measurements make is called so that whoever finds it knows what it is, and a later run can take it away."""

from failoverctl.measure.subject import Subject

PREFIX = "failover-measure"

LABEL = f"_{PREFIX}"
"""The first label of every record, which no other part of this project reads."""

USER = f"{PREFIX}-session"
NOBODY = f"{PREFIX}-nobody"
"""A user who does not exist."""

TOKEN = "cognito-failover: measured"  # noqa: S105 - what a health check searches for, no secret


def record_name(what: str, zone_name: str) -> str:
    """Return the name of a pair of records; the zone's with a dot at its end."""
    return f"{LABEL}-{what}.{zone_name}"


def of_stack(subject: Subject) -> str:
    """Return what all other names begin with."""
    return f"{PREFIX}-{subject.stack}".lower()


def bucket_name(subject: Subject, account: str) -> str:
    """Return the bucket's name, which is this account's own, and within S3's 63 characters."""
    return f"{of_stack(subject)[:36]}-{account}-{subject.standby}"[:63]
