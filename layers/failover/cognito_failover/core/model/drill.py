"""A drill: a test of the failover in production."""

from dataclasses import dataclass, replace
from enum import StrEnum

from cognito_failover.common.region import Instant
from cognito_failover.core.model.move import LeverName, MoveMode

STAGE_TIMEOUT_SECONDS = 900.0
"""Maximum wait for the next stage. After that the drill brings users back, or ends where they are."""

MAX_CONSECUTIVE_FAILURES = 3
"""Failed sign-ins in a row that abort a drill: those of the probe on the standby, and those through the domain."""

MAX_FAILED_PERCENT = 5
"""Maximum percentage of failed sign-ins. More abort a drill, even if they are not in a row."""

MIN_SIGN_INS_FOR_PERCENT = 20
"""Minimum number of sign-ins for which the percentage counts."""


class DrillKind(StrEnum):
    """What a drill tests."""

    SWITCHOVER = "switchover"
    LEVER_TEST = "lever-test"
    SIMULATED_OUTAGE = "simulated-outage"
    TABLETOP = "tabletop"


class DrillStage(StrEnum):
    """The stage of a drill."""

    SIMULATING = "simulating"
    MOVING_OUT = "moving-out"
    ON_STANDBY = "on-standby"
    MOVING_BACK = "moving-back"


class DrillOutcome(StrEnum):
    """How a drill ended.

    Succeeded: as planned. Aborted: users went back early, or never left. Interrupted: something real happened, and
    users stay where that left them. Refused: never started.
    """

    SUCCEEDED = "succeeded"
    ABORTED = "aborted"
    INTERRUPTED = "interrupted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """A drill, with its plan and its progress.

    Attributes
    ----------
    id
        The id that events, history and reports use for this drill. Each of its moves carries it.
    kind
        What it tests.
    reason, requested_by
        Why, and who requested it.
    started_at
        When it was accepted.
    hold_seconds
        How long users stay on the standby.
    return_mode
        How users go back to the primary.
    max_simulated_rounds
        For a simulated outage: the maximum number of rounds in which the primary looks sick.
    levers
        The levers that move users. For a lever test, the levers that are left to test, the current one first.
    stage, stage_since
        The current stage, and when it started.
    simulated_rounds
        The number of rounds in which the primary has looked sick.
    move_ids
        The ids of its moves, in order.
    return_move_id
        The id of the move back to the primary; empty before it is decided.
    sign_in_count, failed_sign_in_count, consecutive_failures
        Sign-ins counted while users were on the standby or on their way there.
    abort_reason
        Why it was aborted; empty if it was not.
    ended_at, outcome
        When and how it ended; None while it is active.

    """

    id: str
    kind: DrillKind
    reason: str
    requested_by: str
    started_at: Instant
    hold_seconds: float = 0.0
    return_mode: MoveMode = MoveMode.ALL_AT_ONCE
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
        """When users go back to the primary. Only valid in the stage on-standby."""
        return self.stage_since + self.hold_seconds

    @property
    def has_too_many_failures(self) -> bool:
        """Whether so many sign-ins have failed that the drill must be aborted."""
        exceeds_percent = (
            self.sign_in_count >= MIN_SIGN_INS_FOR_PERCENT
            and 100 * self.failed_sign_in_count > MAX_FAILED_PERCENT * self.sign_in_count
        )
        return exceeds_percent or self.consecutive_failures >= MAX_CONSECUTIVE_FAILURES

    def with_stage(self, stage: DrillStage, since: Instant) -> "Drill":
        """Return the drill at another stage."""
        return replace(self, stage=stage, stage_since=since)

    def with_move(self, move_id: str) -> "Drill":
        """Return the drill with one more move."""
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
