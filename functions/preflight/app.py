"""The preflight function. It checks every hour, and on request, whether a failover would work now."""

import os
from typing import TYPE_CHECKING, Any

from cognito_failover.wiring.preflight import build_preflight

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_PREFLIGHT = build_preflight(os.environ)


def handler(event: object, context: "LambdaContext") -> dict[str, Any]:
    """Run the checks and return all findings."""
    return _PREFLIGHT.handle(event, remaining_seconds=lambda: context.get_remaining_time_in_millis() / 1000)
