"""The desired state of each latch in a move, and when it is effective. Pure."""

from dataclasses import replace

from cognito_failover.common.region import Instant, RegionRole, find_full_role
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.common.time_budget import CONFIRMATION_TIMEOUT_SECONDS
from cognito_failover.core.model.move import LeverName, Move
from cognito_failover.core.model.records import Confirmation, DnsWatch
from cognito_failover.core.model.state import ControllerState, LatchState, require_move, require_weight_sync
from cognito_failover.settings.controller import Settings

BACKGROUND_RETRY_SECONDS = 30.0
"""Time between two attempts to finish what a completed move left. Users do not wait for it."""

MAX_EFFECT_SECONDS = 60.0
"""Time within which the health checkers follow a latch."""

LEVER_BY_LATCH = {SteeredName.RECORDS: LeverName.RECORDS_LATCH, SteeredName.DOMAIN: LeverName.DOMAIN_LATCH}
"""The lever of each latch."""


def get_desired_state(state: ControllerState, name: SteeredName) -> bool | None:
    """Return whether a latch must be set now; None while the move leaves it as it is.

    A move sets all its latches at once, except a stepped failback. That one releases the records' latch before the
    first step, while all weight is still on the standby, and the domain's latch after the last step.
    """
    move = state.move
    if move is None or LEVER_BY_LATCH[name] not in move.levers:
        return None
    if move.destination is RegionRole.STANDBY or not move.is_stepped:
        return move.destination is RegionRole.STANDBY
    if name is SteeredName.DOMAIN and not (move.is_on_last_step and move.records_confirmed_at is not None):
        return None
    return False


def should_set(state: ControllerState, name: SteeredName, now: Instant) -> bool:
    """Return whether the driver must set a latch now: during a move in each round, later with pauses."""
    latch = state.latches.get(name)
    if latch is None or latch.set_at is not None:
        return False
    if state.move is not None:
        return True
    was_tried_recently = latch.set_failed_at is not None and now - latch.set_failed_at < BACKGROUND_RETRY_SECONDS
    return state.hold is None and not was_tried_recently


def list_failing_latches(state: ControllerState) -> frozenset[SteeredName]:
    """Return the latches whose last set or read failed."""
    return frozenset(
        name for name, latch in state.latches.items() if latch.problem or latch.read_failing_since is not None
    )


def get_pending_confirmation(state: ControllerState, name: SteeredName) -> DnsWatch | None:
    """Return where DNS shows that a latch is effective, without records if nothing shows it any more.

    None while the move does not wait for that.

    The records themselves show the records' latch, except while the weights keep users on the standby.
    """
    latch, desired = state.latches.get(name), get_desired_state(state, name)
    if latch is None or latch.set_at is None or latch.effective_at is not None or desired is not latch.is_thrown:
        return None
    is_visible = name is SteeredName.DOMAIN or (require_move(state).is_stepped and not desired)
    return latch.dns_watch if is_visible else None


def can_latch_move_all_users(state: ControllerState) -> bool:
    """Return whether the records' latch alone can move all users to where the current step wants them.

    To the standby it does so with any weights. To the primary it does so only if the weights certainly point there.
    DNS shows whether it does.
    """
    move, latch = require_move(state), state.latches.get(SteeredName.RECORDS)
    if latch is None or latch.set_at is None or move.is_partial:
        return False
    if latch.role is not move.destination:
        return False
    if move.destination is RegionRole.STANDBY:
        return True
    are_weights_unchanged = move.progress is None and (
        state.pending_weight_sync is None or state.pending_weight_sync.intent is None
    )
    return are_weights_unchanged and find_full_role(state.weights) is RegionRole.PRIMARY


def has_unfinished_change(state: ControllerState) -> bool:
    """Return whether a change of a move that is over may still be on its way, because its response is not known."""
    intent = state.pending_weight_sync.intent if state.pending_weight_sync else None
    return intent is not None and find_full_role(intent.weights) is not state.active_role


def has_unsynced_lever(state: ControllerState) -> bool:
    """Return whether weights or an attached latch still have to follow the last move."""
    return state.pending_weight_sync is not None or any(
        latch.is_attached and latch.set_at is None for latch in state.latches.values()
    )


def may_sync_weights(state: ControllerState, now: Instant) -> bool:
    """Return whether to try a pending weight sync now."""
    failed_at = require_weight_sync(state).failed_at
    return state.hold is None and (failed_at is None or now - failed_at >= BACKGROUND_RETRY_SECONDS)


def is_effective(latch: LatchState, confirmation: Confirmation, now: Instant) -> bool:
    """Return whether the answers of the name servers prove that a latch is effective.

    A name server that does not answer delays this for two minutes. After that the answers of the others suffice.
    """
    if latch.set_at is None or not confirmation.moved:
        return False
    return not confirmation.unresponsive or now - latch.set_at >= CONFIRMATION_TIMEOUT_SECONDS


def has_taken_effect_time(latch: LatchState, now: Instant) -> bool:
    """Return whether a latch was set so long ago that the health checkers have followed it."""
    return latch.set_at is not None and now - latch.set_at >= MAX_EFFECT_SECONDS


def confirm_without_records(latch: LatchState, region: str, now: Instant) -> Confirmation:
    """Return whether a latch that no record shows is presumed to be effective."""
    is_presumed = has_taken_effect_time(latch, now)
    detail = f"No TXT record shows it; by its switch alone, users are presumed on {region}."
    return Confirmation(moved=is_presumed, unresponsive=(), stale=(), detail=detail)


def find_weights_blocker(state: ControllerState) -> str:
    """Return what the first step of a stepped failback waits for; empty if it does not wait."""
    move, latch = require_move(state), state.latches.get(SteeredName.RECORDS)
    if not move.is_stepped or move.destination is RegionRole.STANDBY or latch is None or not latch.is_attached:
        return ""
    if latch.is_thrown or latch.set_at is None or latch.effective_at is None:
        return "The first step waits until the latch of the records is released and its health check has settled."
    return ""


def has_latch_set(state: ControllerState, move: Move) -> bool:
    """Return whether any latch has already left the source of the move."""
    return any(latch.role is not move.source for latch in state.latches.values())


def has_pending_latches(state: ControllerState) -> bool:
    """Return whether an attached latch is not yet in its desired state, and may still move users."""
    return any(
        latch.is_attached
        and (desired := get_desired_state(state, name)) is not None
        and (latch.is_thrown is not desired or latch.set_at is None)
        for name, latch in state.latches.items()
    )


def is_move_complete(state: ControllerState, settings: Settings) -> bool:
    """Return whether the move can end."""
    move = require_move(state)
    if not move.is_on_last_step or (is_records_move(move, settings) and move.records_confirmed_at is None):
        return False
    domain_latch = state.latches.get(SteeredName.DOMAIN)
    if domain_latch is None or not domain_latch.is_attached or LeverName.DOMAIN_LATCH not in move.levers:
        return True
    return domain_latch.role is move.destination and domain_latch.effective_at is not None


def is_records_move(move: Move, settings: Settings) -> bool:
    """Return whether the move changes where the domain's records send users, by weights or by latch."""
    return settings.has_managed_records and bool({LeverName.WEIGHTS, LeverName.RECORDS_LATCH} & set(move.levers))


def reset_pending_latches(state: ControllerState, move: Move, role: RegionRole) -> dict[SteeredName, LatchState]:
    """Return the latches at the end of a move, with each unset one switched to the Region that has the users.

    A move does not wait for a latch that is not attached, nor for a latch that stays unavailable. Without this reset
    the first could not be attached any more. The second would be set later, against the result of the move.
    """
    return {
        name: LatchState(is_thrown=role is RegionRole.STANDBY, dns_watch=latch.dns_watch)
        if LEVER_BY_LATCH[name] in move.levers
        and latch.role is not role
        and (not latch.is_attached or latch.set_at is None)
        else latch
        for name, latch in state.latches.items()
    }


def with_latch(state: ControllerState, name: SteeredName, latch: LatchState) -> ControllerState:
    """Return the state with one latch as given."""
    return replace(state, latches={**state.latches, name: latch})
