"""The numbers of many weeks."""

from dataclasses import dataclass, field

from tests.support.random_weeks.judge import Report, compute_bound_seconds
from tests.support.random_weeks.schedule import make_week
from tests.support.random_weeks.week_world import WeekWorld, make_week_settings

LISTED_SEEDS = 5
"""Number of seeds that the text lists for each cause."""


@dataclass(slots=True, kw_only=True)
class Totals:
    """The sums over weeks.

    Attributes
    ----------
    week_count, round_count
        The number of weeks, and of rounds.
    exposed_seconds, movable_seconds, unseen_seconds
        As in `Report`.
    late_seconds
        The time beyond the bound, by cause.
    late_seeds
        The seeds of the weeks with any.
    broken
        The seeds of each broken promise, by promise and cause.

    """

    week_count: int = 0
    round_count: int = 0
    exposed_seconds: float = 0.0
    movable_seconds: float = 0.0
    unseen_seconds: float = 0.0
    late_seconds: dict[str, float] = field(default_factory=dict)
    late_seeds: list[int] = field(default_factory=list)
    broken: dict[tuple[str, str], list[int]] = field(default_factory=dict)

    def add(self, seed: int, report: Report) -> None:
        """Add a week."""
        self.week_count += 1
        self.round_count += report.round_count
        self.exposed_seconds += report.exposed_seconds
        self.movable_seconds += report.movable_seconds
        self.unseen_seconds += report.unseen_seconds
        for cause, seconds in report.late_seconds.items():
            self.late_seconds[cause] = self.late_seconds.get(cause, 0.0) + seconds
        if report.late_seconds:
            self.late_seeds.append(seed)
        for finding in report.findings:
            self.broken.setdefault((finding.promise, finding.cause), []).append(seed)

    def describe(self) -> str:
        """Return the numbers as lines of text."""
        bounds = sorted({compute_bound_seconds(make_week_settings(make_week(seed))) for seed in range(LISTED_SEEDS)})
        lines = [
            f"{self.week_count} weeks, {self.round_count} rounds; the bound is {bounds[-1]:.0f} s",
            f"users on a dead side, the other well: {_to_minutes(self.exposed_seconds)}",
            f"of it with a lever in reach, and no person or limit against it: {_to_minutes(self.movable_seconds)}",
            f"of it beyond the bound: {_to_minutes(sum(self.late_seconds.values()))}, in {len(self.late_seeds)} weeks",
            f"location not known, beyond two looks: {_to_minutes(self.unseen_seconds)}",
        ]
        for (promise, cause), seeds in sorted(self.broken.items(), key=lambda entry: -len(entry[1])):
            late_seconds = self.late_seconds.get(cause, 0.0) if promise == "users stay on a sick side" else 0.0
            minutes = f" ({_to_minutes(late_seconds)})" if late_seconds else ""
            listed = ", ".join(str(seed) for seed in dict.fromkeys(seeds[: 4 * LISTED_SEEDS]))
            lines.append(f"{len(seeds):6d} {promise}: {cause}{minutes}; seeds {listed}")
        return "\n".join(lines)


def run_seed(seed: int) -> tuple[int, Report]:
    """Run the week of a seed, and return the seed and the report."""
    return seed, WeekWorld(make_week(seed)).run()


def _to_minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min"
