"""One move of the traffic, from the decision to its confirmation."""

from dataclasses import dataclass, replace
from enum import StrEnum

from cognito_failover.common.region import Instant, RegionRole, Weights, split_traffic
from cognito_failover.core.model.records import Intent

ALL_PERCENT = 100

ALL_AT_ONCE = (ALL_PERCENT,)
"""Steps of a move that takes all users at once."""

STEPPED = (10, 50, ALL_PERCENT)
"""Steps of a cautious failback: percent of the users on the target after each."""

ROLLBACK = (0,)
"""Steps of a move that is taken back."""

ROUND_TRIP = (ALL_PERCENT, *ROLLBACK)
"""Steps of a lever's test: all users go to the target, and once that is confirmed they come back."""


class LeverName(StrEnum):
    """Everything that can move users, each by its name."""

    WEIGHTS = "weights"
    RECORDS_LATCH = "records-latch"
    DOMAIN_LATCH = "domain-latch"


ALL_LEVERS = tuple(LeverName)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the current step has come. Saved after each advance, so that any round can take it up.

    Attributes
    ----------
    intent
        What the step changes, saved before it is changed.
    submitted_at, change_id
        When Route 53 took the change, and its id there.
    in_sync_at
        When Route 53 said that all its servers have it.

    """

    intent: Intent
    submitted_at: Instant | None = None
    change_id: str | None = None
    in_sync_at: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A move that has been decided.

    Attributes
    ----------
    id
        Correlates everything said about it.
    source, target
        The sides users leave and go to. The source is the last confirmed side.
    automatic
        Whether the controller decided it, rather than a person.
    reason
        Why, as a sentence: the controller's or the person's own.
    requested_by
        Who asked for it; ``controller`` for an automatic one.
    overridden
        Names of the safety rules that the person overrode.
    suspected_at
        When the first sick round of an automatic move was; for a manual one when it was asked for.
    decided_at
        When it was decided.
    step_began_at
        When its current step was decided.
    first_submitted_at, first_in_sync_at
        When Route 53 took its first change, or a latch was set that moves users; and when all servers had that change.
    steps
        Percent of the users to have on the target, the current step first.
    progress
        Of the weights' step last begun: the current one, or the one before it while the current one has no intent yet.
    in_steps
        Whether it takes more than one step: its latches then wait for their turn.
    returning
        Whether the controller decided it because the primary has recovered: its source then may well be healthy.
    records_confirmed_at
        When the records were seen to send users where the current step wants them.
    delay_announced
        Whether the current step's taking too long has been told.
    trouble
        What last kept it from advancing; empty while it advances.
    drill
        The id of the drill that it belongs to; empty if to none.
    levers
        What moves users in it; the others stay as they are.
    there_at
        Of a move that is to come back: when its users were seen to be on the target.
    turned_back
        Why it was turned round; empty if it wasn't.

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
    steps: tuple[int, ...] = ALL_AT_ONCE
    progress: Progress | None = None
    is_stepped: bool = False
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
        """Whether any lever has taken any of it: from then on it is carried to its end."""
        return self.first_submitted_at is not None

    @property
    def is_automatic_failover(self) -> bool:
        """Whether the controller decided it because its source was sick: once that is well again, it is for nothing."""
        return self.is_automatic and not self.is_automatic_failback

    @property
    def time_origin_text(self) -> str:
        """What its time is counted from, as a message names it."""
        if self.is_automatic_failover:
            return "the first sick round"
        return "it was decided" if self.is_automatic else "it was asked for"

    @property
    def is_rolling_back(self) -> bool:
        """Whether it is on its way back to its source."""
        return self.steps == ROLLBACK

    @property
    def is_on_last_step(self) -> bool:
        """Whether no further step follows."""
        return len(self.steps) == 1

    @property
    def is_round_trip(self) -> bool:
        """Whether its users are to come back once they were seen to be on the target."""
        return self.steps == ROUND_TRIP

    @property
    def destination(self) -> RegionRole:
        """The side that has all users when it ends."""
        return self.source if self.is_rolling_back else self.target

    @property
    def is_partial(self) -> bool:
        """Whether its current step leaves users on both sides."""
        return 0 < self.steps[0] < ALL_PERCENT

    @property
    def current_progress(self) -> Progress | None:
        """How far the current step has come; None before its intent is saved."""
        return self.progress if self.progress and self.progress.intent.weights == self.weights else None

    @property
    def step_confirmed_at(self) -> Instant | None:
        """When the current step was confirmed and a further one may follow; None while it is under way."""
        if self.is_on_last_step:
            return None
        return self.arrived_at if self.is_round_trip else self.records_confirmed_at

    def with_next_step(self, now: Instant) -> "Move":
        """Return the move at its next step, whose intent is still to be made from the world as it then is."""
        return replace(
            self, steps=self.steps[1:], step_started_at=now, is_delay_notified=False, records_confirmed_at=None
        )

    def with_single_step(self, now: Instant) -> "Move":
        """Return the move with all that is left of it in one step."""
        return replace(
            self,
            steps=ALL_AT_ONCE,
            is_stepped=False,
            step_started_at=now,
            is_delay_notified=False,
            records_confirmed_at=None,
        )

    def with_rollback(self, now: Instant, reason: str = "") -> "Move":
        """Return the move on its way back to its source."""
        return replace(
            self,
            steps=ROLLBACK,
            step_started_at=now,
            is_delay_notified=False,
            records_confirmed_at=None,
            rollback_reason=reason,
        )

    def without_return(self, now: Instant) -> "Move":
        """Return a move that was to come back as one that stays on its target, by every lever."""
        return replace(
            self,
            steps=ALL_AT_ONCE,
            levers=ALL_LEVERS,
            step_started_at=now,
            is_delay_notified=False,
            records_confirmed_at=None,
        )
