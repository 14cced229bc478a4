"""What the controller makes of the world it finds: its own, or somebody else's. Pure."""

from dataclasses import replace

from failover.decision.announcement import Announcement, Kind
from failover.decision.state import Hold, State, Surveyed
from failover.levers.lever import Survey
from failover.region import Instant, Side, Weights
from failover.settings import Settings
from failover.timetext import span

UNREAD_SECONDS = 300.0
"""After this long without a look at the records somebody is told."""

type Adoption = tuple[State, tuple[Announcement, ...]]
"""What to remember, and what to tell."""


def born(survey: Survey, settings: Settings, now: Instant) -> Adoption:
    """Return the state of a controller that remembers nothing: it takes the world as it is, and moves nothing."""
    active = serving_side(survey.weights)
    found = describe(survey.weights, settings)
    state = State(
        born_at=now,
        active=active or _heavier_side(survey.weights),
        active_since=now,
        weights=survey.weights,
        surveyed=_surveyed(survey, now),
    )
    sentence = f"The controller remembers nothing and takes the records as they are: {found}."
    announcement = Announcement(kind=Kind.ADOPTED, at=now, sentence=sentence)
    if active is not None:
        return state, (announcement,)
    why = f"the records send users to no single Region: {found}."
    held = Announcement(kind=Kind.HELD, at=now, sentence=f"Automation waits for an acknowledgement: {why}")
    return replace(state, hold=Hold(since=now, reason=why)), (announcement, held)


def regarded(state: State, survey: Survey, settings: Settings, now: Instant) -> Adoption:
    """Return the state after a look at the world, with no move under way.

    Records that somebody else has changed are left as they are: what they say is adopted where it is plain, and
    automation waits until a person has acknowledged.
    """
    if not steers(survey, settings):
        gone = f"{settings.domain_name} has no records any more; create its weighted pair again, as users need it."
        return not_understood(state, gone, settings, now)
    mended = (
        (Announcement(kind=Kind.LEVER_MENDED, at=now, sentence="The records are read and understood again."),)
        if state.surveyed and (state.surveyed.problem or state.surveyed.out_of_reach)
        else ()
    )
    looked = replace(state, surveyed=_surveyed(survey, now))
    if survey.weights == state.weights:
        return looked, mended
    active = serving_side(survey.weights)
    before, found = describe(state.weights, settings), describe(survey.weights, settings)
    why = f"somebody else changed the records: they were {before}, and are {found}."
    adopted = replace(
        looked,
        active=active or state.active,
        active_since=now if active and active is not state.active else state.active_since,
        weights=survey.weights,
    )
    if state.hold and state.surveyed is None:  # the first look after a move was overtaken: told already
        return adopted, mended
    held = Announcement(kind=Kind.HELD, at=now, sentence=f"Automation waits for an acknowledgement: {why}")
    return replace(adopted, hold=Hold(since=now, reason=why)), (*mended, held)


def not_understood(state: State, problem: str, settings: Settings, now: Instant) -> Adoption:
    """Return the state after a look at a world that the lever refuses to touch, with no move under way."""
    known = state.surveyed.problem if state.surveyed else ""
    looked = replace(state, surveyed=Surveyed(at=now, problem=problem))
    if problem == known:
        return looked, ()
    sentence = f"The records of {settings.domain_name} can't be used, and nothing can move: {problem}"
    return looked, (Announcement(kind=Kind.LEVER_PROBLEM, at=now, sentence=sentence),)


def out_of_reach(state: State, why: str, settings: Settings, now: Instant) -> Adoption:
    """Return the state after a look that failed: told once it has lasted, but no bar to a move, which is tried."""
    surveyed = state.surveyed
    if surveyed is None or surveyed.out_of_reach or now - surveyed.at < UNREAD_SECONDS:
        return state, ()
    sentence = (
        f"The records of {settings.domain_name} have not been read for {span(now - surveyed.at)}: {why} "
        f"A move would be tried all the same, and can be made only once Route 53 takes changes."
    )
    looked = replace(state, surveyed=replace(surveyed, out_of_reach=why))
    return looked, (Announcement(kind=Kind.LEVER_PROBLEM, at=now, sentence=sentence),)


def steers(survey: Survey, settings: Settings) -> bool:
    """Tell whether the name itself has records: without them any weights are only what would be created."""
    return any(record_set["Name"].rstrip(".").lower() == settings.domain_name for record_set in survey.record_sets)


def serving_side(weights: Weights) -> Side | None:
    """Return the one side that has any weight; None where both have, or neither."""
    serving = [side for side, weight in weights if weight]
    return serving[0] if len(serving) == 1 else None


def describe(weights: Weights, settings: Settings) -> str:
    """Return the weights as people read them, such as ``ap-northeast-1 255, us-east-1 0``."""
    return ", ".join(f"{settings.regions[side]} {weight}" for side, weight in weights)


def _heavier_side(weights: Weights) -> Side:
    return Side.STANDBY if weights.standby > weights.primary else Side.PRIMARY


def _surveyed(survey: Survey, now: Instant) -> Surveyed:
    return Surveyed(at=now, weights=survey.weights, ttl_seconds=survey.ttl_seconds)
