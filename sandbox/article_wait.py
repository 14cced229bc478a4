"""Waiting for something to come true, and telling one thing from several."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

_INTERVAL_SECONDS = 2.0


class OutOfPatienceError(TimeoutError):
    """Something did not come true in time."""


class AmbiguousError(LookupError):
    """Several things have the name of the one that was looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait for something, in seconds, and how."""

    seconds: float
    wait: Callable[[float], None]

    def until[T](self, what: str, look: Callable[[], T | None]) -> T:
        """Look until there is something, and return it.

        Raises
        ------
        OutOfPatienceError
            If there is nothing after ``seconds`` of waiting; the message says what was waited for.

        """
        waited = 0.0
        while True:
            found = look()
            if found is not None:
                return found
            if waited >= self.seconds:
                raise OutOfPatienceError(
                    f"{what}: not so after {waited:.0f} s. Look what keeps it, then run the set-up again.",
                )
            self.wait(_INTERVAL_SECONDS)
            waited += _INTERVAL_SECONDS


def only[T](what: str, found: Iterable[T]) -> T | None:
    """Return the one thing that was found, or None.

    Raises
    ------
    AmbiguousError
        If there are several.

    """
    candidates = list(found)
    if len(candidates) > 1:
        raise AmbiguousError(f"There are {len(candidates)} of {what}: delete or rename all but one.")
    return candidates[0] if candidates else None
