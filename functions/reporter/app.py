"""The reporter function. The controller's events start it; nothing waits for it."""

import os
from typing import TYPE_CHECKING, Any

from cognito_failover.wiring.reporter import build_reporter

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_REPORTER = build_reporter(os.environ)


def handler(event: dict[str, Any], _context: "LambdaContext") -> dict[str, Any]:
    """Write the report about the event's move or drill."""
    return _REPORTER.handle(event)
