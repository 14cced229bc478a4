"""What speaks for a sickness of the serving Region: sick rounds raise it, healthy ones lower it. Pure."""

from dataclasses import dataclass, replace

from failover.decision.knowledge import GOOD
from failover.probe.verdict import Verdict
from failover.region import Instant, Side
from failover.settings import Settings

HEALTHY_OUTWEIGHED = 3
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

    side: Side = Side.PRIMARY
    evidence: int = 0
    rounds: int = 0
    sick_rounds: int = 0
    since: Instant = 0.0

    @property
    def stands(self) -> bool:
        """Whether the Region is suspect at all."""
        return self.evidence > 0

    def is_enough(self, settings: Settings) -> bool:
        """Tell whether it is strong enough to move users."""
        return self.evidence >= enough(settings)

    def lacking_rounds(self, settings: Settings) -> int:
        """Return how many sick rounds more, in a row, would be enough."""
        return -((self.evidence - enough(settings)) // HEALTHY_OUTWEIGHED)


def is_in_a_row(last_round_at: Instant | None, settings: Settings, now: Instant) -> bool:
    """Tell whether a round now follows the last one soon enough for what was found in both to count together."""
    return last_round_at is None or now - last_round_at <= MAX_GAP_INTERVALS * settings.round_interval_seconds


def enough(settings: Settings) -> int:
    """Return the evidence at which users move: that of the sick rounds in a row that are set."""
    return HEALTHY_OUTWEIGHED * settings.suspect_rounds


def is_sick(verdict: Verdict, settings: Settings) -> bool:
    """Tell whether a verdict counts towards a failover."""
    return verdict is Verdict.SICK or (verdict is Verdict.TRIGGER and settings.count_trigger_as_sick)


def after_round(before: Suspicion, verdict: Verdict, settings: Settings, now: Instant) -> Suspicion:
    """Return the suspicion after one round more.

    A round in doubt, such as a throttled or a blind one, ends it: whatever makes it doubtful may have made the others
    look sick.
    """
    none = Suspicion(side=before.side)
    if verdict is not Verdict.SICK and verdict not in GOOD:
        return none
    sick = verdict is Verdict.SICK
    began = before if before.stands else replace(none, since=now)
    evidence = min(began.evidence + (HEALTHY_OUTWEIGHED if sick else -1), enough(settings))
    if evidence <= 0:
        return none
    return replace(began, evidence=evidence, rounds=began.rounds + 1, sick_rounds=began.sick_rounds + sick)
