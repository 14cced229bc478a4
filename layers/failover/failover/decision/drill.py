"""What a drill is: a rehearsal with a beginning, a way home and an end, remembered like a move."""

from dataclasses import dataclass, replace
from enum import StrEnum

from failover.decision.move import IN_ONE, LeverName
from failover.region import Instant

PATIENCE_SECONDS = 900.0
"""How long a drill waits for what has to come next; then it goes home, or ends where it is."""

FAILED_IN_A_ROW = 3
"""So many failed sign-ins in a row abort a drill: the controller's own on the standby, and those through the domain."""

MAX_FAILED_PERCENT = 5
"""A larger share of failed sign-ins aborts a drill, too, however they are spread."""

MIN_TRIED = 20
"""Of fewer sign-ins no share is taken."""


class DrillKind(StrEnum):
    """What is rehearsed."""

    SWITCHOVER = "switchover"
    LEVER_TEST = "lever-test"
    BLIND = "blind"
    TABLETOP = "tabletop"


class DrillStage(StrEnum):
    """How far a drill has come."""

    FEEDING = "feeding"
    GOING = "going"
    HOLDING = "holding"
    RETURNING = "returning"


class DrillOutcome(StrEnum):
    """How a drill ended.

    Clean: as planned. Aborted: gone home early, or never gone. Overtaken: something real came between, and users stay
    where that left them. Refused: never begun.
    """

    CLEAN = "clean"
    ABORTED = "aborted"
    OVERTAKEN = "overtaken"
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
    steps: tuple[int, ...] = IN_ONE
    rounds: int = 0
    levers: tuple[LeverName, ...] = ()
    stage: DrillStage = DrillStage.GOING
    stage_since: Instant
    fed: int = 0
    moves: tuple[str, ...] = ()
    home: str = ""
    tried: int = 0
    failed: int = 0
    failed_in_a_row: int = 0
    aborted: str = ""
    ended_at: Instant | None = None
    outcome: DrillOutcome | None = None

    @property
    def holds_until(self) -> Instant:
        """When users are to go home; only meaningful while it holds."""
        return self.stage_since + self.hold_seconds

    @property
    def fails_too_often(self) -> bool:
        """Whether so many sign-ins have failed that it must go home."""
        share = self.tried >= MIN_TRIED and 100 * self.failed > MAX_FAILED_PERCENT * self.tried
        return share or self.failed_in_a_row >= FAILED_IN_A_ROW

    def at(self, stage: DrillStage, since: Instant) -> "Drill":
        """Return the drill at another stage."""
        return replace(self, stage=stage, stage_since=since)

    def with_move(self, move_id: str) -> "Drill":
        """Return the drill with one more move made."""
        return replace(self, moves=(*self.moves, move_id))

    def counting(self, *, signed_in: bool) -> "Drill":
        """Return the drill with one more sign-in counted."""
        return replace(
            self,
            tried=self.tried + 1,
            failed=self.failed + (not signed_in),
            failed_in_a_row=0 if signed_in else self.failed_in_a_row + 1,
        )

    def over(self, outcome: DrillOutcome, now: Instant) -> "Drill":
        """Return the drill as ended."""
        return replace(self, outcome=outcome, ended_at=now)
