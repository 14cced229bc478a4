"""The complete saved state of the controller. Processes keep no other state."""

from dataclasses import dataclass, field
from typing import Any

from cognito_failover.common.region import Instant, PerRole, RegionRole, Weights, find_full_role
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.canary_backoff import ALL_CLOSED, Backoffs
from cognito_failover.core.failure_detector import Suspicion
from cognito_failover.core.model.drill import Drill
from cognito_failover.core.model.event import Event
from cognito_failover.core.model.location import Location, LocationDifference
from cognito_failover.core.model.move import Move
from cognito_failover.core.model.paging import Paging
from cognito_failover.core.model.records import DnsWatch, Intent
from cognito_failover.core.replication_lag import LagState
from cognito_failover.core.verdict import SERVING_VERDICTS, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictStreak:
    """The number of rounds in a row with the same verdict on a Region. A round without new looks does not count.

    Attributes
    ----------
    verdict, rounds, since
        The verdict, the number of rounds, and when the first of them was.
    earlier_serving_rounds, earlier_serving_since
        The rounds directly before it with another verdict that serves, and when the first of them was.
    looks
        The last look of each observer that was counted.

    """

    verdict: Verdict = Verdict.UNKNOWN
    rounds: int = 0
    since: Instant = 0.0
    looks: dict[str, Instant] = field(default_factory=dict)
    earlier_serving_rounds: int = 0
    earlier_serving_since: Instant | None = None

    @property
    def serving_rounds(self) -> int:
        """The number of rounds in a row in which the Region served, with any of those verdicts."""
        return self.rounds + self.earlier_serving_rounds if self.verdict in SERVING_VERDICTS else 0

    @property
    def serving_since(self) -> Instant:
        """The time of the first of those rounds. Without any, that of the streak."""
        return self.since if self.earlier_serving_since is None else self.earlier_serving_since


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A stop of automation until a given time, requested by a person."""

    until: Instant
    reason: str
    requested_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A stop of automation by the controller, until a person acknowledges.

    Attributes
    ----------
    since
        When it started.
    reason
        The reason as a sentence.
    bars_rescue
        Whether a person decided against the controller: overrode a safety rule, or aborted a move that the controller
        would begin again. Then no failover starts until the acknowledgement.
    served_roles
        The Regions that have served for several rounds since. Their sickness is then new.

    """

    since: Instant
    reason: str
    bars_rescue: bool = False
    served_roles: frozenset[RegionRole] = frozenset()

    @property
    def id(self) -> str:
        """The id that an acknowledgement names."""
        return f"hold-{int(self.since)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedRecords:
    """The records as last read.

    Attributes
    ----------
    read_at
        When they were read.
    weights
        Their weights; None if they are not supported.
    ttl_seconds
        Time that a resolver may keep an old answer.
    problem
        Why they are not supported, and what to do; empty if they are.
    read_error
        Why later reads failed, after an event has reported it; empty otherwise.
    warning
        What does not fit but prevents no move, and what to do; empty if all fits.
    dns_watch
        Where DNS shows which Region the records send users to; None without records.
    is_awaiting_creation
        Whether the name had no records when the state was created observe-only, so that they still have to be created.
    read_failed_at
        When a later read last failed; None if none failed.

    """

    read_at: Instant
    weights: Weights | None = None
    ttl_seconds: int = 0
    problem: str = ""
    read_error: str = ""
    warning: str = ""
    dns_watch: DnsWatch | None = None
    is_awaiting_creation: bool = False
    read_failed_at: Instant | None = None

    @property
    def last_attempt_at(self) -> Instant:
        """When the last read was made, successful or not."""
        return self.read_at if self.read_failed_at is None else self.read_failed_at


@dataclass(frozen=True, slots=True, kw_only=True)
class LatchState:
    """The desired and the known state of one latch.

    Attributes
    ----------
    is_thrown
        The desired state, saved before the latch is set.
    set_at
        When the latch was set to it, or was first read in it; None while that is not known.
    effective_at
        When DNS first showed that its health check followed; None before.
    set_failed_at
        When an attempt to set it last failed; None if none failed.
    read_failing_since
        Since when reads have failed; None if the last one succeeded.
    problem
        Why it is not set, or the read error after an event has reported it; empty if there is none.
    dns_watch
        Where DNS shows the state of its health check; None while it is not attached and so does not move users. Without
        records if they were removed while it was attached: it still moves users.

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
        """The Region that it sends users to."""
        return RegionRole.STANDBY if self.is_thrown else RegionRole.PRIMARY

    @property
    def is_attached(self) -> bool:
        """Whether it moves users."""
        return self.dns_watch is not None

    @property
    def is_shown(self) -> bool:
        """Whether records show where it sends users."""
        return self.dns_watch is not None and bool(self.dns_watch.record_sets)


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingWeightSync:
    """A weight sync that is still to be made, after a latch has moved users.

    Attributes
    ----------
    intent
        The change, after it is saved; None before.
    failed_at
        When an attempt last failed, or had to wait; None if that has not happened.
    last_error
        The last error.

    """

    intent: Intent | None = None
    failed_at: Instant | None = None
    last_error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightSummary:
    """The part of the last preflight that rounds use.

    Attributes
    ----------
    at
        When it started.
    failing_checks
        The checks of high severity that an event has reported as failed.
    failover_blockers
        Why moving users to the standby would be worse than not moving them, one sentence for each such check.

    """

    at: Instant
    failing_checks: tuple[str, ...] = ()
    failover_blockers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletedRequest:
    """An operator request that was accepted. The same token never acts twice. An old one has no answer any more."""

    token: str
    at: Instant
    action: str
    answer: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedRequest:
    """An operator request that was refused. A repeat, such as a second delivery, has no second event."""

    token: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ControllerState:
    """The saved state.

    Attributes
    ----------
    created_at
        When this state was created from records and latches. The startup grace period starts then.
    round_message
        The message of the last round.
    active_role, active_since, weights
        The decided side: the Region that shall have all users, since when, and the weights for that.
    locations
        Where the users of each steered name are, as last observed.
    looked_at
        When a look at the locations was last made, successful or not; None before the first.
    differences
        The names whose users are elsewhere than decided, while no move is under way.
    last_round_at
        When the last round observed; None before the first.
    streaks
        The current run of equal verdicts on each Region.
    suspicion
        The failure detector's state for the Region that was active in the last round.
    move
        The move under way.
    last_move, last_move_ended_at
        The last confirmed move, and when it ended.
    cool_down_until
        No automatic move starts before this time.
    automatic_move_times
        When the automatic moves of the last day were decided.
    is_auto_failback_pending
        Whether an automatic failback follows when the primary is stable. True only if the controller moved users away
        under a policy that allows it, and no person has intervened since.
    degraded_verdicts
        The last reported verdict on each degraded Region; None for others.
    blocked_by
        The rule that blocks a due automatic move; empty if no move is due.
    pause, is_observe_only, hold
        What prevents automatic moves.
    drill, last_drill
        The active drill, and the last one that ended.
    records
        The records as last read.
    latches
        The state of each latch.
    pending_weight_sync
        A weight sync that is still to be made.
    unsettled_fence
        The fence of a saved change that is given up, but that a suspended process may still make. The next read raises
        the fence. None if there is no such change.
    backoffs
        The pause of the canary in each Region, after refused passwords.
    preflight
        The summary of the last preflight; None before the first.
    lag_state
        The state of the lag measurements.
    incident_id
        The id of the open incident; empty if there is none.
    reported_news
        The news of the incident that events have reported and none has contradicted.
    undelivered_events
        Events whose notification is not sent yet. They are sent again after a failure.
    paging
        What limits the messages to people.
    completed_requests
        The accepted requests of the last day, and the answers of the latest, newest first.
    rejected_requests
        The latest refusals with an event, newest first.

    """

    created_at: Instant
    round_message: str = ""
    active_role: RegionRole
    active_since: Instant
    weights: Weights
    locations: dict[SteeredName, Location] = field(default_factory=dict)
    looked_at: Instant | None = None
    differences: dict[SteeredName, LocationDifference] = field(default_factory=dict)
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
    latches: dict[SteeredName, LatchState] = field(default_factory=dict)
    pending_weight_sync: PendingWeightSync | None = None
    unsettled_fence: int | None = None
    backoffs: Backoffs = ALL_CLOSED
    preflight: PreflightSummary | None = None
    lag_state: LagState = field(default_factory=LagState)
    incident_id: str = ""
    reported_news: tuple[str, ...] = ()
    undelivered_events: tuple[Event, ...] = ()
    paging: Paging = field(default_factory=Paging)
    completed_requests: tuple[CompletedRequest, ...] = ()
    rejected_requests: tuple[RejectedRequest, ...] = ()

    @property
    def active_suspicion(self) -> Suspicion:
        """The suspicion of a Region that has users. A suspicion of another Region does not count."""
        return self.suspicion if self.suspicion.role in self.user_roles else Suspicion(role=self.users_role)

    @property
    def has_watched_records(self) -> bool:
        """Whether the location of the records' users can be observed."""
        return self.records is not None and self.records.dns_watch is not None

    @property
    def user_roles(self) -> frozenset[RegionRole]:
        """The Regions that have users: the decided one, or where two looks in a row or split weights show them."""
        names = {*self.locations, SteeredName.RECORDS} if self.has_watched_records else set(self.locations)
        roles = set[RegionRole]() if names else {self.active_role}
        for name in names:
            difference = self.differences.get(name)
            if difference and difference.is_confirmed:
                roles |= {role for role in RegionRole if difference.location.get_share(role) > 0}
            elif name is SteeredName.RECORDS and self._are_records_split:
                roles |= set(RegionRole)
            else:
                roles.add(self.active_role)
        return frozenset(roles)

    @property
    def _are_records_split(self) -> bool:
        """Whether a person's weights leave users in both Regions. A few queries may miss a small share."""
        return self.has_watched_records and self.find_lever_role(SteeredName.RECORDS) is None

    def find_lever_role(self, name: SteeredName) -> RegionRole | None:
        """Return the Region that the levers send all users of a name to; None if both have a share, or neither."""
        latch = self.latches.get(name)
        if latch and latch.is_attached and (latch.is_thrown or name is SteeredName.DOMAIN):
            return latch.role
        return find_full_role(self.weights)

    @property
    def lever_role(self) -> RegionRole | None:
        """The Region that the levers send all users of every name to; None if there is no single one."""
        attached = (name for name, latch in self.latches.items() if latch.is_attached)
        roles = {self.find_lever_role(name) for name in (SteeredName.RECORDS, *attached)}
        return roles.pop() if len(roles) == 1 else None

    @property
    def users_role(self) -> RegionRole:
        """The Region that has the users; the decided one if both have some."""
        roles = self.user_roles
        return self.active_role if len(roles) > 1 else next(iter(roles))


def require_weight_sync(state: ControllerState) -> PendingWeightSync:
    """Return the pending weight sync.

    Raises
    ------
    ValueError
        If there is none.

    """
    if state.pending_weight_sync is None:
        raise ValueError("no weights have to follow")
    return state.pending_weight_sync


def require_move(state: ControllerState) -> Move:
    """Return the move under way.

    Raises
    ------
    ValueError
        If there is none.

    """
    if state.move is None:
        raise ValueError("no move is under way")
    return state.move


def require_drill(state: ControllerState) -> Drill:
    """Return the active drill.

    Raises
    ------
    ValueError
        If there is none.

    """
    if state.drill is None:
        raise ValueError("no drill is on")
    return state.drill
