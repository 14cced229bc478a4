"""How a move advances: each advance noted in the state, with what to say of it. Pure."""

from dataclasses import replace

from failover.decision.announcement import Announcement, Kind
from failover.decision.failing_back import to_return
from failover.decision.latching import is_complete, with_those_left_behind
from failover.decision.move import ALL_LEVERS, ALL_PERCENT, Move, Progress
from failover.decision.state import Hold, State, Trailing, move_of, trailing_of
from failover.levers.lever import Confirmation, Intent
from failover.region import Instant, Weights, all_to
from failover.settings import Settings
from failover.timetext import span

type Outcome = tuple[State, str, tuple[Announcement, ...]]
"""What to remember, why as a sentence, and what to tell."""


def intended(state: State, intent: Intent) -> State:
    """Save what the current step is going to change, before it is changed."""
    return replace(state, move=replace(move_of(state), progress=Progress(intent=intent)))


def submitted(state: State, change_id: str, settings: Settings, now: Instant) -> Outcome:
    """Note that Route 53 has taken the current step's change."""
    move = move_of(state)
    progress = replace(current_of(move), submitted_at=now, change_id=change_id)
    # The way back of a move that was turned round before Route 53 took anything changes nothing: it stays unbegun.
    changes_nothing = move.reverting and progress.intent.before == progress.intent.after
    begun_at = move.first_submitted_at or (None if changes_nothing else now)
    moved = replace(move, progress=progress, trouble="", first_submitted_at=begun_at)
    sentence = (
        f"Route 53 has taken the change of {step_text(move, settings)}; waiting until its name servers answer with it."
    )
    announcement = Announcement(kind=Kind.MOVE_SUBMITTED, at=now, sentence=sentence, move=moved)
    return replace(state, move=moved), sentence, (announcement,)


def in_sync(state: State, now: Instant) -> State:
    """Note that Route 53 has brought the current step's change to all its servers."""
    move = move_of(state)
    progress = replace(current_of(move), in_sync_at=now)
    return replace(state, move=replace(move, progress=progress, first_in_sync_at=move.first_in_sync_at or now))


def resubmission_needed(state: State) -> State:
    """Forget a change id that Route 53 does not know, so that the step's values are set again."""
    move = move_of(state)
    return replace(state, move=replace(move, progress=replace(current_of(move), change_id=None)))


def troubled(state: State, trouble: str) -> State:
    """Note what keeps the move from advancing; empty once nothing does."""
    return replace(state, move=replace(move_of(state), trouble=trouble))


def confirmed(state: State, confirmation: Confirmation, settings: Settings, now: Instant) -> Outcome:
    """Note that the records send users where the current step wants them; if nothing else is awaited the move ends."""
    move = move_of(state)
    done = replace(move, records_confirmed_at=now, trouble="")
    if move.comes_back:
        done = replace(done, there_at=now)
    noted = replace(state, move=done)
    if is_complete(noted, settings):
        return ended(noted, confirmation.detail, settings, now)
    sentence = f"Confirmed: {step_text(move, settings)}. {confirmation.detail}"
    return noted, sentence, (Announcement(kind=Kind.STEP_CONFIRMED, at=now, sentence=sentence, move=done),)


def ended(state: State, detail: str, settings: Settings, now: Instant) -> Outcome:
    """End a move whose users are all where they should be; weights that have not moved with them follow."""
    move = move_of(state)
    if not move.begun:
        return withdrawn(state, _nobody_moved(settings), now)
    destination = settings.regions[move.destination]
    took, since = span(now - move.suspected_at), f"since {move.cause}"
    sentence = f"All users are on {destination}, {took} {since}. {detail}"
    weights, trailing = _weights_after(state, settings)
    if trailing:
        sentence += " The weights of the records have not followed yet, and will once Route 53 takes changes."
    hold = state.hold
    if move.overridden and not move.reverting:
        # Automation knows no better than before; without a hold it would take the person's move back at once.
        hold = Hold(since=now, reason=f"{move.requested_by} moved against the rule {', '.join(move.overridden)}.")
        sentence += " Automation waits for an acknowledgement, since a rule was overridden."
    after = replace(
        state,
        active=move.destination,
        active_since=now,
        weights=weights,
        trailing=trailing,
        latches=with_those_left_behind(state, move, move.destination),
        move=None,
        last_move=move,
        last_move_ended_at=now,
        hold=hold,
        to_return=to_return(state, settings),
    )
    announcement = Announcement(kind=Kind.MOVE_CONFIRMED, at=now, sentence=sentence, move=move)
    return _bounded(after, move, settings, now), sentence, (announcement,)


def _nobody_moved(settings: Settings) -> str:
    if settings.moves_records:
        return "it was turned round before Route 53 took any of it, and the records are confirmed as they were."
    return "it was turned round before the latch moved anybody, and the latch is confirmed as it was."


def _weights_after(state: State, settings: Settings) -> tuple[Weights, Trailing | None]:
    """Return the weights that Route 53 now holds, and what is left to change in them."""
    move = move_of(state)
    wanted = all_to(move.destination)
    taken = move.current is not None and move.current.submitted_at is not None
    if taken or not settings.moves_records:
        return wanted, None
    trailed = state.trailing.intent if state.trailing else None
    intent = move.progress.intent if move.progress else trailed
    if intent is None and state.weights == wanted:
        return wanted, None
    return state.weights, Trailing(intent=intent)


def _bounded(state: State, move: Move, settings: Settings, now: Instant) -> State:
    """Return the state with what bounds the next automatic move, now that this one has ended."""
    if not move.automatic:
        # A person who moves traffic has judged for himself: nothing is left to cool down.
        return replace(state, cool_down_until=0.0)
    return replace(state, cool_down_until=now + settings.cool_down_seconds)


def withdrawn(state: State, why: str, now: Instant) -> Outcome:
    """Give up a move that has changed nothing yet."""
    move = move_of(state)
    sentence = f"The move {move.id} is withdrawn before it moved anybody: {why}"
    after = replace(
        state,
        move=None,
        latches=with_those_left_behind(state, move, move.source),
        automatic_moves=tuple(at for at in state.automatic_moves if at != move.decided_at),
    )
    return after, sentence, (Announcement(kind=Kind.MOVE_WITHDRAWN, at=now, sentence=sentence, move=move),)


def reverting(state: State, why: str, settings: Settings, now: Instant) -> Outcome:
    """Turn the move round, back to the last confirmed side."""
    back = move_of(state).reverted(now, why)
    sentence = f"Traffic goes back to {settings.regions[back.source]}: {why}"
    announcement = Announcement(kind=Kind.MOVE_REVERTING, at=now, sentence=sentence, move=back)
    return replace(state, move=back), sentence, (announcement,)


def hastened(state: State, why: str, settings: Settings, now: Instant) -> Outcome:
    """Make all that is left of a move one step."""
    move = move_of(state).hastened(now)
    sentence = f"The move {move.id} takes all users to {settings.regions[move.target]} at once: {why}"
    announcement = Announcement(kind=Kind.MOVE_HASTENED, at=now, sentence=sentence, move=move)
    return replace(state, move=move), sentence, (announcement,)


def overtaken(state: State, what: str, now: Instant) -> Outcome:
    """End a move because somebody else changed the records: a person's edit is never overwritten."""
    move = move_of(state)
    sentence = f"The move {move.id} has ended unfinished, and automation waits for an acknowledgement: {what}"
    # Whatever was surveyed is out of date: the world is looked at again before anything else may move.
    after = replace(state, move=None, trailing=None, hold=Hold(since=now, reason=what), surveyed=None, to_return=False)
    return after, sentence, (Announcement(kind=Kind.MOVE_OVERTAKEN, at=now, sentence=sentence, move=move),)


def following(state: State, intent: Intent) -> State:
    """Save the change by which trailing weights will follow, before it is made."""
    return replace(state, trailing=Trailing(intent=intent))


def not_followed(state: State, trouble: str, now: Instant) -> State:
    """Note why trailing weights could not follow yet."""
    return replace(state, trailing=replace(trailing_of(state), tried_at=now, trouble=trouble))


def followed(state: State, settings: Settings, now: Instant) -> Outcome:
    """Note that Route 53 has taken the weights that trailed a move; they move nobody."""
    after = replace(state, weights=all_to(state.active), trailing=None)
    sentence = f"The weights of the records have followed the users to {settings.regions[state.active]}."
    return after, sentence, (Announcement(kind=Kind.WEIGHTS_FOLLOWED, at=now, sentence=sentence),)


def untraceable(state: State, why: str, now: Instant) -> Outcome:
    """Let trailing weights be, because somebody else has changed the records."""
    sentence = f"Automation waits for an acknowledgement: {why}"
    after = replace(state, trailing=None, hold=Hold(since=now, reason=why), surveyed=None, to_return=False)
    return after, sentence, (Announcement(kind=Kind.HELD, at=now, sentence=sentence),)


def current_of(move: Move) -> Progress:
    """Return how far the current step has come; only to be asked once its intent is saved."""
    if move.current is None:
        raise ValueError(f"the current step of the move {move.id} has no saved intent")
    return move.current


def step_text(move: Move, settings: Settings) -> str:
    """Say what the current step brings about."""
    alone = f", by the {' and the '.join(move.levers)} alone" if move.levers != ALL_LEVERS else ""
    if move.reverting:
        return f"all users back on {settings.regions[move.source]}{alone}"
    if move.steps[0] == ALL_PERCENT:
        return f"all users on {settings.regions[move.target]}{alone}"
    return f"{move.steps[0]} % of the users on {settings.regions[move.target]}"
