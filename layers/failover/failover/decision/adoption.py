"""What the controller makes of the world it finds: its own, or somebody else's. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from failover.decision.advance import followed
from failover.decision.announcement import Announcement, Kind
from failover.decision.state import Hold, LatchState, State, Surveyed
from failover.levers.latch import LatchName
from failover.levers.lever import Sight, Survey
from failover.region import Instant, Side, Weights, all_to
from failover.settings import Settings
from failover.timetext import span

UNREAD_SECONDS = 300.0
"""After this long without a look at a lever somebody is told."""

type Adoption = tuple[State, tuple[Announcement, ...]]
"""What to remember, and what to tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLatch:
    """A latch as it was found.

    Attributes
    ----------
    thrown
        What it is.
    sight
        Where its check's state shows; None while it isn't attached.
    loose
        What somebody else has done to its checks; empty if nothing.

    """

    thrown: bool
    sight: Sight | None
    loose: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a look at the world brought back.

    Attributes
    ----------
    survey
        The records; None where only Cognito's own domain is moved.
    latches
        Every latch that could be read.
    unread
        Why the others could not be.

    """

    survey: Survey | None
    latches: Mapping[LatchName, FoundLatch] = field(default_factory=dict)
    unread: Mapping[LatchName, str] = field(default_factory=dict)


def born(found: Found, settings: Settings, now: Instant) -> Adoption:
    """Return the state of a controller that remembers nothing: it takes the world as it is, and moves nothing."""
    latches = {
        name: LatchState(thrown=latch.thrown, set_at=now, sight=latch.sight) for name, latch in found.latches.items()
    }
    weights = found.survey.weights if found.survey else _weights_without_records(latches)
    active = serving_side(weights, latches)
    described = describe(weights, settings, latches)
    surveyed = _surveyed(found.survey, latches, now)
    if found.survey and settings.observe_only and not steers(found.survey, settings):
        surveyed = Surveyed(at=now, problem=_none_yet(settings), uncreated=True)
        described = "there are none yet"
    state = State(
        born_at=now,
        active=active or _heavier_side(weights),
        active_since=now,
        weights=weights,
        surveyed=surveyed,
        latches=latches,
    )
    what = "the records as they are" if found.survey else "the latch as it is"
    idle = [name for name, latch in latches.items() if latch.sight is None]
    sentence = f"The controller remembers nothing and takes {what}: {described}."
    if idle:
        sentence += (
            f" The latch of the {' and the '.join(idle)} is not attached, and moves nobody until somebody invokes the "
            f"operator's attach."
        )
    adopted = Announcement(kind=Kind.ADOPTED, at=now, sentence=sentence)
    told = (adopted, *_trouble_told(None, surveyed, settings, now))
    if active is not None:
        return state, told
    why = f"the records send users to no single Region: {described}."
    held = Announcement(kind=Kind.HELD, at=now, sentence=f"Automation waits for an acknowledgement: {why}")
    return replace(state, hold=Hold(since=now, reason=why)), (*told, held)


def regarded(state: State, found: Found, settings: Settings, now: Instant) -> Adoption:
    """Return the state after a look at the world, with no move under way.

    What somebody else has changed is left as it is: what it says is adopted where it is plain, and automation waits
    until a person has acknowledged.
    """
    if found.survey and not steers(found.survey, settings) and not may_complete(state, found.survey, settings):
        gone = f"{settings.domain_name} has no records any more; create its weighted pair again, as users need it."
        problem = _none_yet(settings) if _uncreated(state) else gone
        return not_understood(state, problem, settings, now)
    latches, of_latches = _latches_after(state, found, now)
    weights = found.survey.weights if found.survey else _weights_without_records(latches)
    surveyed = _surveyed(found.survey, latches, now)
    told = (*_trouble_told(state.surveyed, surveyed, settings, now), *of_latches)
    if state.trailing and weights == all_to(state.active):
        state, _, followed_told = followed(state, settings, now)
        told = (*told, *followed_told)
    looked = replace(state, surveyed=surveyed, latches=latches)
    # One that isn't attached moves nobody, whoever sets it.
    unchanged = all(
        latches[name].thrown is before.thrown or latches[name].sight is None for name, before in state.latches.items()
    )
    active = serving_side(weights, latches)
    # A move that was overtaken may have moved everybody by a latch, with nothing changed since.
    if weights == state.weights and unchanged and active in {None, state.active}:
        return looked, told
    before, after = describe(state.weights, settings, state.latches), describe(weights, settings, latches)
    if found.survey and weights != state.weights:
        what = "changed the records"
    else:
        what = "changed what a latch moves" if unchanged else "set a latch"
    why = f"somebody else {what}: they were {before}, and are {after}."
    adopted = replace(
        looked,
        active=active or state.active,
        active_since=now if active and active is not state.active else state.active_since,
        weights=weights,
        trailing=None,
        to_return=False,
    )
    if state.hold and state.surveyed is None:  # the first look after a move was overtaken: told already
        return adopted, told
    held = Announcement(kind=Kind.HELD, at=now, sentence=f"Automation waits for an acknowledgement: {why}")
    return replace(adopted, hold=Hold(since=now, reason=why)), (*told, held)


def not_understood(state: State, problem: str, settings: Settings, now: Instant) -> Adoption:
    """Return the state after a look at a world that the lever refuses to touch, with no move under way."""
    surveyed = Surveyed(at=now, problem=problem, uncreated=_uncreated(state))
    return replace(state, surveyed=surveyed), _trouble_told(state.surveyed, surveyed, settings, now)


def out_of_reach(state: State, why: str, settings: Settings, now: Instant) -> Adoption:
    """Return the state after a look that failed: told once it has lasted, but no bar to a move, which is tried."""
    if state.surveyed is None:
        return state, ()
    surveyed = replace(state.surveyed, tried_at=now)
    if surveyed.out_of_reach or now - surveyed.at < UNREAD_SECONDS:
        return replace(state, surveyed=surveyed), ()
    sentence = (
        f"The records of {settings.domain_name} have not been read for {span(now - surveyed.at)}: {why} "
        f"A move would be tried all the same, and their weights can change only once Route 53 takes changes."
    )
    looked = replace(state, surveyed=replace(surveyed, out_of_reach=why))
    return looked, (Announcement(kind=Kind.LEVER_PROBLEM, at=now, sentence=sentence),)


def steers(survey: Survey, settings: Settings) -> bool:
    """Tell whether the name itself has records: without them any weights are only what would be created."""
    return any(
        record_set["Name"].removesuffix(".").lower() == settings.domain_name for record_set in survey.record_sets
    )


def may_complete(state: State, survey: Survey, settings: Settings) -> bool:
    """Tell whether the records that are lacking may be created.

    A name without any is given them only if it has had none since the controller began: else somebody deleted them.
    """
    return not settings.observe_only and (steers(survey, settings) or _uncreated(state))


def serving_side(weights: Weights, latches: Mapping[LatchName, LatchState]) -> Side | None:
    """Return the one side that has all users; None where both have a share, or neither."""
    with_records = latches.get(LatchName.RECORDS)
    if with_records and with_records.thrown and with_records.sight:
        records_side: Side | None = Side.STANDBY
    else:
        serving = [side for side, weight in weights if weight]
        records_side = serving[0] if len(serving) == 1 else None
    domain = latches.get(LatchName.DOMAIN)
    if domain is None or domain.sight is None:
        return records_side
    return records_side if records_side is domain.side else None


def describe(weights: Weights, settings: Settings, latches: Mapping[LatchName, LatchState] | None = None) -> str:
    """Return what steers users as people read it, such as ``ap-northeast-1 255, us-east-1 0``."""
    shares = [f"{settings.regions[side]} {weight}" for side, weight in weights] if settings.moves_records else []
    thrown = [
        f"the latch of the {name} thrown" for name, latch in (latches or {}).items() if latch.thrown and latch.sight
    ]
    return ", ".join((*shares, *thrown)) or f"all users on {settings.regions.primary}"


def _uncreated(state: State) -> bool:
    return state.surveyed is not None and state.surveyed.uncreated


def _none_yet(settings: Settings) -> str:
    return (
        f"{settings.domain_name} has no records yet, and a stack that is deployed observe-only creates none. Deploy "
        f"with ObserveOnly=false to have its weighted pair created, or create it yourself."
    )


type _Latches = dict[LatchName, LatchState]


def _latches_after(state: State, found: Found, now: Instant) -> tuple[_Latches, tuple[Announcement, ...]]:
    """Return what is remembered of all latches after a look, and what to tell: once each, when one can't be read."""
    latches, told = dict(state.latches), list[Announcement]()
    for name, latch in found.latches.items():
        before = state.latches.get(name)
        latches[name] = _latch_after(before, latch, now, held=state.hold is not None)
        if latch.loose:
            latches[name] = replace(latches[name], trouble=latch.loose)
            if before is None or before.trouble != latch.loose:
                sentence = f"The latch of the {name} is not attached as it was: {latch.loose}"
                told.append(Announcement(kind=Kind.LATCH_PROBLEM, at=now, sentence=sentence))
        elif (
            before
            and before.trouble
            and (before.unread_since is not None or (before.set_at is not None and latch.sight is not None))
        ):
            how = "can be read again" if before.unread_since is not None else "is attached again"
            told.append(Announcement(kind=Kind.LATCH_MENDED, at=now, sentence=f"The latch of the {name} {how}."))
    for name, why in found.unread.items():
        before = state.latches.get(name)
        if before is None:
            continue
        since = now if before.unread_since is None else before.unread_since
        latches[name] = replace(before, unread_since=since)
        if now - since >= UNREAD_SECONDS and not before.trouble:
            latches[name] = replace(latches[name], trouble=why)
            sentence = f"The latch of the {name} has not been read for {span(now - since)}: {why}"
            told.append(Announcement(kind=Kind.LATCH_PROBLEM, at=now, sentence=sentence))
    return latches, tuple(told)


def _latch_after(before: LatchState | None, found: FoundLatch, now: Instant, *, held: bool) -> LatchState:
    """Return what is remembered of a latch after a look at it."""
    if before is None:
        return LatchState(thrown=found.thrown, set_at=now, sight=found.sight)
    if before.set_at is None and not held:
        return replace(before, unread_since=None, sight=found.sight)  # still to be set: either is as it was left
    same = found.thrown is before.thrown
    return replace(
        before,
        thrown=found.thrown,
        set_at=before.set_at if same and before.set_at is not None else now,
        arrived_at=before.arrived_at if same else None,
        unread_since=None,
        trouble="",
        sight=found.sight,
    )


def _trouble_told(
    before: Surveyed | None, surveyed: Surveyed, settings: Settings, now: Instant
) -> tuple[Announcement, ...]:
    """Tell, once each, when a look shows that nothing can move, and when it no longer does."""
    if surveyed.problem:
        if before and before.problem == surveyed.problem:
            return ()
        what = f"The records of {settings.domain_name}" if settings.moves_records else settings.managed_login_domain
        sentence = f"{what} can't be used, and nothing can move: {surveyed.problem}"
        return (Announcement(kind=Kind.LEVER_PROBLEM, at=now, sentence=sentence),)
    if before and (before.problem or before.out_of_reach):
        what = "The records are read and understood" if settings.moves_records else "The domain can be moved"
        return (Announcement(kind=Kind.LEVER_MENDED, at=now, sentence=f"{what} again."),)
    return ()


def _weights_without_records(latches: Mapping[LatchName, LatchState]) -> Weights:
    domain = latches.get(LatchName.DOMAIN)
    return all_to(domain.side if domain else Side.PRIMARY)


def _heavier_side(weights: Weights) -> Side:
    return Side.STANDBY if weights.standby > weights.primary else Side.PRIMARY


def _surveyed(survey: Survey | None, latches: Mapping[LatchName, LatchState], now: Instant) -> Surveyed:
    if survey is None:
        domain = latches.get(LatchName.DOMAIN)
        attached = domain is not None and domain.sight is not None
        problem = "" if attached else "Cognito's own domain has no latch attached; invoke the operator's attach."
        return Surveyed(at=now, problem=problem)
    # Lacking ones have been created by now, or nothing may be moved anyway.
    sight = Sight(record_sets=(*survey.record_sets, *survey.lacking), name_servers=survey.name_servers)
    return Surveyed(at=now, weights=survey.weights, ttl_seconds=survey.ttl_seconds, sight=sight)
