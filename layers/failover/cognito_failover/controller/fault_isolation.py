"""Calls none of which may keep the later ones from being made, whatever it raises."""

import logging
from collections.abc import Callable

from cognito_failover.common.error_boundary import summarize_error

_log = logging.getLogger(__name__)


class FaultIsolator:
    """The calls of one invocation.

    Attributes
    ----------
    faults
        What failed in them, as sentences.

    """

    def __init__(self) -> None:
        self.faults: list[str] = []

    def run[T](self, call: Callable[[], T], *, description: str) -> T | None:
        """Make a call and return what it returns; None where it fails, which is logged and remembered.

        Parameters
        ----------
        call
            The call.
        what
            What it does, to begin the sentence with.

        """
        try:
            return call()
        except Exception as error:  # noqa: BLE001 - a fault of one part must not end the invocation
            fault = f"{description} failed by a fault of its own: {summarize_error(error)}"
            _log.error(fault)
            self.faults.append(fault)
            return None
