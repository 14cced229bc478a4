"""All that the controller remembers between two rounds. It is never kept in a process."""

from dataclasses import dataclass, field
from typing import Any

from cognito_failover.common.latch_name import LatchName
from cognito_failover.common.region import Instant, PerRole, RegionRole, Weights
from cognito_failover.core.canary_backoff import ALL_CLOSED, Backoffs
from cognito_failover.core.failure_detector import Suspicion
from cognito_failover.core.model.drill import Drill
from cognito_failover.core.model.event import Event
from cognito_failover.core.model.move import Move
from cognito_failover.core.model.records import DnsWatch, Intent
from cognito_failover.core.replication_lag import LagState
from cognito_failover.core.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictStreak:
    """How often in a row the same verdict has been reached about a Region."""

    verdict: Verdict = Verdict.UNKNOWN
    rounds: int = 0
    since: Instant = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Automation stopped by a person, until a moment."""

    until: Instant
    reason: str
    requested_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Automation stopped by the controller itself, until a person acknowledges."""

    since: Instant
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedRecords:
    """The world as last read: what steers traffic now, or why it wasn't understood.

    Attributes
    ----------
    at
        When it was read.
    weights
        As found; None where it wasn't understood.
    ttl_seconds
        How long a resolver may keep the old answer.
    problem
        Why it wasn't understood, and the way out; empty if it was.
    out_of_reach
        Why it could not be read again since, once that has been told; empty otherwise.
    tried_at
        When it was last tried to be read since, in vain; None if it wasn't.
    sight
        How to see from outside which side the records send users to; None where there are none.
    uncreated
        The name has had no records since the controller began, which only observed then: they are still to be created.

    """

    read_at: Instant
    weights: Weights | None = None
    ttl_seconds: int = 0
    problem: str = ""
    read_error: str = ""
    dns_watch: DnsWatch | None = None
    is_awaiting_creation: bool = False
    read_failed_at: Instant | None = None

    @property
    def last_attempt_at(self) -> Instant:
        """When it was last read, or tried to be."""
        return self.read_at if self.read_failed_at is None else self.read_failed_at


@dataclass(frozen=True, slots=True, kw_only=True)
class LatchState:
    """One latch, as it should be and as far as it is known to be so.

    Attributes
    ----------
    thrown
        What it should be: saved before it is set.
    set_at
        When it was last set or read to be so; None while it isn't known to be.
    arrived_at
        When it was first seen from outside that its check follows; None before.
    tried_at
        When setting it was last tried in vain; None if it wasn't.
    unread_since
        Since when it could not be read; None if it was when last tried.
    trouble
        What keeps it from being set, or from being read for long enough to have been told; empty if nothing does.
    sight
        Where its check's state shows in DNS; None while it isn't attached, and so moves nothing.

    """

    is_thrown: bool
    set_at: Instant | None = None
    effective_at: Instant | None = None
    set_failed_at: Instant | None = None
    read_failing_since: Instant | None = None
    problem: str = ""
    dns_watch: DnsWatch | None = None

    @property
    def role(self) -> RegionRole:
        """Where it sends users."""
        return RegionRole.STANDBY if self.is_thrown else RegionRole.PRIMARY


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingWeightSync:
    """Weights that still have to follow a move which the latch has made without them.

    Attributes
    ----------
    intent
        The change, once it is saved; None before.
    tried_at
        When Route 53 was last asked in vain; None if it wasn't.
    trouble
        What it answered.

    """

    intent: Intent | None = None
    failed_at: Instant | None = None
    last_error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightSummary:
    """What a round has learnt of the last preflight.

    Attributes
    ----------
    at
        When that was made.
    failing
        The checks of high severity that people have been told of as failed.
    bars
        Why moving users to the standby would surely be worse, a sentence for each check that says so.

    """

    at: Instant
    failing_checks: tuple[str, ...] = ()
    failover_blockers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletedRequest:
    """A manual request that has been answered, so that its repeat does nothing."""

    token: str
    at: Instant
    action: str
    answer: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedRequest:
    """A manual request whose refusal was told: its repeat, such as a second delivery, is not told again."""

    token: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ControllerState:
    """What is remembered.

    Attributes
    ----------
    born_at
        When this state was made from the world; judging waits a while from then.
    reason
        What the last round did, or why it did nothing, as a sentence.
    active, active_since, weights
        The side last confirmed to serve, since when, and the weights that make it so.
    last_round_at
        When the last round observed; None before the first.
    streaks
        The run of equal verdicts about each side.
    suspicion
        What speaks for a sickness of the side that served in the last round.
    move
        The move under way.
    last_move, last_move_ended_at
        The last one that ended confirmed.
    cool_down_until
        No automatic move begins before.
    automatic_moves
        When the automatic moves of the last day were decided.
    to_return
        Whether users are brought back by themselves once the primary has recovered: the controller moved them away
        when the policy already said so, and no person has had a hand in it since.
    concerns
        The verdict last told about each side; None where all is well.
    blocked_by
        The rule that keeps a wanted automatic move from beginning; empty when none is wanted or kept.
    pause, observe_only, hold
        What keeps automation from beginning a move.
    drill, last_drill
        The drill that is on, and the last one that ended.
    surveyed
        The records as last read.
    latches
        Every latch there is.
    trailing
        The weights that still have to follow the users.
    backoffs
        How long each Region's canary is left alone after refused passwords.
    preflight
        What is known of the last preflight; None before the first.
    freshness
        How far the replica was behind when that was last measured.
    incident
        What ties together all that is told of the present trouble; empty while there is none.
    untold
        Announcements that nobody has been sent yet: a notification that fails is sent again.
    answered
        The latest manual requests and their answers, newest first.
    refused
        The latest refusals that were told, newest first.

    """

    created_at: Instant
    round_message: str = ""
    active_role: RegionRole
    active_since: Instant
    weights: Weights
    last_round_at: Instant | None = None
    streaks: PerRole[VerdictStreak] = field(
        default_factory=lambda: PerRole(primary=VerdictStreak(), standby=VerdictStreak())
    )
    suspicion: Suspicion = field(default_factory=Suspicion)
    move: Move | None = None
    last_move: Move | None = None
    last_move_ended_at: Instant | None = None
    cool_down_until: Instant = 0.0
    automatic_move_times: tuple[Instant, ...] = ()
    is_auto_failback_pending: bool = False
    degraded_verdicts: PerRole[Verdict | None] = field(default_factory=lambda: PerRole(primary=None, standby=None))
    blocked_by: str = ""
    pause: Pause | None = None
    is_observe_only: bool = False
    hold: Hold | None = None
    drill: Drill | None = None
    last_drill: Drill | None = None
    records: SavedRecords | None = None
    latches: dict[LatchName, LatchState] = field(default_factory=dict)
    pending_weight_sync: PendingWeightSync | None = None
    backoffs: Backoffs = ALL_CLOSED
    preflight: PreflightSummary | None = None
    lag_state: LagState = field(default_factory=LagState)
    incident_id: str = ""
    undelivered_events: tuple[Event, ...] = ()
    completed_requests: tuple[CompletedRequest, ...] = ()
    rejected_requests: tuple[RejectedRequest, ...] = ()

    @property
    def active_suspicion(self) -> Suspicion:
        """What speaks for a sickness of the serving side: nothing that was found while the other one served."""
        return self.suspicion if self.suspicion.role is self.active_role else Suspicion(role=self.active_role)


def require_weight_sync(state: ControllerState) -> PendingWeightSync:
    """Return the weights that still have to follow; only to be asked while there are any."""
    if state.pending_weight_sync is None:
        raise ValueError("no weights have to follow")
    return state.pending_weight_sync


def require_move(state: ControllerState) -> Move:
    """Return the move under way; only to be asked while there is one."""
    if state.move is None:
        raise ValueError("no move is under way")
    return state.move


def require_drill(state: ControllerState) -> Drill:
    """Return the drill that is on; only to be asked while there is one."""
    if state.drill is None:
        raise ValueError("no drill is on")
    return state.drill
