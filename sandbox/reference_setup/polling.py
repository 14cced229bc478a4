"""Waiting for something to come true, and telling one thing from several."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

_POLL_INTERVAL_SECONDS = 2.0


class SetupTimeoutError(TimeoutError):
    """Something did not come true in time."""


class AmbiguousNameError(LookupError):
    """Several things have the name of the one that was looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Poller:
    """How long to wait for something, in seconds, and how."""

    timeout_seconds: float
    sleep: Callable[[float], None]

    def wait_until[T](self, description: str, probe: Callable[[], T | None]) -> T:
        """Look until there is something, and return it.

        Raises
        ------
        OutOfPatienceError
            If there is nothing after ``seconds`` of waiting; the message says what was waited for.

        """
        waited = 0.0
        while True:
            found = probe()
            if found is not None:
                return found
            if waited >= self.timeout_seconds:
                raise SetupTimeoutError(
                    f"{description}: not so after {waited:.0f} s. Look what keeps it, then run the set-up again.",
                )
            self.sleep(_POLL_INTERVAL_SECONDS)
            waited += _POLL_INTERVAL_SECONDS


def find_unique[T](description: str, items: Iterable[T]) -> T | None:
    """Return the one thing that was found, or None.

    Raises
    ------
    AmbiguousError
        If there are several.

    """
    candidates = list(items)
    if len(candidates) > 1:
        raise AmbiguousNameError(f"There are {len(candidates)} of {description}: delete or rename all but one.")
    return candidates[0] if candidates else None
