"""What each latch has to be, and when it has done its part. Pure."""

from dataclasses import replace

from failover.decision.move import LeverName, Move
from failover.decision.state import LatchState, State, move_of, trailing_of
from failover.levers.latch import LatchName
from failover.levers.lever import Confirmation, Sight
from failover.region import Instant, Side, all_to
from failover.settings import Settings
from failover.timing import CONFIRMING_SECONDS

RETRY_AT_REST_SECONDS = 30.0
"""How often what still has to follow a move that is over is tried: users don't wait for it."""


LEVERS = {LatchName.RECORDS: LeverName.RECORDS_LATCH, LatchName.DOMAIN: LeverName.DOMAIN_LATCH}
"""Each latch by its name among all that moves users."""


def wanted(state: State, name: LatchName) -> bool | None:
    """Return whether a latch has to be thrown now; None while the move leaves it as it is.

    Everything at once, except on a failback in steps: there the records' latch is released before the first step, with
    all weight still on the standby, and the domain's after the last one.
    """
    move = state.move
    if move is None or LEVERS[name] not in move.levers:
        return None
    if move.destination is Side.STANDBY or not move.in_steps:
        return move.destination is Side.STANDBY
    if name is LatchName.DOMAIN and not (move.on_last_step and move.records_confirmed_at is not None):
        return None
    return False


def is_due(state: State, name: LatchName, now: Instant) -> bool:
    """Tell whether a latch has to be set now: in a move in every round, later without hammering."""
    latch = state.latches.get(name)
    if latch is None or latch.set_at is not None:
        return False
    if state.move is not None:
        return True
    tried_lately = latch.tried_at is not None and now - latch.tried_at < RETRY_AT_REST_SECONDS
    return state.hold is None and not tried_lately


def in_trouble(state: State) -> frozenset[LatchName]:
    """Return the latches that could not be set or read when that was last tried."""
    return frozenset(name for name, latch in state.latches.items() if latch.trouble or latch.unread_since is not None)


def awaited(state: State, name: LatchName) -> Sight | None:
    """Return where to look for a latch to have done its part; None while the move doesn't wait to see that.

    The records' latch shows in the records themselves, except where the weights keep users on the standby meanwhile.
    """
    latch, want = state.latches.get(name), wanted(state, name)
    if latch is None or latch.set_at is None or latch.arrived_at is not None or want is not latch.thrown:
        return None
    shows_here = name is LatchName.DOMAIN or (move_of(state).in_steps and not want)
    return latch.sight if shows_here else None


def suffices(state: State) -> bool:
    """Tell whether the records' latch alone moves all users where the current step wants them.

    To the standby it does, whatever the weights are. To the primary only if these certainly send users there.
    """
    move, latch = move_of(state), state.latches.get(LatchName.RECORDS)
    if latch is None or latch.sight is None or latch.set_at is None or move.gives_a_share:
        return False
    if latch.side is not move.destination:
        return False
    if move.destination is Side.STANDBY:
        return True
    weights_untouched = move.progress is None and (state.trailing is None or state.trailing.intent is None)
    return weights_untouched and state.weights == all_to(Side.PRIMARY)


def weights_may_follow(state: State, now: Instant) -> bool:
    """Tell whether weights that trail a move are to be tried now, without hammering."""
    tried_at = trailing_of(state).tried_at
    return state.hold is None and (tried_at is None or now - tried_at >= RETRY_AT_REST_SECONDS)


def is_seen(latch: LatchState, confirmation: Confirmation, now: Instant) -> bool:
    """Tell whether name servers' answers prove that a latch has done its part.

    A silent one holds it up for two minutes; then the others suffice.
    """
    if latch.set_at is None or not confirmation.moved:
        return False
    return not confirmation.silent or now - latch.set_at >= CONFIRMING_SECONDS


def why_weights_wait(state: State) -> str:
    """Say what the first step of a failback in steps waits for; empty if for nothing."""
    move, latch = move_of(state), state.latches.get(LatchName.RECORDS)
    if not move.in_steps or move.destination is Side.STANDBY or latch is None or latch.sight is None:
        return ""
    if latch.thrown or latch.set_at is None or latch.arrived_at is None:
        return "The first step waits until the latch of the records is released and its health check has settled."
    return ""


def are_touched(state: State, move: Move) -> bool:
    """Tell whether the move has begun to set any latch."""
    return any(latch.side is not move.source for latch in state.latches.values())


def left_to_set(state: State) -> bool:
    """Tell whether an attached latch is still to become what the move wants: users may yet be moved by it."""
    return any(
        latch.sight is not None
        and (want := wanted(state, name)) is not None
        and (latch.thrown is not want or latch.set_at is None)
        for name, latch in state.latches.items()
    )


def is_complete(state: State, settings: Settings) -> bool:
    """Tell whether nothing is left to wait for before the move ends."""
    move = move_of(state)
    if not move.on_last_step or (moves_records(move, settings) and move.records_confirmed_at is None):
        return False
    domain = state.latches.get(LatchName.DOMAIN)
    if domain is None or domain.sight is None or LeverName.DOMAIN_LATCH not in move.levers:
        return True
    return domain.side is move.destination and domain.arrived_at is not None


def moves_records(move: Move, settings: Settings) -> bool:
    """Tell whether the move is one of the domain's records at all, by whichever lever."""
    return settings.moves_records and bool({LeverName.WEIGHTS, LeverName.RECORDS_LATCH} & set(move.levers))


def with_those_left_behind(state: State, move: Move, side: Side) -> dict[LatchName, LatchState]:
    """Return the latches at the end of a move, each that isn't known to be set as the side asks where users are.

    No move waits for one that moves nobody, nor for ever for one out of reach. Left as it was, the first could not be
    attached any more, and the second would be set afterwards, against the end that the move has come to.
    """
    return {
        name: LatchState(thrown=side is Side.STANDBY, sight=latch.sight)
        if LEVERS[name] in move.levers and latch.side is not side and (latch.sight is None or latch.set_at is None)
        else latch
        for name, latch in state.latches.items()
    }


def with_latch(state: State, name: LatchName, latch: LatchState) -> State:
    """Return the state with one latch as given."""
    return replace(state, latches={**state.latches, name: latch})
