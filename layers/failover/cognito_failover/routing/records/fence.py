"""The fence: a TXT record with a number that each change of the records increases.

A batch deletes the fence as read, with the records, and creates the next one. So Route 53 rejects the batch of a
suspended process if another process has changed the records since, also if their weights are as before.
"""

import re
from collections.abc import Sequence

from cognito_failover.common.errors import LeverRefusedError
from cognito_failover.core.model.records import RecordSet
from cognito_failover.routing.record_set import get_routing_policy, get_values, to_absolute_name
from cognito_failover.routing.records.unsupported_records import describe_record_sets

FENCE_LABEL = "_fence"
"""Label under the domain's name."""

_CONTENT = "cognito-failover: change "
_PATTERN = re.compile(rf"{_CONTENT}(\d+)")


def build_fence_name(domain_name: str) -> str:
    """Return the name of a domain's fence."""
    return to_absolute_name(f"{FENCE_LABEL}.{domain_name}")


def build_fence(domain_name: str, number: int, *, ttl_seconds: int) -> RecordSet:
    """Return the fence with this number."""
    return {
        "Name": build_fence_name(domain_name),
        "Type": "TXT",
        "TTL": ttl_seconds,
        "ResourceRecords": [{"Value": f'"{_CONTENT}{number}"'}],
    }


def parse_fence(at_fence: Sequence[RecordSet]) -> RecordSet | None:
    """Return the fence among the record sets at its name; None before the first change.

    Raises
    ------
    LeverRefusedError
        If another record set has the name.

    """
    if not at_fence:
        return None
    fence = at_fence[0]
    if len(at_fence) > 1 or fence["Type"] != "TXT" or get_routing_policy(fence) != "simple" or not _find_number(fence):
        raise LeverRefusedError(
            f"The name of the fence, which counts the controller's changes, is taken: "
            f"{describe_record_sets(at_fence)}. Delete these record sets: the controller then creates its own."
        )
    return fence


def get_fence_number(fence: RecordSet | None) -> int:
    """Return the number of a fence; 0 without one."""
    return _find_number(fence) if fence else 0


def _find_number(fence: RecordSet) -> int:
    matches = [_PATTERN.fullmatch(value) for value in get_values(fence)]
    return int(matches[0].group(1)) if len(matches) == 1 and matches[0] else 0
