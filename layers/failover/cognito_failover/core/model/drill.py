"""What a drill is: a rehearsal with a beginning, a way home and an end, remembered like a move."""

from dataclasses import dataclass, replace
from enum import StrEnum

from cognito_failover.common.region import Instant
from cognito_failover.core.model.move import ALL_AT_ONCE, LeverName

STAGE_TIMEOUT_SECONDS = 900.0
"""How long a drill waits for what has to come next; then it goes home, or ends where it is."""

MAX_CONSECUTIVE_FAILURES = 3
"""So many failed sign-ins in a row abort a drill: the controller's own on the standby, and those through the domain."""

MAX_FAILED_PERCENT = 5
"""A larger share of failed sign-ins aborts a drill, too, however they are spread."""

MIN_SIGN_INS_FOR_PERCENT = 20
"""Of fewer sign-ins no share is taken."""


class DrillKind(StrEnum):
    """What is rehearsed."""

    SWITCHOVER = "switchover"
    LEVER_TEST = "lever-test"
    SIMULATED_OUTAGE = "simulated-outage"
    TABLETOP = "tabletop"


class DrillStage(StrEnum):
    """How far a drill has come."""

    SIMULATING = "simulating"
    MOVING_OUT = "moving-out"
    ON_STANDBY = "on-standby"
    MOVING_BACK = "moving-back"


class DrillOutcome(StrEnum):
    """How a drill ended.

    Clean: as planned. Aborted: gone home early, or never gone. Overtaken: something real came between, and users stay
    where that left them. Refused: never begun.
    """

    SUCCEEDED = "succeeded"
    ABORTED = "aborted"
    INTERRUPTED = "interrupted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """A drill, with the plan it was started with and how far it has come.

    Attributes
    ----------
    id
        Correlates everything said about it; every move that it makes carries it.
    kind
        What is rehearsed.
    reason, requested_by
        Why, and who asked for it.
    started_at
        When it was accepted.
    hold_seconds
        How long users stay on the standby.
    steps
        Percent of the users on the primary after each step of the way home.
    rounds
        Of a blind drill: in how many rounds the decision is given a sick primary, at most.
    levers
        What moves users in it; of a lever test those still to be tested, the current one first.
    stage, stage_since
        How far it has come, and since when.
    fed
        In how many rounds the decision has been given a sick primary.
    moves
        The ids of its moves, in order.
    home
        The id of the one that brings users back; empty before it is decided.
    tried, failed, failed_in_a_row
        Sign-ins counted while users were on the standby or on their way there.
    aborted
        Why it goes home early; empty if it doesn't.
    ended_at, outcome
        When and how it ended; None while it is on.

    """

    id: str
    kind: DrillKind
    reason: str
    requested_by: str
    started_at: Instant
    hold_seconds: float = 0.0
    steps: tuple[int, ...] = ALL_AT_ONCE
    max_simulated_rounds: int = 0
    levers: tuple[LeverName, ...] = ()
    stage: DrillStage = DrillStage.MOVING_OUT
    stage_since: Instant
    simulated_rounds: int = 0
    move_ids: tuple[str, ...] = ()
    return_move_id: str = ""
    sign_in_count: int = 0
    failed_sign_in_count: int = 0
    consecutive_failures: int = 0
    abort_reason: str = ""
    ended_at: Instant | None = None
    outcome: DrillOutcome | None = None

    @property
    def hold_ends_at(self) -> Instant:
        """When users are to go home; only meaningful while it holds."""
        return self.stage_since + self.hold_seconds

    @property
    def has_too_many_failures(self) -> bool:
        """Whether so many sign-ins have failed that it must go home."""
        exceeds_percent = (
            self.sign_in_count >= MIN_SIGN_INS_FOR_PERCENT
            and 100 * self.failed_sign_in_count > MAX_FAILED_PERCENT * self.sign_in_count
        )
        return exceeds_percent or self.consecutive_failures >= MAX_CONSECUTIVE_FAILURES

    def with_stage(self, stage: DrillStage, since: Instant) -> "Drill":
        """Return the drill at another stage."""
        return replace(self, stage=stage, stage_since=since)

    def with_move(self, move_id: str) -> "Drill":
        """Return the drill with one more move made."""
        return replace(self, move_ids=(*self.move_ids, move_id))

    def with_sign_in(self, *, signed_in: bool) -> "Drill":
        """Return the drill with one more sign-in counted."""
        return replace(
            self,
            sign_in_count=self.sign_in_count + 1,
            failed_sign_in_count=self.failed_sign_in_count + (not signed_in),
            consecutive_failures=0 if signed_in else self.consecutive_failures + 1,
        )

    def with_outcome(self, outcome: DrillOutcome, now: Instant) -> "Drill":
        """Return the drill as ended."""
        return replace(self, outcome=outcome, ended_at=now)
