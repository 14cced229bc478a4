"""What follows from a manual request: the next state and the answer, or a refusal that names the rule. Pure."""

from dataclasses import replace
from typing import assert_never

from failover.decision.adoption import describe
from failover.decision.advance import reverting, withdrawn
from failover.decision.announcement import Announcement, Kind
from failover.decision.attaching import why_not_now
from failover.decision.drill_request import abort_drill, request_drill
from failover.decision.freshness import warning
from failover.decision.knowledge import Knowledge
from failover.decision.latching import are_touched
from failover.decision.move import IN_ONE, IN_STEPS, Move
from failover.decision.request import Action, Pace, Request
from failover.decision.response import Response
from failover.decision.rules import OVERRIDABLE, Obstacle, Question, Rule, obstacles_to_a_manual_move
from failover.decision.state import Answered, Pause, Refused, State, drill_of
from failover.probe.verdict import Verdict
from failover.region import Instant, Side
from failover.settings import Settings
from failover.timetext import clock_time

REMEMBERED_REQUESTS = 20


def respond(state: State, knowledge: Knowledge, request: Request, settings: Settings, now: Instant) -> Response:
    """Return what a request leads to.

    A token that has been answered before leads to nothing new. Refusals are not remembered: what was refused may be
    asked again with the same token once its cause is gone; until then it is refused again, but told of only once.
    """
    if before := _answered_before(state, request):
        return _repeated(state, before, request)
    response = _accountable(_respond(state, knowledge, request, settings, now), request, now)
    if not request.token or request.dry_run:
        return response
    if not response.done:
        return _told_once(state, response, request)
    remembered = Answered(token=request.token, at=now, action=request.action, answer=response.answer)
    return replace(
        response,
        state=replace(response.state, answered=(remembered, *response.state.answered)[:REMEMBERED_REQUESTS]),
    )


def _told_once(state: State, response: Response, request: Request) -> Response:
    """Return a refusal without what was told when the same request was refused by the same rule."""
    refused = Refused(token=request.token, rule=response.rule)
    if refused in state.refused:
        return replace(response, announcements=())
    remembered = (refused, *state.refused)[:REMEMBERED_REQUESTS]
    return replace(response, state=replace(response.state, refused=remembered))


def _accountable(response: Response, request: Request, now: Instant) -> Response:
    """Return the response with what is to be kept of it for the history: who asked and why, refusals too."""
    told = response.announcements
    if not response.done and not told and not request.dry_run:
        sentence = f"{request.requested_by} asked for {request.action}: {request.reason}. {response.sentence}"
        told = (Announcement(kind=Kind.REFUSED, at=now, sentence=sentence, rule=response.rule),)
    signed = tuple(replace(each, requested_by=request.requested_by, reason=request.reason) for each in told)
    return replace(response, announcements=signed)


def _respond(  # noqa: C901, PLR0911 - one return for each case of a closed set
    state: State, knowledge: Knowledge, request: Request, settings: Settings, now: Instant
) -> Response:
    match request.action:
        case Action.STATUS | Action.HISTORY | Action.REPORT:
            return Response(state=state, done=True, sentence="")
        case Action.FAILOVER:
            return _move(state, knowledge, request, Side.STANDBY, IN_ONE, settings, now)
        case Action.FAILBACK:
            # Only weights can give a share: Cognito's own domain moves as a whole.
            in_steps = request.pace is Pace.IN_STEPS and settings.moves_records
            steps = IN_STEPS if in_steps else IN_ONE
            return _move(state, knowledge, request, Side.PRIMARY, steps, settings, now)
        case Action.ABORT:
            return _abort(state, knowledge, request, settings, now)
        case Action.PAUSE:
            return _pause(state, request, now)
        case Action.RESUME:
            return _resume(state, request, settings, now)
        case Action.ACKNOWLEDGE:
            return _acknowledge(state, request, settings, now)
        case Action.OBSERVE_ONLY:
            return _observe_only(state, request, now)
        case Action.ATTACH | Action.DETACH:
            return _attachment(state, request, settings, now)
        case Action.DRILL:
            return request_drill(state, knowledge, request, settings, now)
        case _:
            assert_never(request.action)


def _answered_before(state: State, request: Request) -> Answered | None:
    return next((answered for answered in state.answered if request.token and answered.token == request.token), None)


def _repeated(state: State, before: Answered, request: Request) -> Response:
    if before.action != request.action:
        sentence = (
            f"The token {request.token} was used at {clock_time(before.at)} for {before.action}; "
            f"nothing was done. Give {request.action} a token of its own."
        )
        return Response(state=state, done=False, sentence=sentence, rule="token")
    sentence = f"Already done at {clock_time(before.at)}, nothing was done twice: {before.answer['message']}"
    return Response(state=state, done=True, sentence=sentence)


def _move(
    state: State,
    knowledge: Knowledge,
    request: Request,
    target: Side,
    steps: tuple[int, ...],
    settings: Settings,
    now: Instant,
) -> Response:
    region = settings.regions[target]
    if state.move is None and state.active is target and state.weights[target.other] == 0:
        return Response(state=state, done=True, sentence=f"All users are on {region} already; nothing was done.")
    question = Question(state=state, knowledge=knowledge, settings=settings, now=now, target=target)
    standing = [o for o in obstacles_to_a_manual_move(question) if o.rule not in request.override]
    if standing:
        return _refused(state, standing[0])
    move = Move(
        id=f"to-{region}-{int(now)}",
        source=target.other,
        target=target,
        automatic=False,
        reason=request.reason,
        requested_by=request.requested_by,
        overridden=request.override,
        suspected_at=now,
        decided_at=now,
        step_began_at=now,
        steps=steps,
        in_steps=steps == IN_STEPS,
    )
    how = " in steps of " + ", ".join(f"{step} %" for step in steps) if steps == IN_STEPS else ""
    behind = warning(state.freshness, target=target, bearable_seconds=settings.replication_lag_alarm_seconds)
    sentence = f"Traffic moves to {region}{how}, asked for by {request.requested_by}: {request.reason}"
    if behind:
        sentence += f" ({behind})"
    return Response(
        state=replace(state, move=move, blocked_by=""),
        done=True,
        sentence=sentence,
        announcements=(Announcement(kind=Kind.MOVE_DECIDED, at=now, sentence=sentence, move=move),),
    )


def _refused(state: State, obstacle: Obstacle) -> Response:
    from_rules = f"Refused by the rule {obstacle.rule}, nothing was changed: {obstacle.sentence}"
    way_out = (
        f' To move all the same, repeat with "override": ["{obstacle.rule}"].' if obstacle.rule in OVERRIDABLE else ""
    )
    return Response(state=state, done=False, sentence=from_rules + way_out, rule=obstacle.rule)


def _abort(state: State, knowledge: Knowledge, request: Request, settings: Settings, now: Instant) -> Response:
    if state.drill:
        return abort_drill(state, state.drill, knowledge, request, settings, now)
    move = state.move
    if move is None:
        return Response(state=state, done=False, sentence="No move is under way; nothing to abort.", rule="abort")
    source = settings.regions[move.source]
    if move.reverting:
        return Response(state=state, done=True, sentence=f"The move {move.id} is already going back to {source}.")
    why = f"aborted by {request.requested_by}: {request.reason}"
    # Whoever stops users from being brought back wants them to stay.
    state = replace(state, to_return=state.to_return and not move.returning)
    if move.progress is None and not are_touched(state, move):
        after, sentence, announcements = withdrawn(state, why, now)
        return Response(state=after, done=True, sentence=sentence, announcements=announcements)
    known = knowledge.sides[move.source]
    if known.verdict is Verdict.SICK:
        sentence = f"Refused, nothing was changed: {source}, where traffic would go back to, is sick: {known.detail}"
        return Response(state=state, done=False, sentence=sentence, rule=Rule.TARGET_SERVES)
    after, sentence, announcements = reverting(state, why, settings, now)
    return Response(state=after, done=True, sentence=sentence, announcements=announcements)


def _pause(state: State, request: Request, now: Instant) -> Response:
    until = now + 60 * request.minutes
    pause = Pause(until=until, reason=request.reason, requested_by=request.requested_by)
    under_way = f" The move {state.move.id}, already begun, is finished." if state.move else ""
    if state.drill:
        under_way = f" The drill {state.drill.id}, already begun, goes on to its end; abort ends it early."
    sentence = (
        f"{request.requested_by} paused automation until {clock_time(until)}: {request.reason}. "
        f"Everything goes on, only no automatic move begins.{under_way}"
    )
    return _told(replace(state, pause=pause), Kind.PAUSED, sentence, now)


def _resume(state: State, request: Request, settings: Settings, now: Instant) -> Response:
    if state.pause is None and not state.observe_only:
        sentence = "Automation is neither paused nor set to observe only; nothing was done."
        return Response(state=state, done=True, sentence=sentence)
    sentence = f"{request.requested_by} resumed automation: {request.reason}."
    if settings.observe_only:
        sentence += " The stack itself is deployed observe-only (parameter ObserveOnly), which stays."
    return _told(replace(state, pause=None, observe_only=False), Kind.RESUMED, sentence, now)


def _acknowledge(state: State, request: Request, settings: Settings, now: Instant) -> Response:
    """Accept the world as it is: what stopped automation is settled, and its bounds begin anew."""
    if state.hold and state.surveyed is None:
        what = "records have" if settings.moves_records else "latch has"
        sentence = f"Refused, nothing was changed: the {what} not been read since; repeat it after the next round."
        return Response(state=state, done=False, sentence=sentence, rule=Rule.WORLD_UNDERSTOOD)
    after = replace(state, hold=None, cool_down_until=0.0, automatic_moves=(), blocked_by="")
    sentence = (
        f"{request.requested_by} acknowledged: {request.reason}. Automation goes on from "
        f"{describe(state.weights, settings, state.latches)}; cool-down and the day's count of moves begin anew."
    )
    return _told(after, Kind.ACKNOWLEDGED, sentence, now)


def _observe_only(state: State, request: Request, now: Instant) -> Response:
    if state.move or state.drill:
        what = f"the move {state.move.id} is under way" if state.move else f"the drill {drill_of(state).id} is on"
        sentence = (
            f"Refused, nothing was changed: {what}, and observe-only can't be set during one; wait for its end, or "
            f"abort it first."
        )
        return Response(state=state, done=False, sentence=sentence, rule=Rule.ONE_MOVE_AT_A_TIME)
    sentence = f"{request.requested_by} set the controller to observe only, until resume: {request.reason}."
    return _told(replace(state, observe_only=True), Kind.OBSERVE_ONLY_SET, sentence, now)


def _attachment(state: State, request: Request, settings: Settings, now: Instant) -> Response:
    """Accept that latches are to be attached or detached; whoever does it asks again before each step."""
    if why := why_not_now(state, settings):
        sentence = f"Refused, nothing was changed: {why}"
        return Response(state=state, done=False, sentence=sentence, rule="at-rest")
    sentence = f"{request.requested_by} asked to {request.action} the latch: {request.reason}."
    return _told(state, Kind.ATTACHMENT, sentence, now)


def _told(state: State, kind: Kind, sentence: str, now: Instant) -> Response:
    announcement = Announcement(kind=kind, at=now, sentence=sentence)
    return Response(state=state, done=True, sentence=sentence, announcements=(announcement,))
