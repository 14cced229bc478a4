"""The decision: from what is remembered and what is known to what is wanted, and why. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from failover.decision.announcement import Announcement, Kind
from failover.decision.carry import carry_on
from failover.decision.concerns import with_concerns
from failover.decision.freshness import warning
from failover.decision.knowledge import GOOD, Knowledge
from failover.decision.move import Move
from failover.decision.rules import ABSTAINING, DAY_SECONDS, Obstacle, Question, Rule, obstacles_to_an_automatic_move
from failover.decision.state import State, Streak
from failover.decision.suspicion import Suspicion, after_round
from failover.probe.verdict import Verdict
from failover.region import Instant, PerSide, Side
from failover.settings import Settings
from failover.timetext import span

MAX_GAP_INTERVALS = 3
"""After a silence longer than this many intervals, rounds before and after it are not "in a row"."""


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


def decide(state: State, knowledge: Knowledge, settings: Settings, now: Instant) -> Decision:
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

    """
    observed, concerned = with_concerns(_observed(state, knowledge, settings, now), knowledge, settings, now)
    decision = (
        carry_on(observed, knowledge, settings, now) if observed.move else _consider(observed, knowledge, settings, now)
    )
    decided, reason, announcements = decision
    return Decision(state=replace(decided, reason=reason), reason=reason, announcements=(*concerned, *announcements))


def is_sick(verdict: Verdict, settings: Settings) -> bool:
    """Tell whether a verdict counts towards a failover."""
    return verdict is Verdict.SICK or (verdict is Verdict.TRIGGER and settings.count_trigger_as_sick)


def _observed(state: State, knowledge: Knowledge, settings: Settings, now: Instant) -> State:
    """Return the state with this round's verdicts in its streaks, and what has run out forgotten."""
    silence_seconds = now - state.last_round_at if state.last_round_at is not None else 0.0
    in_a_row = silence_seconds <= MAX_GAP_INTERVALS * settings.round_interval_seconds

    def streak(side: Side) -> Streak:
        verdict = knowledge.sides[side].verdict
        if is_sick(verdict, settings):
            verdict = Verdict.SICK
        before = state.streaks[side]
        if in_a_row and before.rounds and verdict is before.verdict:
            return replace(before, rounds=before.rounds + 1)
        return Streak(verdict=verdict, rounds=1, since=now)

    streaks = PerSide(primary=streak(Side.PRIMARY), standby=streak(Side.STANDBY))
    none = Suspicion(side=state.active)
    suspected = state.suspected if in_a_row else none
    return replace(
        state,
        last_round_at=now,
        streaks=streaks,
        suspicion=none if state.move else after_round(suspected, streaks[state.active].verdict, settings, now),
        automatic_moves=tuple(at for at in state.automatic_moves if now - at < DAY_SECONDS),
        pause=state.pause if state.pause and state.pause.until > now else None,
    )


def _consider(
    state: State, knowledge: Knowledge, settings: Settings, now: Instant
) -> tuple[State, str, tuple[Announcement, ...]]:
    """Decide whether an automatic move begins."""
    active, suspected = settings.regions[state.active], state.suspected
    if state.streaks[state.active].verdict is not Verdict.SICK:
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
    return _begun(state, sick, settings, now)


def _not_wanted(
    state: State, knowledge: Knowledge, settings: Settings, now: Instant
) -> tuple[State, str, tuple[Announcement, ...]]:
    sentence = " ".join(_standing(state, knowledge, settings))
    if state.suspected.stands:
        return state, f"{sentence} {_suspect(state, settings)}.", ()
    was_wanted = bool(state.blocked_by)
    told = (
        (Announcement(kind=Kind.SUSPICION_CLEARED, at=now, sentence=f"No move is wanted any more. {sentence}"),)
        if was_wanted
        else ()
    )
    return replace(state, blocked_by=""), sentence, told


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


def _begun(state: State, sick: str, settings: Settings, now: Instant) -> tuple[State, str, tuple[Announcement, ...]]:
    target = state.active.other
    move = Move(
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
    behind = warning(state.freshness, target=target, bearable_seconds=settings.replication_lag_alarm_seconds)
    moves = f"Traffic moves from {settings.regions[state.active]} to {settings.regions[target]}."
    sentence = " ".join(part for part in (moves, sick, behind) if part)
    none = Suspicion(side=state.active)  # should the move be withdrawn, the next one needs as much again
    begun = replace(state, move=move, suspicion=none, blocked_by="", automatic_moves=(*state.automatic_moves, now))
    return begun, sentence, (Announcement(kind=Kind.MOVE_DECIDED, at=now, sentence=sentence, move=move),)
