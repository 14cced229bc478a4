"""The decision: from what is remembered and what is known to what is wanted, and why. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from failover.decision.announcement import Announcement, Kind
from failover.decision.carry import carry_on
from failover.decision.concerns import with_concerns
from failover.decision.drill_feeding import begun_by_the_drill, fed, is_fed, marked
from failover.decision.drilling import go_on
from failover.decision.failing_back import failback
from failover.decision.failing_back import is_wanted as failback_is_wanted
from failover.decision.freshness import warning
from failover.decision.knowledge import GOOD, Knowledge
from failover.decision.move import Move
from failover.decision.outside import NO_SIGN_INS, SignIns
from failover.decision.rules import (
    ABSTAINING,
    DAY_SECONDS,
    Obstacle,
    Question,
    Rule,
    obstacles_to_an_automatic_failback,
    obstacles_to_an_automatic_move,
)
from failover.decision.state import State, Streak, drill_of
from failover.decision.suspicion import Suspicion, after_round, is_in_a_row, is_sick
from failover.probe.verdict import Verdict
from failover.region import Instant, PerSide, Side
from failover.settings import Settings
from failover.timetext import span


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What follows from a round.

    Attributes
    ----------
    state
        What to remember. A move in it is to be driven.
    reason
        One sentence: what is done, or why nothing is.
    announcements
        The transitions since the state before.

    """

    state: State
    reason: str
    announcements: tuple[Announcement, ...] = ()


def decide(
    state: State, knowledge: Knowledge, settings: Settings, now: Instant, sign_ins: SignIns = NO_SIGN_INS
) -> Decision:
    """Return what to remember, do and tell after a round.

    Parameters
    ----------
    state
        What was remembered before.
    knowledge
        What the observers agree on now.
    settings
        The policy.
    now
        The moment of the decision.
    sign_ins
        What came of sign-ins through the domain since the last one, as far as any were made; only a drill asks.

    """
    observed = _observed(state, knowledge, settings, now)
    drilled, said, of_the_drill = go_on(observed, knowledge, settings, now, sign_ins)
    judged = fed(drilled, knowledge)
    suspecting = _suspecting(drilled, observed, judged, state.last_round_at, settings, now)
    concerned, of_concerns = with_concerns(suspecting, knowledge, settings, now)
    if drilled.move is not observed.move:  # the drill has decided this round
        after, decided, told = concerned, "", of_concerns
    else:
        after, decided, further = (
            carry_on(concerned, knowledge, settings, now)
            if concerned.move
            else _consider(concerned, judged, settings, now)
        )
        if is_fed(drilled):
            further = tuple(marked(each, drill_of(drilled)) for each in further)
        told = (*of_concerns, *further)
    reason = f"{said} {decided}".strip()
    return Decision(state=replace(after, reason=reason), reason=reason, announcements=(*of_the_drill, *told))


def _observed(state: State, knowledge: Knowledge, settings: Settings, now: Instant) -> State:
    """Return the state with this round's verdicts in its streaks, and what has run out forgotten."""
    in_a_row = is_in_a_row(state.last_round_at, settings, now)

    def streak(side: Side) -> Streak:
        verdict = knowledge.sides[side].verdict
        if is_sick(verdict, settings):
            verdict = Verdict.SICK
        before = state.streaks[side]
        if in_a_row and before.rounds and verdict is before.verdict:
            return replace(before, rounds=before.rounds + 1)
        return Streak(verdict=verdict, rounds=1, since=now)

    streaks = PerSide(primary=streak(Side.PRIMARY), standby=streak(Side.STANDBY))
    return replace(
        state,
        last_round_at=now,
        streaks=streaks,
        automatic_moves=tuple(at for at in state.automatic_moves if now - at < DAY_SECONDS),
        pause=state.pause if state.pause and state.pause.until > now else None,
    )


def _suspecting(
    drilled: State,
    observed: State,
    judged: Knowledge,
    last_round_at: Instant | None,
    settings: Settings,
    now: Instant,
) -> State:
    """Return the state with what now speaks for a sickness of the serving side; nothing does in a move."""
    none = Suspicion(side=drilled.active)
    if observed.move or drilled.move:
        return replace(drilled, suspicion=none)
    before = drilled.suspected if is_in_a_row(last_round_at, settings, now) else none
    verdict = judged.sides[drilled.active].verdict
    counted = Verdict.SICK if is_sick(verdict, settings) else verdict
    return replace(drilled, suspicion=after_round(before, counted, settings, now))


def _consider(
    state: State, knowledge: Knowledge, settings: Settings, now: Instant
) -> tuple[State, str, tuple[Announcement, ...]]:
    """Decide whether an automatic move begins."""
    active, suspected = settings.regions[state.active], state.suspected
    if not is_sick(knowledge.sides[state.active].verdict, settings):
        return _not_wanted(state, knowledge, settings, now)
    detail = knowledge.sides[state.active].detail
    if not suspected.is_enough(settings):
        sentence = f"{_suspect(state, settings)}: {detail}"
        first = suspected.rounds == 1
        told = (Announcement(kind=Kind.SUSPECTED, at=now, sentence=sentence),) if first else ()
        return state, sentence, told
    question = Question(state=state, knowledge=knowledge, settings=settings, now=now, target=state.active.other)
    sick = f"{_sick(active, suspected, now)}: {detail}"
    if obstacles := tuple(obstacles_to_an_automatic_move(question)):
        return _blocked(state, sick, obstacles, question)
    return _begun(state, _flight(state, sick, settings, now), sick, settings, now)


def _not_wanted(
    state: State, knowledge: Knowledge, settings: Settings, now: Instant
) -> tuple[State, str, tuple[Announcement, ...]]:
    sentence = " ".join(_standing(state, knowledge, settings))
    if state.suspected.stands:
        return state, f"{sentence} {_suspect(state, settings)}.", ()
    told: tuple[Announcement, ...] = ()
    if state.blocked_by:
        told = (Announcement(kind=Kind.SUSPICION_CLEARED, at=now, sentence=f"No move is wanted any more. {sentence}"),)
        state = replace(state, blocked_by="")
    if not failback_is_wanted(state, settings):
        return state, sentence, told
    returned, why, further = _consider_failback(state, knowledge, settings, now)
    return returned, f"{sentence} {why}", (*told, *further)


def _consider_failback(
    state: State, knowledge: Knowledge, settings: Settings, now: Instant
) -> tuple[State, str, tuple[Announcement, ...]]:
    """Decide whether users are brought back now. What keeps them away wakes nobody: they are served where they are."""
    question = Question(state=state, knowledge=knowledge, settings=settings, now=now, target=Side.PRIMARY)
    obstacles = tuple(obstacles_to_an_automatic_failback(question))
    if not obstacles:
        move = failback(state, settings, now)
        return _begun(state, move, move.reason, settings, now)
    sentences = " ".join(obstacle.sentence for obstacle in obstacles)
    if all(obstacle.rule in ABSTAINING for obstacle in obstacles):
        return state, f"Users would have been brought back to {question.region}, but: {sentences}", ()
    return state, f"Users are not brought back to {question.region} yet: {sentences}", ()


def _sick(region: str, suspected: Suspicion, now: Instant) -> str:
    lasted = span(now - suspected.since)
    if suspected.sick_rounds == suspected.rounds:
        return f"{region} has been sick for {suspected.rounds} rounds ({lasted})"
    return f"{region} was sick in {suspected.sick_rounds} of {suspected.rounds} rounds ({lasted})"


def _suspect(state: State, settings: Settings) -> str:
    """Say what speaks against the serving Region, and what would be enough."""
    suspected = state.suspected
    lacking = suspected.lacking_rounds(settings)
    return (
        f"{settings.regions[state.active]} is suspect, sick in {suspected.sick_rounds} of {suspected.rounds} rounds; "
        f"{lacking} more in a row would move users"
    )


def _standing(state: State, knowledge: Knowledge, settings: Settings) -> Iterator[str]:
    """Say how both Regions are, the serving one first."""
    for side in (state.active, state.active.other):
        known = knowledge.sides[side]
        part = "serves" if side is state.active else "stands by"
        how = f" and is {known.verdict}." if known.verdict in GOOD else f", but is {known.verdict}: {known.detail}"
        yield f"{settings.regions[side]} {part}{how}"


def _blocked(
    state: State, sick: str, obstacles: tuple[Obstacle, ...], question: Question
) -> tuple[State, str, tuple[Announcement, ...]]:
    only_watching = all(obstacle.rule in ABSTAINING for obstacle in obstacles)
    sentences = " ".join(obstacle.sentence for obstacle in obstacles)
    told = (
        f"{sick} Traffic would have moved to {question.region}, but: {sentences}"
        if only_watching
        else f"{sick} Traffic stays where it is: {sentences}"
    )
    blocked_by = obstacles[0].rule
    announcement = Announcement(
        kind=Kind.WOULD_MOVE if only_watching else Kind.BLOCKED, at=question.now, sentence=told, rule=blocked_by
    )
    # The starting grace ends by itself within a minute or two: nobody is woken for it.
    is_news = blocked_by not in {state.blocked_by, Rule.STARTING_GRACE}
    return replace(state, blocked_by=blocked_by), told, (announcement,) if is_news else ()


def _flight(state: State, sick: str, settings: Settings, now: Instant) -> Move:
    """Return the move away from the serving Region, at once and of all users."""
    target = state.active.other
    return Move(
        id=f"to-{settings.regions[target]}-{int(now)}",
        source=state.active,
        target=target,
        automatic=True,
        reason=sick,
        requested_by="controller",
        suspected_at=state.suspected.since,
        decided_at=now,
        step_began_at=now,
    )


def _begun(
    state: State, move: Move, why: str, settings: Settings, now: Instant
) -> tuple[State, str, tuple[Announcement, ...]]:
    how = " in steps of " + ", ".join(f"{step} %" for step in move.steps) if move.in_steps else ""
    behind = warning(state.freshness, target=move.target, bearable_seconds=settings.replication_lag_alarm_seconds)
    moves = f"Traffic moves from {settings.regions[move.source]} to {settings.regions[move.target]}{how}."
    sentence = " ".join(part for part in (moves, why, behind) if part)
    none = Suspicion(side=state.active)  # should the move be withdrawn, the next one needs as much again
    begun = replace(state, suspicion=none, blocked_by="")
    if is_fed(state):
        begun, move = begun_by_the_drill(begun, move)
    else:
        begun = replace(begun, automatic_moves=(*state.automatic_moves, now))
    return (
        replace(begun, move=move),
        sentence,
        (Announcement(kind=Kind.MOVE_DECIDED, at=now, sentence=sentence, move=move),),
    )
