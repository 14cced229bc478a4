"""The observer function. Each invocation makes the observations of one minute."""

import os
from typing import TYPE_CHECKING

from cognito_failover.common.errors import FailoverError
from cognito_failover.wiring.observer import build_observer

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_INVOCATION = build_observer(os.environ)


class ObservationsFailedError(FailoverError):
    """Observations failed. The function fails too, so that an alarm in this Region goes off."""


def handler(_event: object, context: "LambdaContext") -> None:
    """Make this minute's observations.

    Raises
    ------
    ObservationsFailedError
        If at least one observation failed. The others were made.

    """
    if failures := _INVOCATION.run(lambda: context.get_remaining_time_in_millis() / 1000):
        raise ObservationsFailedError(f"{len(failures)} observations failed. The last one: {failures[-1]}")
