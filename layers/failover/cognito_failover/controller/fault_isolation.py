"""Runs calls in sequence. An error in one is logged and does not stop the others."""

import logging
from collections.abc import Callable

from cognito_failover.common.error_boundary import summarize_error

_log = logging.getLogger(__name__)


class FaultIsolator:
    """Runs the calls of one invocation.

    Attributes
    ----------
    faults
        One sentence for each call that failed.

    """

    def __init__(self) -> None:
        self.faults: list[str] = []

    def run[T](self, call: Callable[[], T], *, description: str) -> T | None:
        """Return the result of a call, or None if it fails. A failure is logged and added to ``faults``.

        Parameters
        ----------
        call
            The call.
        description
            The call's name, as the beginning of a sentence.

        """
        try:
            return call()
        except Exception as error:  # noqa: BLE001 - an error in one part must not end the invocation
            fault = f"{description} failed with an internal error: {summarize_error(error)}"
            _log.error(fault)
            self.faults.append(fault)
            return None
