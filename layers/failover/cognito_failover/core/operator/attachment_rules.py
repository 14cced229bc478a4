"""The rules for attaching and detaching a latch. Users must not move by it. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from cognito_failover.common.region import RegionRole, find_full_role
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.reconciliation.external_changes import describe_routing
from cognito_failover.core.user_location import describe_differences
from cognito_failover.settings.controller import Settings

NO_LATCH_MESSAGE = (
    "No latch is deployed: the parameter LatchType is none, or there is nothing for a latch to move. Deploy with "
    "LatchType=object or LatchType=metric first."
)


def find_attachment_blocker(state: ControllerState, settings: Settings) -> str | None:
    """Return why latches may not be attached or detached now; None if they may."""
    if not settings.latch_check_ids:
        return NO_LATCH_MESSAGE
    if state.move:
        return f"The move {state.move.id} is under way; wait for its end, or abort it."
    if state.drill:
        return f"The drill {state.drill.id} is active; wait for its end, or abort it."
    if state.pending_weight_sync:
        return "The weights of the records are not synced with the last move yet; wait until they are."
    primary = settings.regions.primary
    if differences := describe_differences(state, settings):
        return differences
    if state.active_role is not RegionRole.PRIMARY or (
        settings.has_managed_records and find_full_role(state.weights) is not RegionRole.PRIMARY
    ):
        routing_text = describe_routing(state.weights, settings, state.latches)
        return f"All users must be on {primary}, and they are not: {routing_text}. Fail back first."
    return describe_thrown_latches({name: latch.is_thrown for name, latch in state.latches.items()})


def describe_thrown_latches(thrown: Mapping[SteeredName, bool]) -> str | None:
    """Return which latches are set; None if none is."""
    names = [name for name, is_thrown in thrown.items() if is_thrown]
    if not names:
        return None
    return f"The latch of the {' and the '.join(names)} is set; fail back first, which releases it."


def record_detachment(state: ControllerState, name: SteeredName) -> ControllerState:
    """Return the state in which a latch is detached. A missing TXT record alone proves no detachment."""
    latch = state.latches.get(name)
    if latch is None or not latch.is_attached:
        return state
    return replace(state, latches={**state.latches, name: replace(latch, dns_watch=None, problem="")})
