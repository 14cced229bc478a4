"""The function that writes reports, started by the controller's own events; nothing waits for it."""

import os
from typing import TYPE_CHECKING, Any

from cognito_failover.wiring.reporter import build_reporter

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_REPORTER = build_reporter(os.environ)


def handler(event: dict[str, Any], _context: "LambdaContext") -> dict[str, Any]:
    """Write the report that an event is about."""
    return _REPORTER.handle(event)
