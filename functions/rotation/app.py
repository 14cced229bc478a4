"""The function that Secrets Manager rotates the canary's password with."""

import os
from typing import TYPE_CHECKING

from cognito_failover.wiring.rotation import build_rotation

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_ROTATION_HANDLER = build_rotation(os.environ)


def handler(event: object, _context: "LambdaContext") -> None:
    """Make one step of a rotation, or measure whether one is overdue.

    Raises
    ------
    RotationError
        If that can't be done; Secrets Manager tries the rotation again.

    """
    _ROTATION_HANDLER.handle(event)
