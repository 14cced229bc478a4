"""Causes of a night by name, each with exactly the alarms that it rings."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class AlarmCauses[Night]:
    """What is noted of them.

    Attributes
    ----------
    by_name
        The alarms' names, and what makes it happen.

    """

    by_name: dict[str, tuple[set[str], Callable[[], Night]]] = field(default_factory=dict)

    def register(self, *alarms: str) -> Callable[[Callable[[], Night]], Callable[[], Night]]:
        """Note that a cause rings these alarms, and no other; it is called what its function is."""

        def register_cause(cause: Callable[[], Night]) -> Callable[[], Night]:
            self.by_name[cause.__name__.replace("_", " ")] = (set(alarms), cause)
            return cause

        return register_cause
