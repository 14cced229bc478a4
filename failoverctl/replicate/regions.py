"""The Regions in which AWS offered replication, on a date. A warning only: AWS adds Regions."""

from collections.abc import Iterable

CHECKED_ON = "2026-12-01"
"""When the list was compared with Cognito's developer guide."""

REPLICATION_REGIONS = frozenset(
    {
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ca-central-1",
        "eu-central-1",
        "eu-north-1",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "sa-east-1",
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
    }
)


def describe_unlisted(regions: Iterable[str]) -> tuple[str, ...]:
    """Return a warning for Regions without replication on that date; empty if there are none."""
    unlisted = [region for region in regions if region not in REPLICATION_REGIONS]
    if not unlisted:
        return ()
    names = " and ".join(unlisted)
    warning = (
        f"On {CHECKED_ON}, AWS offered no replication in {names}. If it still does not, Cognito refuses this step, "
        f"after the key and the issuer have changed. See the developer guide first."
    )
    return (warning,)
