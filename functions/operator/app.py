"""The function that people invoke by hand; events/ holds an example of each request."""

import os
from typing import TYPE_CHECKING, Any

from failover.assembly import seconds_left
from failover.assembly_operator import operator

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_OPERATOR = operator(os.environ)


def handler(event: object, context: "LambdaContext") -> dict[str, Any]:
    """Answer a request."""
    return _OPERATOR.handle(
        event,
        owner=context.aws_request_id,
        remaining_seconds=seconds_left(context.get_remaining_time_in_millis),
    )
