"""Requests from a step of an ARC Region switch plan.

Region switch invokes a Lambda function with the payload of the step, and adds four fields to it. It runs the step again
after an error, until the step's timeout. Any answer counts as success. Source: Developer Guide of ARC, "Custom action
Lambda execution block".
"""

from collections.abc import Callable, Mapping
from typing import Any

from cognito_failover.common.errors import FailoverError
from cognito_failover.common.region import RegionRole
from cognito_failover.core.operator.request import MAX_TEXT_LENGTH, OperatorAction, list_fields

PLAN_FIELDS = ("InvokedBy", "PlanArn", "ExecutionId", "StepName")

_TARGETS = {OperatorAction.FAILOVER: RegionRole.STANDBY, OperatorAction.FAILBACK: RegionRole.PRIMARY}


class IncompleteStepError(FailoverError):
    """The step of the plan is not complete: it was refused, or its move has not ended. Region switch runs it again."""


def answer_event(event: object, answer_request: Callable[[object], dict[str, Any]]) -> dict[str, Any]:
    """Return the answer to a person's request, or to a plan's step once it is complete.

    Parameters
    ----------
    event
        The request, with the fields of the plan if Region switch invokes the function.
    answer_request
        Answers a request without those fields.

    Raises
    ------
    IncompleteStepError
        If a step was refused, its move is under way, or the users are not on its Region. The next try has the same
        token, and so continues with the same move.

    """
    if not isinstance(event, Mapping) or not all(isinstance(event.get(name), str) for name in PLAN_FIELDS):
        return answer_request(event)
    request = build_step_request(event)
    answer = answer_request(request)
    if problem := _find_step_problem(request.get("action"), answer):
        raise IncompleteStepError(f"The step {event['StepName']} is not complete. {problem}")
    return answer


def build_step_request(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the request in a step's payload. Execution and step make the token, unless the payload has another one."""
    request = {name: value for name, value in event.items() if name not in PLAN_FIELDS}
    plan_name = event["PlanArn"].rpartition("/")[0].rpartition("/")[2] or event["PlanArn"]
    defaults = {
        "reason": f"Step {event['StepName']} of the Region switch execution {event['ExecutionId']}",
        "token": f"{event['ExecutionId']}/{event['StepName']}",
        "requested_by": f"Region switch plan {plan_name}",
    }
    fields = list_fields(request.get("action"))
    return {**{name: text[:MAX_TEXT_LENGTH] for name, text in defaults.items() if name in fields}, **request}


def _find_step_problem(action: object, answer: Mapping[str, Any]) -> str:
    if not answer.get("done"):
        return str(answer.get("message"))
    status = answer.get("status", {})
    if "problem" in status:
        return str(status["problem"])
    target = next((role for move_action, role in _TARGETS.items() if move_action == action), None)
    if target is None:
        return ""
    if status["move"]:
        return f"The move {status['move']['id']} is under way."
    region = next(name for name, each in status["regions"].items() if each["role"] == target)
    if status["active_region"] == region:
        return ""
    return f"Its move has ended, and sign-in is on {status['active_region']}, not on {region}. Start a new execution."
