"""The controller function. Each invocation runs the rounds of one minute."""

import os
from typing import TYPE_CHECKING

from cognito_failover.common.errors import FailoverError
from cognito_failover.wiring.controller import build_controller, create_lease_owner, to_remaining_seconds

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_INVOCATION = build_controller(os.environ)


class RoundsFailedError(FailoverError):
    """Rounds failed. The function fails too, so that an alarm that does not need the ledger goes off."""


def handler(_event: object, context: "LambdaContext") -> None:
    """Run this minute's rounds.

    Raises
    ------
    RoundsFailedError
        If at least one round failed. The others were run.

    """
    remaining_seconds = to_remaining_seconds(context.get_remaining_time_in_millis)
    if failures := _INVOCATION.run(create_lease_owner(context.aws_request_id), remaining_seconds):
        raise RoundsFailedError(f"{len(failures)} rounds failed. The last one: {failures[-1]}")
