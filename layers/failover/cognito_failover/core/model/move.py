"""One move of users, from the decision to its confirmation."""

from dataclasses import dataclass, replace
from enum import StrEnum

from cognito_failover.common.region import Instant, RegionRole, Weights, split_traffic
from cognito_failover.core.model.records import Intent

ALL_PERCENT = 100

CONTROLLER_NAME = "controller"
"""The requester of each move that the controller decides."""


class MoveMode(StrEnum):
    """How a move goes."""

    ALL_AT_ONCE = "all-at-once"
    """All users go to the target in one step."""

    STEPPED = "stepped"
    """Users go to the target in steps: a cautious failback."""

    ROLLBACK = "rollback"
    """All users go back to the source."""

    ROUND_TRIP = "round-trip"
    """All users go to the target, and back once that is confirmed: a lever test."""

    @property
    def steps(self) -> tuple[int, ...]:
        """Percent of the users on the target after each step of a move that starts in this mode."""
        return _STEPS[self]


_STEPS = {
    MoveMode.ALL_AT_ONCE: (ALL_PERCENT,),
    MoveMode.STEPPED: (10, 50, ALL_PERCENT),
    MoveMode.ROLLBACK: (0,),
    MoveMode.ROUND_TRIP: (ALL_PERCENT, 0),
}


class LeverName(StrEnum):
    """Each lever that moves users."""

    WEIGHTS = "weights"
    RECORDS_LATCH = "records-latch"
    DOMAIN_LATCH = "domain-latch"


ALL_LEVERS = tuple(LeverName)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The progress of one step. It is saved after each advance, and any round can continue it.

    Attributes
    ----------
    intent
        The change of this step, saved before it is made.
    superseded
        Earlier changes of the same records, saved and never known to be made. A process that was suspended may still
        make one of them until this step's change is made.
    submitted_at, change_id
        When Route 53 accepted the change, and its id there.
    in_sync_at
        When Route 53 reported the change as INSYNC on all its servers.

    """

    intent: Intent
    superseded: tuple[Intent, ...] = ()
    submitted_at: Instant | None = None
    change_id: str | None = None
    in_sync_at: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A move that is decided.

    Attributes
    ----------
    id
        The id that events, history and reports use for this move.
    source, target
        The Regions that users leave and go to. The source is the active Region at the decision.
    is_automatic
        Whether the controller decided it. False if a person requested it.
    reason
        The reason as a sentence, from the controller or from the person.
    requested_by
        The name of the person; ``controller`` for an automatic move.
    overridden_rules
        The safety rules that the person overrode.
    suspected_at
        The first sick round of an automatic failover. For all other moves, the time of the decision.
    decided_at
        When it was decided.
    step_started_at
        When the current step was decided.
    first_submitted_at, first_in_sync_at
        When Route 53 accepted the first change or a latch that moves users was set, and when that change was INSYNC.
    mode
        How it goes now. A round trip on its way back and a move that is turned back are a rollback.
    steps
        Percent of the users on the target after each step that is left, the current step first.
    progress
        The progress of the last step that has an intent: the current step, or the one before it.
    is_automatic_failback
        Whether the controller decided it because the primary recovered. The source may then be healthy.
    records_confirmed_at
        When the records were seen to send users where the current step wants them.
    is_delay_notified
        Whether an event has reported that the current step takes too long.
    last_error
        The last problem of the current step; empty while it advances.
    drill_id
        The id of its drill; empty if it belongs to no drill.
    levers
        The levers of this move. The other levers stay as they are.
    arrived_at
        For a round trip: when its users were seen on the target.
    rollback_reason
        Why it was turned back; empty if it was not.

    """

    id: str
    source: RegionRole
    target: RegionRole
    is_automatic: bool
    reason: str
    requested_by: str
    overridden_rules: tuple[str, ...] = ()
    suspected_at: Instant
    decided_at: Instant
    step_started_at: Instant
    first_submitted_at: Instant | None = None
    first_in_sync_at: Instant | None = None
    mode: MoveMode = MoveMode.ALL_AT_ONCE
    steps: tuple[int, ...] = MoveMode.ALL_AT_ONCE.steps
    progress: Progress | None = None
    is_automatic_failback: bool = False
    records_confirmed_at: Instant | None = None
    is_delay_notified: bool = False
    last_error: str = ""
    drill_id: str = ""
    levers: tuple[LeverName, ...] = ALL_LEVERS
    arrived_at: Instant | None = None
    rollback_reason: str = ""

    @property
    def weights(self) -> Weights:
        """The weights of the current step."""
        return split_traffic(self.target, self.steps[0])

    @property
    def is_started(self) -> bool:
        """Whether a lever has made any change. Users may be on their way from then on."""
        return self.first_submitted_at is not None

    @property
    def is_automatic_failover(self) -> bool:
        """Whether the controller decided it because its source was sick."""
        return self.is_automatic and not self.is_automatic_failback

    @property
    def time_origin_text(self) -> str:
        """The moment from which messages count the duration of the move."""
        if self.is_automatic_failover:
            return "the first sick round"
        return "it was decided" if self.is_automatic else "it was asked for"

    @property
    def is_stepped(self) -> bool:
        """Whether it goes in steps. Its latches then wait for their turn."""
        return self.mode is MoveMode.STEPPED

    @property
    def is_rolling_back(self) -> bool:
        """Whether users are on their way back to the source."""
        return self.mode is MoveMode.ROLLBACK

    @property
    def is_round_trip(self) -> bool:
        """Whether users come back after they were seen on the target."""
        return self.mode is MoveMode.ROUND_TRIP

    @property
    def is_on_last_step(self) -> bool:
        """Whether no step follows the current one."""
        return len(self.steps) == 1

    @property
    def destination(self) -> RegionRole:
        """The Region that has all users when the move ends."""
        return self.source if self.is_rolling_back else self.target

    @property
    def is_partial(self) -> bool:
        """Whether the current step leaves users in both Regions."""
        return 0 < self.steps[0] < ALL_PERCENT

    @property
    def current_progress(self) -> Progress | None:
        """The progress of the current step; None before its intent is saved."""
        return self.progress if self.progress and self.progress.intent.weights == self.weights else None

    @property
    def step_confirmed_at(self) -> Instant | None:
        """When the current step was confirmed; None if it is not, or if no step follows."""
        if self.is_on_last_step:
            return None
        return self.arrived_at if self.is_round_trip else self.records_confirmed_at

    def with_next_step(self, now: Instant) -> "Move":
        """Return the move at its next step. The second half of a round trip is a rollback."""
        mode = MoveMode.ROLLBACK if self.is_round_trip else self.mode
        return self._restart(now, mode, self.steps[1:])

    def with_single_step(self, now: Instant) -> "Move":
        """Return the move to its target with all steps that are left as one."""
        return replace(self._restart(now, MoveMode.ALL_AT_ONCE), rollback_reason="")

    def with_rollback(self, now: Instant, reason: str = "") -> "Move":
        """Return the move on its way back to the source."""
        return replace(self._restart(now, MoveMode.ROLLBACK), rollback_reason=reason)

    def without_return(self, now: Instant) -> "Move":
        """Return a round trip as a move that stays on its target, by all levers."""
        return replace(self._restart(now, MoveMode.ALL_AT_ONCE), levers=ALL_LEVERS)

    def _restart(self, now: Instant, mode: MoveMode, steps: tuple[int, ...] | None = None) -> "Move":
        return replace(
            self,
            mode=mode,
            steps=steps or mode.steps,
            step_started_at=now,
            is_delay_notified=False,
            records_confirmed_at=None,
        )
