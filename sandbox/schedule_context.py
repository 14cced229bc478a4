"""The keywords in a schedule's payload, which EventBridge Scheduler replaces and the engine leaves as they are.

Documented in "Adding context attributes in EventBridge Scheduler" (EventBridge Scheduler User Guide). Every invocation
here is the first attempt, and made when it is due.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

SCHEDULER_SOURCE = "aws.scheduler"


def replace_context_attributes(target: dict[str, Any], event: Mapping[str, Any]) -> dict[str, Any]:
    """Return a target with the keywords of its payload replaced, if it is a schedule that invokes it.

    Parameters
    ----------
    target
        As the schedule or rule has it.
    event
        What the engine makes of the firing; its time is in seconds since the epoch.

    """
    payload = target.get("Input")
    if event.get("Source") != SCHEDULER_SOURCE or not payload:
        return target
    for name, value in _build_attributes(event).items():
        payload = payload.replace(f"<aws.scheduler.{name}>", value)
    return {**target, "Input": payload}


def _build_attributes(event: Mapping[str, Any]) -> dict[str, str]:
    return {
        "schedule-arn": str(event["Resources"][0]),
        "scheduled-time": datetime.fromtimestamp(event["Time"], UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "execution-id": str(event["EventId"]),
        "attempt-number": "1",
    }
