"""What follows from a look at where users are. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from cognito_failover.common.steered_name import SteeredName
from cognito_failover.common.time_budget import CONFIRMATION_TIMEOUT_SECONDS
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.location import LOOKS_TO_CONFIRM, Location, LocationDifference
from cognito_failover.core.model.move import Move
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.move.latches import with_latch
from cognito_failover.core.move.transitions import abandon_weight_sync
from cognito_failover.core.round_context import RoundContext
from cognito_failover.core.transition import Transition
from cognito_failover.core.user_location import describe_difference, describe_differences, get_domain_name


def record_look(state: ControllerState, locations: Mapping[SteeredName, Location], context: RoundContext) -> Transition:
    """Return what follows from a look at the locations; the message is empty.

    A name server that shows no Region changes nothing. Directly after a change of the decided side, health checks and
    name servers still follow it: a difference counts after the usual time of a confirmation.
    """
    now = context.now
    looked = replace(state, locations={**state.locations, **locations}, looked_at=now)
    if state.move:
        checked = _withdraw_confirmations(_mark_started_move(looked, locations), state.move, locations)
        return Transition(state=replace(checked, differences={}))
    if now - state.active_since < CONFIRMATION_TIMEOUT_SECONDS:
        return Transition(state=replace(looked, differences={}))
    step = Transition(state=looked)
    for name, location in locations.items():
        if location.answering_count:
            step = step.then(_compare_location(step.state, name, location, context))
    if step.state.pending_weight_sync and step.state.active_role not in step.state.user_roles:
        # Weights never follow users who are elsewhere: they would move them.
        reason = describe_differences(step.state, context.settings)
        step = step.then(abandon_weight_sync(step.state, reason, now))
    return replace(step, message="")


def _mark_started_move(state: ControllerState, locations: Mapping[SteeredName, Location]) -> ControllerState:
    """Return the state with its move as started, if users are seen on the target. A response may have been lost."""
    move = state.move
    if move is None or move.is_started or move.is_rolling_back:
        return state
    seen_at = [location.observed_at for location in locations.values() if location.get_share(move.target) > 0]
    return replace(state, move=replace(move, first_submitted_at=min(seen_at))) if seen_at else state


def _withdraw_confirmations(
    state: ControllerState, move: Move, locations: Mapping[SteeredName, Location]
) -> ControllerState:
    """Return the state without confirmations that a later look contradicts. The move then waits for them again."""
    contradicted = {name for name, location in locations.items() if location.list_servers_elsewhere(move.destination)}
    if SteeredName.RECORDS in contradicted and state.move and not move.is_partial:
        state = replace(state, move=replace(state.move, records_confirmed_at=None))
    latch = state.latches.get(SteeredName.DOMAIN)
    if SteeredName.DOMAIN in contradicted and latch and latch.role is move.destination:
        return with_latch(state, SteeredName.DOMAIN, replace(latch, effective_at=None))
    return state


def _compare_location(
    state: ControllerState, name: SteeredName, location: Location, context: RoundContext
) -> Transition:
    previous = state.differences.get(name)
    others = {other: difference for other, difference in state.differences.items() if other is not name}
    if not location.list_servers_elsewhere(state.active_role):
        agreed = Transition(state=replace(state, differences=others))
        if previous is None or not previous.is_confirmed:
            return agreed
        region = context.settings.regions[state.active_role]
        message = f"DNS sends all users of {get_domain_name(name, context.settings)} to {region} again, as decided."
        event = Event(kind=EventKind.LOCATION_RESTORED, at=context.now, message=message)
        return replace(agreed, events=(event,))
    looks, since = (previous.looks + 1, previous.since) if previous else (1, context.now)
    difference = LocationDifference(since=since, location=location, looks=looks)
    differing_state = replace(state, differences={**others, name: difference})
    if difference.looks != LOOKS_TO_CONFIRM:
        return Transition(state=differing_state)
    message = (
        f"{describe_difference(differing_state, name, context.settings)} The controller did not move them. The rules "
        f"now protect them where they are. Find out what steers them: a latch, a health check, EvaluateTargetHealth, "
        f"or a delegation."
    )
    event = Event(kind=EventKind.LOCATION_DIFFERS, at=context.now, message=message)
    return Transition(state=differing_state, events=(event,))
