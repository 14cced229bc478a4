"""What speaks for a sickness of the serving Region: sick rounds raise it, healthy ones lower it. Pure."""

from dataclasses import dataclass, replace

from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.core.verdict import SERVING_VERDICTS, Verdict
from cognito_failover.settings.controller import Settings

SICK_ROUND_WEIGHT = 3
"""A sick round weighs as much as so many healthy ones: a Region that is sick in more than one round of four is found
out in the end, however seldom twice in a row. Measured (bench/): in 160 years of ordinary weather three moved users for
nothing never, and four once; two is blind to half of the primaries that come and go every 20 s."""

MAX_GAP_INTERVALS = 3
"""After a silence longer than this many intervals, rounds before and after it are not "in a row"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """A sequential test, Page's cumulative sum ("Continuous inspection schemes", Biometrika 41, 1954).

    Attributes
    ----------
    side
        Whom it is about.
    evidence
        The sum: three for every sick round, less one for every healthy one; from nothing to what is enough.
    rounds, sick_rounds
        How many rounds it has gone on for, and in how many of them the Region was sick.
    since
        When it began.

    """

    role: RegionRole = RegionRole.PRIMARY
    score: int = 0
    rounds: int = 0
    sick_rounds: int = 0
    since: Instant = 0.0

    @property
    def is_active(self) -> bool:
        """Whether the Region is suspect at all."""
        return self.score > 0

    def is_threshold_reached(self, settings: Settings) -> bool:
        """Tell whether it is strong enough to move users."""
        return self.score >= compute_threshold(settings)

    def compute_rounds_to_threshold(self, settings: Settings) -> int:
        """Return how many sick rounds more, in a row, would be enough."""
        return -((self.score - compute_threshold(settings)) // SICK_ROUND_WEIGHT)


def is_contiguous_round(last_round_at: Instant | None, settings: Settings, now: Instant) -> bool:
    """Tell whether a round now follows the last one soon enough for what was found in both to count together."""
    return last_round_at is None or now - last_round_at <= MAX_GAP_INTERVALS * settings.round_interval_seconds


def compute_threshold(settings: Settings) -> int:
    """Return the evidence at which users move: that of the sick rounds in a row that are set."""
    return SICK_ROUND_WEIGHT * settings.suspect_rounds


def is_sick(verdict: Verdict, settings: Settings) -> bool:
    """Tell whether a verdict counts towards a failover."""
    return verdict is Verdict.SICK or (verdict is Verdict.TRIGGER and settings.count_trigger_as_sick)


def update_suspicion(previous: Suspicion, verdict: Verdict, settings: Settings, now: Instant) -> Suspicion:
    """Return the suspicion after one round more.

    A round in doubt, such as a throttled or a blind one, ends it: whatever makes it doubtful may have made the others
    look sick.
    """
    no_suspicion = Suspicion(role=previous.role)
    if verdict is not Verdict.SICK and verdict not in SERVING_VERDICTS:
        return no_suspicion
    is_sick_round = verdict is Verdict.SICK
    started = previous if previous.is_active else replace(no_suspicion, since=now)
    score = min(started.score + (SICK_ROUND_WEIGHT if is_sick_round else -1), compute_threshold(settings))
    if score <= 0:
        return no_suspicion
    return replace(started, score=score, rounds=started.rounds + 1, sick_rounds=started.sick_rounds + is_sick_round)
