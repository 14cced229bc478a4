"""Wait until a condition holds, and check that a name is unique."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

_POLL_INTERVAL_SECONDS = 2.0


class SetupTimeoutError(TimeoutError):
    """A condition did not hold in time."""


class AmbiguousNameError(LookupError):
    """Several resources have the same name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Poller:
    """Waits until a condition holds, or a timeout passes."""

    timeout_seconds: float
    sleep: Callable[[float], None]

    def wait_until[T](self, description: str, probe: Callable[[], T | None]) -> T:
        """Call ``probe`` until it returns a value, and return that value.

        Raises
        ------
        SetupTimeoutError
            If there is no value after ``timeout_seconds``. The message contains the description.

        """
        waited = 0.0
        while True:
            result = probe()
            if result is not None:
                return result
            if waited >= self.timeout_seconds:
                raise SetupTimeoutError(
                    f"Not true after {waited:.0f} s: {description}. Find the cause, then run the setup again.",
                )
            self.sleep(_POLL_INTERVAL_SECONDS)
            waited += _POLL_INTERVAL_SECONDS


def find_unique[T](description: str, items: Iterable[T]) -> T | None:
    """Return the only item, or None if there is none.

    Raises
    ------
    AmbiguousNameError
        If there are several items.

    """
    candidates = list(items)
    if len(candidates) > 1:
        raise AmbiguousNameError(f"Found {len(candidates)} {description}. Delete or rename all but one.")
    return candidates[0] if candidates else None
