"""What becomes of a move under way: carried on, stepped, withdrawn, turned back. Pure."""

from dataclasses import replace

from failover.decision.advance import Outcome, current_of, hastened, reverting, step_text, withdrawn
from failover.decision.announcement import Announcement, Kind
from failover.decision.knowledge import GOOD, Knowledge
from failover.decision.latching import are_touched
from failover.decision.move import IN_ONE, Move
from failover.decision.rules import Rule
from failover.decision.state import State, move_of
from failover.levers.lever import Confirmation
from failover.probe.verdict import Verdict
from failover.region import Instant
from failover.settings import Settings
from failover.timetext import span
from failover.timing import CONFIRMING_SECONDS


def carry_on(state: State, knowledge: Knowledge, settings: Settings, now: Instant) -> Outcome:
    """Decide, once a round, how the move under way goes on.

    A move that no lever has taken yet is withdrawn when its target can't serve or its cause is gone. One
    that has begun is carried to its end; one in steps goes back when its target falls sick.
    """
    move = move_of(state)
    if not move.begun and not move.reverting and (why := _why_withdraw(move, state, settings)):
        # Once an intent is saved a change may have been made whose answer was lost: then it is taken back.
        touched = move.progress is not None or are_touched(state, move)
        return reverting(state, why, settings, now) if touched else withdrawn(state, why, now)
    if move.begun and (why := _why_revert(move, state, knowledge, settings)):
        return reverting(state, why, settings, now)
    if why := _why_hasten(move, state, knowledge, settings):
        return hastened(state, why, settings, now)
    if move.step_confirmed_at is not None:
        return _at_rest(state, move, move.step_confirmed_at, knowledge, settings, now)
    return _under_way(state, move, settings, now)


def may_submit(move: Move, knowledge: Knowledge) -> bool:
    """Tell whether a step may be given to a lever now.

    The first one needs a target that is seen to serve in this very round and, if the controller flees from it, a source
    that is not: a decision may be old by the time it can be carried out.
    """
    if move.begun or move.reverting:
        return True
    cause_seen = not move.fleeing or not knowledge.serves(move.source)
    target_seen = knowledge.serves(move.target) or Rule.TARGET_SERVES in move.overridden
    return cause_seen and target_seen


def is_confirmed(move: Move, confirmation: Confirmation, now: Instant) -> bool:
    """Tell whether the current step is done, as seen from outside.

    All users on one side: no name server that answers gives the old target; one that is silent holds this up for
    two minutes, after which INSYNC and the others suffice. A share of the users: INSYNC and the record read back.
    """
    progress = current_of(move)
    if progress.submitted_at is None or confirmation.stale:
        return False
    if move.gives_a_share:
        return confirmation.moved and progress.in_sync_at is not None
    waited_long = now - progress.submitted_at >= CONFIRMING_SECONDS
    everybody_agrees = confirmation.moved and not confirmation.silent
    return everybody_agrees or (waited_long and progress.in_sync_at is not None)


def _why_withdraw(move: Move, state: State, settings: Settings) -> str | None:
    target, source = state.streaks[move.target], state.streaks[move.source]
    enough = settings.suspect_rounds
    if target.verdict not in GOOD and target.rounds >= enough and Rule.TARGET_SERVES not in move.overridden:
        return f"{settings.regions[move.target]} has been {target.verdict} for {target.rounds} rounds."
    if move.fleeing and source.verdict in GOOD and source.rounds >= enough:
        return f"{settings.regions[move.source]} is healthy again, for {source.rounds} rounds."
    return None


def _why_revert(move: Move, state: State, knowledge: Knowledge, settings: Settings) -> str | None:
    if move.on_last_step:  # with all users on their way, it ends where it was going; what follows is decided then
        return None
    streak = state.streaks[move.target]
    if streak.verdict is not Verdict.SICK or streak.rounds < settings.suspect_rounds:
        return None
    if not knowledge.serves(move.source):
        return None
    return f"{settings.regions[move.target]} fell sick at {move.steps[0]} %: {knowledge.sides[move.target].detail}"


def _why_hasten(move: Move, state: State, knowledge: Knowledge, settings: Settings) -> str | None:
    """Say why the steps that are left are made as one: users don't wait on a Region that has fallen sick."""
    if move.reverting or move.comes_back or move.steps == IN_ONE or not knowledge.serves(move.target):
        return None
    streak = state.streaks[move.source]
    if knowledge.serves(move.source) or streak.verdict is not Verdict.SICK or streak.rounds < settings.suspect_rounds:
        return None
    return f"{settings.regions[move.source]} fell sick: {knowledge.sides[move.source].detail}"


def rest_seconds(ttl_seconds: int, settings: Settings) -> float:
    """Return how long users are watched between two steps: until resolvers know, and sickness would have been seen."""
    return max(ttl_seconds, settings.suspect_rounds * settings.round_interval_seconds)


def _at_rest(
    state: State, move: Move, confirmed_at: Instant, knowledge: Knowledge, settings: Settings, now: Instant
) -> Outcome:
    """Between two steps: go on once users have been seen to sign in on the target for a while."""
    ttl_seconds = state.surveyed.ttl_seconds if state.surveyed else 0
    remaining_seconds = confirmed_at + rest_seconds(ttl_seconds, settings) - now
    target = settings.regions[move.target]
    if move.comes_back:
        return _at_the_turn(state, move, remaining_seconds, knowledge, settings, now)
    if not knowledge.serves(move.target):
        known = knowledge.sides[move.target]
        sentence = f"The move {move.id} waits at {move.steps[0]} %: {target} is {known.verdict}: {known.detail}"
        return state, sentence, ()
    if remaining_seconds > 0:
        sentence = (
            f"The move {move.id} rests at {move.steps[0]} % for {span(remaining_seconds)} more; {target} is well."
        )
        return state, sentence, ()
    stepped = move.next_step(now)
    return replace(state, move=stepped), f"Next, {step_text(stepped, settings)}; {target} is well.", ()


def _at_the_turn(
    state: State, move: Move, remaining_seconds: float, knowledge: Knowledge, settings: Settings, now: Instant
) -> Outcome:
    """Before the way back: users have been on the target for a while, and where they came from still serves."""
    source = settings.regions[move.source]
    if not knowledge.serves(move.source):
        known = knowledge.sides[move.source]
        sentence = f"The move {move.id} waits on {settings.regions[move.target]}: {source} is {known.verdict}."
        return state, f"{sentence} {known.detail}", ()
    if remaining_seconds > 0:
        sentence = f"The move {move.id} rests for {span(remaining_seconds)} more, before its users come back."
        return state, sentence, ()
    turned = move.next_step(now)
    return replace(state, move=turned), f"Next, {step_text(turned, settings)}; {source} is well.", ()


def _under_way(state: State, move: Move, settings: Settings, now: Instant) -> Outcome:
    under_way_seconds = now - move.decided_at
    sentence = f"The move {move.id} is under way for {span(under_way_seconds)}: {step_text(move, settings)}."
    if now - move.step_began_at < CONFIRMING_SECONDS or move.delay_announced:
        return state, sentence, ()
    late = replace(move, delay_announced=True)
    taken = move.current is not None and move.current.submitted_at is not None
    if taken:
        why = "it is not confirmed by the name servers yet"
    else:
        why = "Route 53 has taken no change yet" if settings.moves_records else "the name servers don't show it yet"
    trouble = f" Last trouble: {move.trouble}" if move.trouble else ""
    told = f"{sentence} It takes longer than {CONFIRMING_SECONDS:g} s: {why}. It is tried again every round.{trouble}"
    return (
        replace(state, move=late),
        told,
        (Announcement(kind=Kind.MOVE_DELAYED, at=now, sentence=told, move=late),),
    )
