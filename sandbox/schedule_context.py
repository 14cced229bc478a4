"""Context attributes in a schedule's payload, which EventBridge Scheduler replaces and the engine does not.

Source: "Adding context attributes in EventBridge Scheduler" (EventBridge Scheduler User Guide). In the sandbox, every
invocation is the first attempt and is on time.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

SCHEDULER_SOURCE = "aws.scheduler"


def replace_context_attributes(target: dict[str, Any], event: Mapping[str, Any]) -> dict[str, Any]:
    """Return a target with the context attributes in its payload replaced. Targets of rules are unchanged.

    Parameters
    ----------
    target
        The target of the schedule or rule.
    event
        The engine's event of the invocation. Its time is in seconds since the epoch.

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
