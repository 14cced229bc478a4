"""A value that changes at known times."""

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from cognito_failover.common.region import Instant

FOREVER = math.inf


class StepFunction[T]:
    """A value that changes at known times.

    Parameters
    ----------
    first
        The initial value.
    changes
        Time and new value of each change, in any order. If two have the same time, the later in the sequence holds.

    """

    def __init__(self, first: T, changes: Iterable[tuple[Instant, T]] = ()) -> None:
        ordered = sorted(changes, key=lambda change: change[0])
        self._change_times: list[Instant] = [at for at, _ in ordered]
        self._values: list[T] = [first, *(value for _, value in ordered)]

    def value_at(self, moment: Instant) -> T:
        """Return the value at a moment."""
        return self._values[bisect_right(self._change_times, moment)]

    def find_next_change(self, moment: Instant) -> Instant:
        """Return the time of the next change after a moment. FOREVER if there is none."""
        index = bisect_right(self._change_times, moment)
        return self._change_times[index] if index < len(self._change_times) else FOREVER

    def iterate_changes(self) -> Iterator[tuple[Instant, T]]:
        """Return an iterator over the changes: the time and the new value."""
        return zip(self._change_times, self._values[1:], strict=True)


def with_episodes[T](baseline: T, *episodes: tuple[Instant, Instant, T]) -> StepFunction[T]:
    """Return a step function with the baseline value except in episodes (start, end, value).

    Raises
    ------
    ValueError
        If two episodes overlap.

    """
    changes: list[tuple[Instant, T]] = []
    for start, end, value in sorted(episodes, key=lambda episode: episode[0]):
        if changes and changes[-1][0] > start:
            raise ValueError(f"the episode that starts at {start:g} s overlaps the previous one")
        changes += [(start, value), (end, baseline)]
    return StepFunction(baseline, changes)
