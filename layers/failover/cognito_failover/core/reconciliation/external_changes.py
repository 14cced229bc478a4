"""Detects and handles drift: external changes of records and latches that differ from the saved state. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cognito_failover.common.region import (
    Instant,
    RegionRole,
    Weights,
    find_full_role,
    have_equal_shares,
    route_all_to,
)
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.common.text import format_duration
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.records import DnsWatch, RecordsSnapshot
from cognito_failover.core.model.state import ControllerState, Hold, LatchState, SavedRecords
from cognito_failover.core.move.latches import has_unfinished_change
from cognito_failover.core.move.transitions import give_up_changes, on_weights_synced
from cognito_failover.core.round_context import RoundContext
from cognito_failover.core.transition import Transition
from cognito_failover.settings.controller import Settings

READ_FAILURE_ALERT_SECONDS = 300.0
"""Time without a successful read after which an event reports it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LatchReading:
    """A latch as it was read.

    Attributes
    ----------
    is_thrown
        Whether it is set.
    dns_watch
        Where DNS shows the state of its health check; None while it is not attached.
    attachment_problem
        An external change of its health checks; empty if there is none.

    """

    is_thrown: bool
    dns_watch: DnsWatch | None
    attachment_problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingSnapshot:
    """Records and latches as they were read.

    Attributes
    ----------
    records
        The records; None if only Cognito's own domain is managed, or without a successful read.
    records_problem
        Why the records are not supported; empty if they are, or if they could not be read.
    records_read_error
        Why the records could not be read; empty if they could.
    latches
        Each latch that could be read, also without the records.
    latch_read_errors
        Why the other latches could not be read.

    """

    records: RecordsSnapshot | None
    records_problem: str = ""
    records_read_error: str = ""
    latches: Mapping[SteeredName, LatchReading] = field(default_factory=dict)
    latch_read_errors: Mapping[SteeredName, str] = field(default_factory=dict)


def create_initial_state(snapshot: RoutingSnapshot, context: RoundContext) -> Transition:
    """Return the first state of a controller without saved state. It keeps records and latches as they are."""
    settings, now = context.settings, context.now
    latches = {
        name: LatchState(is_thrown=latch.is_thrown, set_at=now, dns_watch=latch.dns_watch)
        for name, latch in snapshot.latches.items()
    }
    weights = snapshot.records.weights if snapshot.records else _derive_weights_from_domain(latches)
    routing_text = describe_routing(weights, settings, latches)
    records = _to_saved_records(snapshot.records, latches, now)
    if snapshot.records and settings.observe_only and not has_records(snapshot.records, settings):
        records = SavedRecords(read_at=now, problem=_describe_missing_records(settings), is_awaiting_creation=True)
        routing_text = "there are none yet"
    state = ControllerState(
        created_at=now,
        active_role=_get_heavier_role(weights),
        active_since=now,
        weights=weights,
        records=records,
        latches=latches,
    )
    state = replace(state, active_role=state.lever_role or state.active_role)
    source_text = "the records as they are" if snapshot.records else "the latch as it is"
    message = f"The controller has no saved state and starts from {source_text}: {routing_text}."
    if detached_names := [name for name, latch in latches.items() if latch.dns_watch is None]:
        message += (
            f" The latch of the {' and the '.join(detached_names)} is not attached, and does not move users until you "
            f"invoke the operator action attach."
        )
    initialized_event = Event(kind=EventKind.STATE_INITIALIZED, at=now, message=message)
    initialized = replace(
        Transition.from_event(state, initialized_event),
        events=(initialized_event, *_create_routing_problem_events(None, records, context)),
    )
    if state.lever_role is not None:
        return initialized
    return initialized.then(_hold(state, f"the records do not send all users to one Region: {routing_text}.", now))


def reconcile(state: ControllerState, snapshot: RoutingSnapshot, context: RoundContext) -> Transition:
    """Return what follows from a read of records and latches while no move is under way; the message is empty.

    An external change stays as it is. The state follows it if it is clear, and automation waits for a person. What one
    lever shows counts, even if another one can't be read.
    """
    previous_records = state.records
    latches, latch_events = _update_latches(state, snapshot, context.now)
    routing = _update_records(state, snapshot, latches, context)
    state, events = routing.state, (*routing.events, *latch_events)
    if snapshot.records and not (state.records and state.records.problem):
        weights = snapshot.records.weights
    else:
        weights = state.weights if context.settings.has_managed_records else _derive_weights_from_domain(latches)
    is_unfinished = has_unfinished_change(state)
    if state.pending_weight_sync and not is_unfinished and find_full_role(weights) is state.active_role:
        synced = on_weights_synced(state, context)
        state, events = replace(synced.state, weights=weights), (*events, *synced.events)
    refreshed = Transition(state=replace(state, latches=latches), events=events)
    # A latch that is not attached does not move users.
    are_latches_unchanged = all(
        latches[name].is_thrown is previous.is_thrown or not latches[name].is_attached
        for name, previous in state.latches.items()
    )
    changed_state = replace(refreshed.state, weights=weights)
    active_role = changed_state.lever_role
    # The weight sync compares the records with an unfinished change.
    are_weights_alike = is_unfinished or have_equal_shares(weights, state.weights)
    # A superseded move may have moved all users by a latch, without any change since.
    if are_weights_alike and are_latches_unchanged and active_role in {None, state.active_role}:
        return refreshed
    if snapshot.records and not are_weights_alike:
        change_text = "the records were changed"
    elif are_latches_unchanged:
        change_text = "the attachment of a latch was changed"
    elif any(latches[name].is_thrown and not previous.is_thrown for name, previous in state.latches.items()):
        change_text = "a latch was set"
    else:
        change_text = "a latch was released"
    before = describe_routing(state.weights, context.settings, state.latches)
    after = describe_routing(weights, context.settings, latches)
    accepted_state = replace(
        give_up_changes(changed_state),
        active_role=active_role or state.active_role,
        active_since=context.now if active_role and active_role is not state.active_role else state.active_since,
        is_auto_failback_pending=False,
    )
    # The first read after a superseded move: its event has reported this.
    hold = state.hold
    if hold and not hold.bars_rescue and previous_records and previous_records.read_at < hold.since:
        return replace(refreshed, state=accepted_state)
    reason = f"{change_text} externally: they were {before}, and are {after}."
    return refreshed.then(_hold(accepted_state, reason, context.now))


def _update_records(
    state: ControllerState, snapshot: RoutingSnapshot, latches: Mapping[SteeredName, LatchState], context: RoundContext
) -> Transition:
    """Return the state with the records as read, or as last read with the reason why they were not."""
    if snapshot.records_read_error:
        return _on_read_failure(state, snapshot.records_read_error, context)
    problem = snapshot.records_problem
    if snapshot.records and _were_records_deleted(state, snapshot.records, context.settings):
        problem = _describe_deleted_records(state, context.settings)
    if problem:
        records = SavedRecords(
            read_at=context.now,
            problem=problem,
            is_awaiting_creation=_is_awaiting_creation(state),
            # DNS still answers, and shows where users are.
            dns_watch=state.records.dns_watch if state.records else None,
        )
    else:
        records = _to_saved_records(snapshot.records, latches, context.now)
    events = _create_routing_problem_events(state.records, records, context)
    return Transition(state=replace(state, records=records), events=events)


def _on_read_failure(state: ControllerState, reason: str, context: RoundContext) -> Transition:
    """Return what follows from a failed read. Failures that persist have one event. They never block a move."""
    if state.records is None:
        return Transition(state=state)
    records = replace(state.records, read_failed_at=context.now)
    silence_seconds = context.now - records.read_at
    if records.read_error or silence_seconds < READ_FAILURE_ALERT_SECONDS:
        return Transition(state=replace(state, records=records))
    message = (
        f"The records of {context.settings.domain_name} have not been read for {format_duration(silence_seconds)}: "
        f"{reason} The controller would still try a move, but the weights can change only when Route 53 accepts "
        f"changes."
    )
    event = Event(kind=EventKind.LEVER_PROBLEM, at=context.now, message=message)
    return Transition(state=replace(state, records=replace(records, read_error=reason)), events=(event,))


def _hold(state: ControllerState, reason: str, now: Instant) -> Transition:
    """Stop automation until a person acknowledges; the message is empty."""
    message = f"Automation waits for an acknowledgement: {reason}"
    event = Event(kind=EventKind.AUTOMATION_HELD, at=now, message=message)
    return Transition(state=replace(state, hold=Hold(since=now, reason=reason)), events=(event,))


def _were_records_deleted(state: ControllerState, records: RecordsSnapshot, settings: Settings) -> bool:
    return not has_records(records, settings) and not may_create_missing(state, records, settings)


def _describe_deleted_records(state: ControllerState, settings: Settings) -> str:
    if _is_awaiting_creation(state):
        return _describe_missing_records(settings)
    return f"{settings.domain_name} has no records any more. Create its weighted pair again: users need it."


def has_records(records: RecordsSnapshot, settings: Settings) -> bool:
    """Return whether the domain name has records. Without records, the weights are those that would be created."""
    return any(
        record_set["Name"].removesuffix(".").lower() == settings.domain_name for record_set in records.record_sets
    )


def may_create_missing(state: ControllerState | None, records: RecordsSnapshot, settings: Settings) -> bool:
    """Return whether the controller may create missing records. Without a state, it starts for the first time.

    An observe-only stack creates only the region TXT pair of existing records, which steers no user. The records of the
    name are created only if there were none when the state was created. Otherwise a person has deleted them.
    """
    return has_records(records, settings) or (
        not settings.observe_only and (state is None or _is_awaiting_creation(state))
    )


def describe_routing(
    weights: Weights, settings: Settings, latches: Mapping[SteeredName, LatchState] | None = None
) -> str:
    """Return weights and set latches as people read them, such as ``ap-northeast-1 255, us-east-1 0``."""
    shares = [f"{settings.regions[role]} {weight}" for role, weight in weights] if settings.has_managed_records else []
    thrown_latches = [
        f"the latch of the {name} set"
        for name, latch in (latches or {}).items()
        if latch.is_thrown and latch.is_attached
    ]
    return ", ".join((*shares, *thrown_latches)) or f"all users on {settings.regions.primary}"


def _is_awaiting_creation(state: ControllerState) -> bool:
    return state.records is not None and state.records.is_awaiting_creation


def _describe_missing_records(settings: Settings) -> str:
    return (
        f"{settings.domain_name} has no records yet, and a stack that is deployed observe-only creates none. Deploy "
        f"with ObserveOnly=false to have its weighted pair created, or create it yourself."
    )


def _update_latches(
    state: ControllerState, snapshot: RoutingSnapshot, now: Instant
) -> tuple[dict[SteeredName, LatchState], tuple[Event, ...]]:
    """Return all latches after a read, and one event for each new problem and each recovery."""
    latches, events = dict(state.latches), list[Event]()
    for name, reading in snapshot.latches.items():
        previous = state.latches.get(name)
        latches[name] = _update_latch(previous, reading, now, is_on_hold=state.hold is not None)
        if reading.attachment_problem:
            latches[name] = replace(latches[name], problem=reading.attachment_problem)
        if event := _create_latch_event(name, previous, reading, now):
            events.append(event)
    for name, error in snapshot.latch_read_errors.items():
        if previous := state.latches.get(name):
            latches[name], event = _on_latch_read_failure(name, previous, error, now)
            events.extend([event] if event else [])
    return latches, tuple(events)


def _create_latch_event(
    name: SteeredName, previous: LatchState | None, reading: LatchReading, now: Instant
) -> Event | None:
    """Return the event of a latch that was read: a new problem, or a recovery."""
    if reading.attachment_problem:
        if previous and previous.problem == reading.attachment_problem:
            return None
        message = f"The latch of the {name} is not attached as before: {reading.attachment_problem}"
        return Event(kind=EventKind.LATCH_PROBLEM, at=now, message=message)
    if previous is None or not previous.problem:
        return None
    if previous.read_failing_since is not None:
        message = f"The latch of the {name} can be read again."
    elif previous.set_at is not None and reading.dns_watch is not None:
        message = f"The latch of the {name} is attached again."
    else:
        return None
    return Event(kind=EventKind.LATCH_RECOVERED, at=now, message=message)


def _on_latch_read_failure(
    name: SteeredName, previous: LatchState, error: str, now: Instant
) -> tuple[LatchState, Event | None]:
    """Return a latch after a failed read. Failures that persist have one event."""
    since = now if previous.read_failing_since is None else previous.read_failing_since
    failing_latch = replace(previous, read_failing_since=since)
    if now - since < READ_FAILURE_ALERT_SECONDS or previous.problem:
        return failing_latch, None
    message = f"The latch of the {name} has not been read for {format_duration(now - since)}: {error}"
    event = Event(kind=EventKind.LATCH_PROBLEM, at=now, message=message)
    return replace(failing_latch, problem=error), event


def _update_latch(previous: LatchState | None, reading: LatchReading, now: Instant, *, is_on_hold: bool) -> LatchState:
    """Return a latch after a successful read."""
    if previous is None:
        return LatchState(is_thrown=reading.is_thrown, set_at=now, dns_watch=reading.dns_watch)
    if previous.set_at is None and not is_on_hold:  # the driver still has to set it: keep its desired state
        return replace(previous, read_failing_since=None, dns_watch=reading.dns_watch)
    is_unchanged = reading.is_thrown is previous.is_thrown
    return replace(
        previous,
        is_thrown=reading.is_thrown,
        set_at=previous.set_at if is_unchanged and previous.set_at is not None else now,
        effective_at=previous.effective_at if is_unchanged else None,
        read_failing_since=None,
        problem="",
        dns_watch=reading.dns_watch,
    )


def _create_routing_problem_events(
    previous: SavedRecords | None, records: SavedRecords, context: RoundContext
) -> tuple[Event, ...]:
    """Return an event when a read shows that no move is possible, and one when moves are possible again."""
    settings, now = context.settings, context.now
    if records.problem:
        if previous and previous.problem == records.problem:
            return ()
        subject = (
            f"The records of {settings.domain_name}" if settings.has_managed_records else settings.managed_login_domain
        )
        message = f"{subject} can't be used, and no move is possible: {records.problem}"
        return (Event(kind=EventKind.LEVER_PROBLEM, at=now, message=message),)
    if previous and (previous.problem or previous.read_error):
        subject = "The records can be used" if settings.has_managed_records else "The domain can be moved"
        return (Event(kind=EventKind.LEVER_RECOVERED, at=now, message=f"{subject} again."),)
    previous_warning = previous.warning if previous else ""
    if records.warning and records.warning != previous_warning:
        return (Event(kind=EventKind.LEVER_PROBLEM, at=now, message=records.warning),)
    if previous_warning and not records.warning:
        message = f"The region TXT record of {settings.domain_name} agrees with its records again."
        return (Event(kind=EventKind.LEVER_RECOVERED, at=now, message=message),)
    return ()


def _derive_weights_from_domain(latches: Mapping[SteeredName, LatchState]) -> Weights:
    domain_latch = latches.get(SteeredName.DOMAIN)
    return route_all_to(domain_latch.role if domain_latch else RegionRole.PRIMARY)


def _get_heavier_role(weights: Weights) -> RegionRole:
    return RegionRole.STANDBY if weights.standby > weights.primary else RegionRole.PRIMARY


def _to_saved_records(
    records: RecordsSnapshot | None, latches: Mapping[SteeredName, LatchState], now: Instant
) -> SavedRecords:
    if records is None:
        domain_latch = latches.get(SteeredName.DOMAIN)
        is_attached = domain_latch is not None and domain_latch.is_attached
        problem = (
            "" if is_attached else "Cognito's own domain has no latch attached; invoke the operator action attach."
        )
        return SavedRecords(read_at=now, problem=problem)
    # Missing records are created by now, or no move is possible.
    dns_watch = DnsWatch(record_sets=(*records.record_sets, *records.missing), name_servers=records.name_servers)
    return SavedRecords(
        read_at=now,
        weights=records.weights,
        ttl_seconds=records.ttl_seconds,
        warning=records.region_record_problem,
        dns_watch=dns_watch,
    )
