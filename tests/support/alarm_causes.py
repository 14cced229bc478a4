"""Causes of alarms by name, each with exactly the alarms that it triggers."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class AlarmCauses[Night]:
    """A registry of causes.

    Attributes
    ----------
    by_name
        The names of the triggered alarms and the function that simulates the cause, by the cause's name.

    """

    by_name: dict[str, tuple[set[str], Callable[[], Night]]] = field(default_factory=dict)

    def register(self, *alarms: str) -> Callable[[Callable[[], Night]], Callable[[], Night]]:
        """Return a decorator that registers a cause with its alarms. The function's name is the cause's name."""

        def register_cause(cause: Callable[[], Night]) -> Callable[[], Night]:
            self.by_name[cause.__name__.replace("_", " ")] = (set(alarms), cause)
            return cause

        return register_cause
