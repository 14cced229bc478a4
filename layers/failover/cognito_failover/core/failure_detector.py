"""The failure detector: sick rounds raise the suspicion of the active Region, healthy rounds lower it. Pure."""

from dataclasses import dataclass, replace

from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.core.verdict import OUTAGE_VERDICTS, SERVING_VERDICTS, Verdict
from cognito_failover.settings.controller import Settings

SICK_ROUND_WEIGHT = 3
"""A sick round adds 3 to the score, a healthy round subtracts 1, and any other round changes nothing. So a Region that
is sick in more than a quarter of the counted rounds reaches the threshold, even if sick rounds are seldom in a row.
Measured (bench/): in 160 simulated years weight 3 caused no false failover, and weight 4 caused one. Weight 2 misses
half of the primaries that fail and recover every 20 s."""

MAX_GAP_INTERVALS = 3
"""Maximum silence, in round intervals. Rounds before and after a longer silence, or longer doubt, are not in a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """The state of a sequential test: Page's cumulative sum ("Continuous inspection schemes", Biometrika 41, 1954).

    Attributes
    ----------
    role
        The Region under suspicion.
    score
        3 for each sick round, less 1 for each healthy round; between 0 and the threshold.
    rounds, sick_rounds
        The number of rounds since it started, and of those in which the Region was sick.
    since
        When it started.
    counted_at
        The last round that counted: one in which the Region was sick or served.

    """

    role: RegionRole = RegionRole.PRIMARY
    score: int = 0
    rounds: int = 0
    sick_rounds: int = 0
    since: Instant = 0.0
    counted_at: Instant = 0.0

    @property
    def is_active(self) -> bool:
        """Whether the Region is suspect."""
        return self.score > 0

    def is_threshold_reached(self, settings: Settings) -> bool:
        """Return whether the score calls for a failover."""
        return self.score >= compute_threshold(settings)

    def compute_rounds_to_threshold(self, settings: Settings) -> int:
        """Return how many more sick rounds in a row reach the threshold."""
        return -((self.score - compute_threshold(settings)) // SICK_ROUND_WEIGHT)


def is_contiguous_round(last_round_at: Instant | None, settings: Settings, now: Instant) -> bool:
    """Return whether a round now and the last one are in a row."""
    return last_round_at is None or now - last_round_at <= MAX_GAP_INTERVALS * settings.round_interval_seconds


def compute_threshold(settings: Settings) -> int:
    """Return the score that calls for a failover: ``suspect_rounds`` sick rounds in a row."""
    return SICK_ROUND_WEIGHT * settings.suspect_rounds


def is_sick(verdict: Verdict, settings: Settings) -> bool:
    """Return whether a verdict counts as sick for a failover."""
    return (
        verdict in OUTAGE_VERDICTS
        or (verdict is Verdict.TRIGGER and settings.count_trigger_as_sick)
        or (verdict is Verdict.TARGET_REFUSES and settings.count_target_refusal_as_sick)
    )


def update_suspicion(previous: Suspicion, verdict: Verdict, settings: Settings, now: Instant) -> Suspicion:
    """Return the suspicion after one more round.

    A verdict that is neither sick nor serving, such as throttled or unknown, neither proves health nor erases evidence:
    the round does not count. Evidence from before a long row of such rounds is forgotten, as after a silence.
    """
    no_suspicion = Suspicion(role=previous.role)
    if verdict is not Verdict.SICK and verdict not in SERVING_VERDICTS:
        is_evidence = previous.is_active and is_contiguous_round(previous.counted_at, settings, now)
        return replace(previous, rounds=previous.rounds + 1) if is_evidence else no_suspicion
    if previous.is_active and not is_contiguous_round(previous.counted_at, settings, now):
        previous = no_suspicion
    is_sick_round = verdict is Verdict.SICK
    started = previous if previous.is_active else replace(no_suspicion, since=now)
    score = min(started.score + (SICK_ROUND_WEIGHT if is_sick_round else -1), compute_threshold(settings))
    if score <= 0:
        return no_suspicion
    return replace(
        started,
        score=score,
        rounds=started.rounds + 1,
        sick_rounds=started.sick_rounds + is_sick_round,
        counted_at=now,
    )
