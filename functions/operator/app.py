"""The operator function, which people and plans invoke. The folder events/ holds an example of each request."""

import os
from functools import partial
from typing import TYPE_CHECKING, Any

from cognito_failover.operator.region_switch import answer_event
from cognito_failover.wiring.controller import create_lease_owner, to_remaining_seconds
from cognito_failover.wiring.operator import build_operator, has_qualifier

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_OPERATOR = build_operator(os.environ)


def handler(event: object, context: "LambdaContext") -> dict[str, Any]:
    """Answer a request."""
    answer_request = partial(
        _OPERATOR.handle,
        owner=create_lease_owner(context.aws_request_id),
        remaining_seconds=to_remaining_seconds(context.get_remaining_time_in_millis),
        is_read_only=has_qualifier(context.invoked_function_arn),
    )
    return answer_event(event, answer_request)
