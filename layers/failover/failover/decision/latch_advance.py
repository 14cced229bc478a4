"""How the latches of a move advance: each advance noted in the state, with what to say of it. Pure."""

from dataclasses import replace

from failover.decision.advance import Outcome, ended
from failover.decision.announcement import Announcement, Kind
from failover.decision.latching import is_complete, with_latch
from failover.decision.state import LatchState, State
from failover.levers.latch import LatchName
from failover.levers.lever import Confirmation
from failover.region import Instant
from failover.settings import Settings


def intended(state: State, name: LatchName, *, thrown: bool) -> State:
    """Save what a latch is going to be, before it is set."""
    before = state.latches.get(name)
    return with_latch(state, name, LatchState(thrown=thrown, sight=before.sight if before else None))


def has_been_set(state: State, name: LatchName, settings: Settings, now: Instant) -> Outcome:
    """Note that a latch is what it should be."""
    latch = replace(state.latches[name], set_at=now, tried_at=None, trouble="")
    noted = with_latch(state, name, latch)
    what = "thrown" if latch.thrown else "released"
    region = settings.regions[latch.side]
    sentence = f"The latch of the {name} is {what}; Route 53's health checkers send users to {region} within a minute."
    if latch.sight is None:
        sentence = f"The latch of the {name} is {what}, but moves nobody: it is not attached."
    move = state.move
    if move and latch.sight and not move.begun and not move.reverting and (latch.thrown or not move.in_steps):
        # From here on users may be on their way.
        noted = replace(noted, move=replace(move, first_submitted_at=now))
    told = Announcement(kind=Kind.LATCH_SET, at=now, sentence=sentence, move=noted.move)
    return noted, sentence, (told,) if latch.sight else ()


def could_not_be_set(state: State, name: LatchName, trouble: str, now: Instant) -> State:
    """Note that a latch could not be set."""
    return with_latch(state, name, replace(state.latches[name], tried_at=now, trouble=trouble))


def has_arrived(state: State, name: LatchName, confirmation: Confirmation, settings: Settings, now: Instant) -> Outcome:
    """Note that a latch was seen to have done its part; with the last one the move ends."""
    latch = replace(state.latches[name], arrived_at=now)
    noted = with_latch(state, name, latch)
    sentence = f"The health check behind the latch of the {name} is seen to follow. {confirmation.detail}"
    if name is LatchName.DOMAIN:
        sentence = f"Cognito's own domain is presumed to be on {settings.regions[latch.side]}. {confirmation.detail}"
    if noted.move and noted.move.comes_back and name is LatchName.DOMAIN:
        noted = replace(noted, move=replace(noted.move, there_at=now))
    told = Announcement(kind=Kind.LATCH_ARRIVED, at=now, sentence=sentence, move=noted.move)
    if not is_complete(noted, settings):
        return noted, sentence, (told,)
    after, ending, further = ended(noted, sentence, settings, now)
    return after, ending, (told, *further)
