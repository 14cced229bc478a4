"""Names of the resources that measurements create. A person recognizes them, and a later run can remove them."""

from failoverctl.measure.deployment import DeploymentInfo

NAME_PREFIX = "failover-measure"

RECORD_LABEL = f"_{NAME_PREFIX}"
"""Start of every record's name. No other part of this project reads such records."""

SESSION_USERNAME = f"{NAME_PREFIX}-session"
UNKNOWN_USERNAME = f"{NAME_PREFIX}-nobody"
"""A user who does not exist."""

SWITCH_TOKEN = "cognito-failover: measured"  # noqa: S105 - the health check's search string, no secret


def build_record_name(label: str, zone_name: str) -> str:
    """Return the name of a pair of records. `zone_name` ends in a dot."""
    return f"{RECORD_LABEL}-{label}.{zone_name}"


def build_name_prefix(deployment: DeploymentInfo) -> str:
    """Return the prefix of all other names."""
    return f"{NAME_PREFIX}-{deployment.stack_name}".lower()


def build_bucket_name(deployment: DeploymentInfo, account_id: str) -> str:
    """Return the bucket's name: unique to the account, and at most S3's 63 characters."""
    return f"{build_name_prefix(deployment)[:36]}-{account_id}-{deployment.standby}"[:63]


def build_orphan_message(resource: str) -> str:
    """Return the error message for a resource that already exists."""
    return (
        f"{resource} already exists: another run is active, or one was interrupted. If no run is active, remove it: "
        f"failoverctl measure --clean-up --run."
    )
