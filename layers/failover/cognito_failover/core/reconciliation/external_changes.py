"""What the controller makes of the world it finds: its own, or somebody else's. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cognito_failover.common.latch_name import LatchName
from cognito_failover.common.region import Instant, RegionRole, Weights, route_all_to
from cognito_failover.common.text import format_duration
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.records import DnsWatch, RecordsSnapshot
from cognito_failover.core.model.state import ControllerState, Hold, LatchState, SavedRecords
from cognito_failover.core.move.transitions import on_weights_synced
from cognito_failover.settings.controller import Settings

READ_FAILURE_ALERT_SECONDS = 300.0
"""After this long without a look at a lever somebody is told."""

type ReconciliationResult = tuple[ControllerState, tuple[Event, ...]]
"""What to remember, and what to tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LatchReading:
    """A latch as it was found.

    Attributes
    ----------
    thrown
        What it is.
    sight
        Where its check's state shows; None while it isn't attached.
    loose
        What somebody else has done to its checks; empty if nothing.

    """

    is_thrown: bool
    dns_watch: DnsWatch | None
    attachment_problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingSnapshot:
    """What a look at the world brought back.

    Attributes
    ----------
    survey
        The records; None where only Cognito's own domain is moved.
    latches
        Every latch that could be read.
    unread
        Why the others could not be.

    """

    records: RecordsSnapshot | None
    latches: Mapping[LatchName, LatchReading] = field(default_factory=dict)
    latch_read_errors: Mapping[LatchName, str] = field(default_factory=dict)


def create_initial_state(snapshot: RoutingSnapshot, settings: Settings, now: Instant) -> ReconciliationResult:
    """Return the state of a controller that remembers nothing: it takes the world as it is, and moves nothing."""
    latches = {
        name: LatchState(is_thrown=latch.is_thrown, set_at=now, dns_watch=latch.dns_watch)
        for name, latch in snapshot.latches.items()
    }
    weights = snapshot.records.weights if snapshot.records else _derive_weights_from_domain(latches)
    active = find_serving_role(weights, latches)
    routing_text = describe_routing(weights, settings, latches)
    records = _to_saved_records(snapshot.records, latches, now)
    if snapshot.records and settings.observe_only and not has_records(snapshot.records, settings):
        records = SavedRecords(read_at=now, problem=_describe_missing_records(settings), is_awaiting_creation=True)
        routing_text = "there are none yet"
    state = ControllerState(
        created_at=now,
        active_role=active or _get_heavier_role(weights),
        active_since=now,
        weights=weights,
        records=records,
        latches=latches,
    )
    source_text = "the records as they are" if snapshot.records else "the latch as it is"
    detached_names = [name for name, latch in latches.items() if latch.dns_watch is None]
    message = f"The controller remembers nothing and takes {source_text}: {routing_text}."
    if detached_names:
        message += (
            f" The latch of the {' and the '.join(detached_names)} is not attached, and moves nobody until somebody invokes the "
            f"operator's attach."
        )
    initialized_event = Event(kind=EventKind.STATE_INITIALIZED, at=now, message=message)
    events = (initialized_event, *_create_routing_problem_events(None, records, settings, now))
    if active is not None:
        return state, events
    reason = f"the records send users to no single Region: {routing_text}."
    hold_event = Event(
        kind=EventKind.AUTOMATION_HELD, at=now, message=f"Automation waits for an acknowledgement: {reason}"
    )
    return replace(state, hold=Hold(since=now, reason=reason)), (*events, hold_event)


def reconcile(
    state: ControllerState, snapshot: RoutingSnapshot, settings: Settings, now: Instant
) -> ReconciliationResult:
    """Return the state after a look at the world, with no move under way.

    What somebody else has changed is left as it is: what it says is adopted where it is plain, and automation waits
    until a person has acknowledged.
    """
    if (
        snapshot.records
        and not has_records(snapshot.records, settings)
        and not may_create_missing(state, snapshot.records, settings)
    ):
        deletion_problem = (
            f"{settings.domain_name} has no records any more; create its weighted pair again, as users need it."
        )
        problem = _describe_missing_records(settings) if _is_awaiting_creation(state) else deletion_problem
        return on_unsupported_records(state, problem, settings, now)
    latches, latch_events = _update_latches(state, snapshot, now)
    weights = snapshot.records.weights if snapshot.records else _derive_weights_from_domain(latches)
    records = _to_saved_records(snapshot.records, latches, now)
    events = (*_create_routing_problem_events(state.records, records, settings, now), *latch_events)
    if state.pending_weight_sync and weights == route_all_to(state.active_role):
        state, _, sync_events = on_weights_synced(state, settings, now)
        events = (*events, *sync_events)
    refreshed_state = replace(state, records=records, latches=latches)
    # One that isn't attached moves nobody, whoever sets it.
    are_latches_unchanged = all(
        latches[name].is_thrown is before.is_thrown or latches[name].dns_watch is None
        for name, before in state.latches.items()
    )
    active = find_serving_role(weights, latches)
    # A move that was overtaken may have moved everybody by a latch, with nothing changed since.
    if weights == state.weights and are_latches_unchanged and active in {None, state.active_role}:
        return refreshed_state, events
    before, after = (
        describe_routing(state.weights, settings, state.latches),
        describe_routing(weights, settings, latches),
    )
    if snapshot.records and weights != state.weights:
        change_text = "changed the records"
    else:
        change_text = "changed what a latch moves" if are_latches_unchanged else "set a latch"
    reason = f"somebody else {change_text}: they were {before}, and are {after}."
    accepted_state = replace(
        refreshed_state,
        active_role=active or state.active_role,
        active_since=now if active and active is not state.active_role else state.active_since,
        weights=weights,
        pending_weight_sync=None,
        is_auto_failback_pending=False,
    )
    if state.hold and state.records is None:  # the first look after a move was overtaken: told already
        return accepted_state, events
    hold_event = Event(
        kind=EventKind.AUTOMATION_HELD, at=now, message=f"Automation waits for an acknowledgement: {reason}"
    )
    return replace(accepted_state, hold=Hold(since=now, reason=reason)), (*events, hold_event)


def on_unsupported_records(
    state: ControllerState, problem: str, settings: Settings, now: Instant
) -> ReconciliationResult:
    """Return the state after a look at a world that the lever refuses to touch, with no move under way."""
    records = SavedRecords(read_at=now, problem=problem, is_awaiting_creation=_is_awaiting_creation(state))
    return replace(state, records=records), _create_routing_problem_events(state.records, records, settings, now)


def on_read_failure(state: ControllerState, reason: str, settings: Settings, now: Instant) -> ReconciliationResult:
    """Return the state after a look that failed: told once it has lasted, but no bar to a move, which is tried."""
    if state.records is None:
        return state, ()
    records = replace(state.records, read_failed_at=now)
    if records.read_error or now - records.read_at < READ_FAILURE_ALERT_SECONDS:
        return replace(state, records=records), ()
    message = (
        f"The records of {settings.domain_name} have not been read for {format_duration(now - records.read_at)}: {reason} "
        f"A move would be tried all the same, and their weights can change only once Route 53 takes changes."
    )
    updated_state = replace(state, records=replace(records, read_error=reason))
    return updated_state, (Event(kind=EventKind.LEVER_PROBLEM, at=now, message=message),)


def has_records(records: RecordsSnapshot, settings: Settings) -> bool:
    """Tell whether the name itself has records: without them any weights are only what would be created."""
    return any(
        record_set["Name"].removesuffix(".").lower() == settings.domain_name for record_set in records.record_sets
    )


def may_create_missing(state: ControllerState, records: RecordsSnapshot, settings: Settings) -> bool:
    """Tell whether the records that are lacking may be created.

    A name without any is given them only if it has had none since the controller began: else somebody deleted them.
    """
    return not settings.observe_only and (has_records(records, settings) or _is_awaiting_creation(state))


def find_serving_role(weights: Weights, latches: Mapping[LatchName, LatchState]) -> RegionRole | None:
    """Return the one side that has all users; None where both have a share, or neither."""
    records_latch = latches.get(LatchName.RECORDS)
    if records_latch and records_latch.is_thrown and records_latch.dns_watch:
        records_role: RegionRole | None = RegionRole.STANDBY
    else:
        serving_roles = [side for side, weight in weights if weight]
        records_role = serving_roles[0] if len(serving_roles) == 1 else None
    domain_latch = latches.get(LatchName.DOMAIN)
    if domain_latch is None or domain_latch.dns_watch is None:
        return records_role
    return records_role if records_role is domain_latch.role else None


def describe_routing(
    weights: Weights, settings: Settings, latches: Mapping[LatchName, LatchState] | None = None
) -> str:
    """Return what steers users as people read it, such as ``ap-northeast-1 255, us-east-1 0``."""
    shares = [f"{settings.regions[side]} {weight}" for side, weight in weights] if settings.has_managed_records else []
    thrown_latches = [
        f"the latch of the {name} thrown"
        for name, latch in (latches or {}).items()
        if latch.is_thrown and latch.dns_watch
    ]
    return ", ".join((*shares, *thrown_latches)) or f"all users on {settings.regions.primary}"


def _is_awaiting_creation(state: ControllerState) -> bool:
    return state.records is not None and state.records.is_awaiting_creation


def _describe_missing_records(settings: Settings) -> str:
    return (
        f"{settings.domain_name} has no records yet, and a stack that is deployed observe-only creates none. Deploy "
        f"with ObserveOnly=false to have its weighted pair created, or create it yourself."
    )


type _LatchStates = dict[LatchName, LatchState]


def _update_latches(
    state: ControllerState, snapshot: RoutingSnapshot, now: Instant
) -> tuple[_LatchStates, tuple[Event, ...]]:
    """Return what is remembered of all latches after a look, and what to tell: once each, when one can't be read."""
    latches, events = dict(state.latches), list[Event]()
    for name, latch in snapshot.latches.items():
        before = state.latches.get(name)
        latches[name] = _update_latch(before, latch, now, is_on_hold=state.hold is not None)
        if latch.attachment_problem:
            latches[name] = replace(latches[name], problem=latch.attachment_problem)
            if before is None or before.problem != latch.attachment_problem:
                message = f"The latch of the {name} is not attached as it was: {latch.attachment_problem}"
                events.append(Event(kind=EventKind.LATCH_PROBLEM, at=now, message=message))
        elif (
            before
            and before.problem
            and (before.read_failing_since is not None or (before.set_at is not None and latch.dns_watch is not None))
        ):
            recovery_text = "can be read again" if before.read_failing_since is not None else "is attached again"
            events.append(
                Event(kind=EventKind.LATCH_RECOVERED, at=now, message=f"The latch of the {name} {recovery_text}.")
            )
    for name, why in snapshot.latch_read_errors.items():
        before = state.latches.get(name)
        if before is None:
            continue
        since = now if before.read_failing_since is None else before.read_failing_since
        latches[name] = replace(before, read_failing_since=since)
        if now - since >= READ_FAILURE_ALERT_SECONDS and not before.problem:
            latches[name] = replace(latches[name], problem=why)
            message = f"The latch of the {name} has not been read for {format_duration(now - since)}: {why}"
            events.append(Event(kind=EventKind.LATCH_PROBLEM, at=now, message=message))
    return latches, tuple(events)


def _update_latch(previous: LatchState | None, reading: LatchReading, now: Instant, *, is_on_hold: bool) -> LatchState:
    """Return what is remembered of a latch after a look at it."""
    if previous is None:
        return LatchState(is_thrown=reading.is_thrown, set_at=now, dns_watch=reading.dns_watch)
    if previous.set_at is None and not is_on_hold:
        return replace(
            previous, read_failing_since=None, dns_watch=reading.dns_watch
        )  # still to be set: either is as it was left
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
    previous: SavedRecords | None, records: SavedRecords, settings: Settings, now: Instant
) -> tuple[Event, ...]:
    """Tell, once each, when a look shows that nothing can move, and when it no longer does."""
    if records.problem:
        if previous and previous.problem == records.problem:
            return ()
        subject = (
            f"The records of {settings.domain_name}" if settings.has_managed_records else settings.managed_login_domain
        )
        message = f"{subject} can't be used, and nothing can move: {records.problem}"
        return (Event(kind=EventKind.LEVER_PROBLEM, at=now, message=message),)
    if previous and (previous.problem or previous.read_error):
        subject = "The records are read and understood" if settings.has_managed_records else "The domain can be moved"
        return (Event(kind=EventKind.LEVER_RECOVERED, at=now, message=f"{subject} again."),)
    return ()


def _derive_weights_from_domain(latches: Mapping[LatchName, LatchState]) -> Weights:
    domain_latch = latches.get(LatchName.DOMAIN)
    return route_all_to(domain_latch.role if domain_latch else RegionRole.PRIMARY)


def _get_heavier_role(weights: Weights) -> RegionRole:
    return RegionRole.STANDBY if weights.standby > weights.primary else RegionRole.PRIMARY


def _to_saved_records(
    records: RecordsSnapshot | None, latches: Mapping[LatchName, LatchState], now: Instant
) -> SavedRecords:
    if records is None:
        domain_latch = latches.get(LatchName.DOMAIN)
        is_attached = domain_latch is not None and domain_latch.dns_watch is not None
        problem = "" if is_attached else "Cognito's own domain has no latch attached; invoke the operator's attach."
        return SavedRecords(read_at=now, problem=problem)
    # Lacking ones have been created by now, or nothing may be moved anyway.
    dns_watch = DnsWatch(record_sets=(*records.record_sets, *records.missing), name_servers=records.name_servers)
    return SavedRecords(read_at=now, weights=records.weights, ttl_seconds=records.ttl_seconds, dns_watch=dns_watch)
