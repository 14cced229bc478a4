"""What is told of how a Region is, apart from moves: that it is not well, once, and that it is well again. Pure."""

from dataclasses import replace

from failover.decision.announcement import Announcement, Kind
from failover.decision.knowledge import Knowledge
from failover.decision.state import State
from failover.probe.verdict import Verdict
from failover.region import Instant, Side
from failover.settings import Settings
from failover.timetext import span

type Told = tuple[State, tuple[Announcement, ...]]
"""What to remember, and what to tell."""


def with_concerns(state: State, knowledge: Knowledge, settings: Settings, now: Instant) -> Told:
    """Tell, once, of each side that has not been healthy for several rounds, and once when it is again.

    The serving side's are told also if they were not in a row, but too many to be chance and too few to move users.
    """
    announcements: list[Announcement] = []
    for side in Side:
        state, told = _regarded(side, state, knowledge, settings, now)
        announcements.extend(told)
    return state, tuple(announcements)


def _regarded(side: Side, state: State, knowledge: Knowledge, settings: Settings, now: Instant) -> Told:
    concern, streak = state.concerns[side], state.streaks[side]
    if streak.verdict is Verdict.HEALTHY and concern and streak.rounds >= _believed_rounds(concern, settings):
        sentence = f"{settings.regions[side]} was {concern} and has now been healthy for {span(now - streak.since)}."
        recovered = Announcement(kind=Kind.RECOVERED, at=now, sentence=sentence, side=side, verdict=concern)
        return replace(state, concerns=state.concerns.replace(side, None)), (recovered,)
    found = _found(side, state, settings)
    if found is None or found is concern:
        return state, ()
    noted = replace(state, concerns=state.concerns.replace(side, found))
    if _is_told_as_a_decision(side, found, state, settings):
        return noted, ()
    sentence = f"{_how_long(side, state, settings, now)}: {knowledge.sides[side].detail}"
    return noted, (Announcement(kind=Kind.CONCERN, at=now, sentence=sentence, side=side, verdict=found),)


def _believed_rounds(concern: Verdict, settings: Settings) -> int:
    return settings.recovery_rounds if concern is Verdict.SICK else settings.suspect_rounds


def _found(side: Side, state: State, settings: Settings) -> Verdict | None:
    """Return the verdict that is worth a concern; None where none is."""
    streak = state.streaks[side]
    if streak.verdict is Verdict.HEALTHY:
        return None
    is_suspect = side is state.active and streak.verdict is Verdict.SICK
    rounds = max(streak.rounds, state.suspected.sick_rounds) if is_suspect else streak.rounds
    return streak.verdict if rounds >= settings.suspect_rounds else None


def _is_told_as_a_decision(side: Side, found: Verdict, state: State, settings: Settings) -> bool:
    is_suspect = side is state.active and found is Verdict.SICK
    return is_suspect and not state.move and state.suspected.is_enough(settings)


def _how_long(side: Side, state: State, settings: Settings, now: Instant) -> str:
    region, streak, suspected = settings.regions[side], state.streaks[side], state.suspected
    if streak.rounds >= settings.suspect_rounds:
        return f"{region} has been {streak.verdict} for {streak.rounds} rounds ({span(now - streak.since)})"
    return (
        f"{region} was {streak.verdict} in {suspected.sick_rounds} of {suspected.rounds} rounds "
        f"({span(now - suspected.since)}), which is not enough to move users"
    )
