"""What measurements make is called so that whoever finds it knows what it is, and a later run can take it away."""

from failoverctl.measure.deployment import DeploymentInfo

NAME_PREFIX = "failover-measure"

RECORD_LABEL = f"_{NAME_PREFIX}"
"""The first label of every record, which no other part of this project reads."""

SESSION_USERNAME = f"{NAME_PREFIX}-session"
UNKNOWN_USERNAME = f"{NAME_PREFIX}-nobody"
"""A user who does not exist."""

SWITCH_TOKEN = "cognito-failover: measured"  # noqa: S105 - what a health check searches for, no secret


def build_record_name(label: str, zone_name: str) -> str:
    """Return the name of a pair of records; the zone's with a dot at its end."""
    return f"{RECORD_LABEL}-{label}.{zone_name}"


def build_name_prefix(deployment: DeploymentInfo) -> str:
    """Return what all other names begin with."""
    return f"{NAME_PREFIX}-{deployment.stack_name}".lower()


def build_bucket_name(deployment: DeploymentInfo, account_id: str) -> str:
    """Return the bucket's name, which is this account's own, and within S3's 63 characters."""
    return f"{build_name_prefix(deployment)[:36]}-{account_id}-{deployment.standby}"[:63]
