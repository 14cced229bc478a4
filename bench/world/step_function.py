"""Something that is one thing, then another: what is true of the world from which moment on."""

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from cognito_failover.common.region import Instant

FOREVER = math.inf


class StepFunction[T]:
    """A value that changes at known moments.

    Parameters
    ----------
    first
        What it is at the beginning.
    changes
        From when on it is something else, in any order; of two at one moment the later given holds.

    """

    def __init__(self, first: T, changes: Iterable[tuple[Instant, T]] = ()) -> None:
        ordered = sorted(changes, key=lambda change: change[0])
        self._change_times: list[Instant] = [at for at, _ in ordered]
        self._values: list[T] = [first, *(value for _, value in ordered)]

    def value_at(self, moment: Instant) -> T:
        """Return what it is at a moment."""
        return self._values[bisect_right(self._change_times, moment)]

    def find_next_change(self, moment: Instant) -> Instant:
        """Return when it next changes after a moment; FOREVER if it doesn't."""
        index = bisect_right(self._change_times, moment)
        return self._change_times[index] if index < len(self._change_times) else FOREVER

    def iterate_changes(self) -> Iterator[tuple[Instant, T]]:
        """Give each change with what it is from then on."""
        return zip(self._change_times, self._values[1:], strict=True)


def with_episodes[T](baseline: T, *episodes: tuple[Instant, Instant, T]) -> StepFunction[T]:
    """Return a timeline that is as usual but in episodes, given by start, end and value, which do not overlap."""
    changes: list[tuple[Instant, T]] = []
    for start, end, value in sorted(episodes, key=lambda episode: episode[0]):
        if changes and changes[-1][0] > start:
            raise ValueError(f"an episode begins at {start:g} s before the one ahead of it has ended")
        changes += [(start, value), (end, baseline)]
    return StepFunction(baseline, changes)
