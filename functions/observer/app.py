"""The scheduled function of an observer: a minute of looks."""

import os
from typing import TYPE_CHECKING

from cognito_failover.common.errors import FailoverError
from cognito_failover.wiring.observer import build_observer

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_INVOCATION = build_observer(os.environ)


class ObservationsFailedError(FailoverError):
    """Some looks could not be sent: the function fails, so that an alarm in this Region fires."""


def handler(_event: object, context: "LambdaContext") -> None:
    """Make this minute's looks.

    Raises
    ------
    LooksFailedError
        If any of them failed; the others were made.

    """
    if failures := _INVOCATION.run(lambda: context.get_remaining_time_in_millis() / 1000):
        raise ObservationsFailedError(f"{len(failures)} looks failed. The last one: {failures[-1]}")
