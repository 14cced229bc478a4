"""The rotation function. Secrets Manager invokes it to rotate the canary's password."""

import os
from typing import TYPE_CHECKING

from cognito_failover.wiring.rotation import build_rotation

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_ROTATION_HANDLER = build_rotation(os.environ)


def handler(event: object, _context: "LambdaContext") -> None:
    """Run one step of a rotation, or measure whether a rotation is overdue.

    Raises
    ------
    RotationError
        If the step fails. Secrets Manager retries the rotation.

    """
    _ROTATION_HANDLER.handle(event)
