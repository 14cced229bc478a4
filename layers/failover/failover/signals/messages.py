"""The message a person is woken with. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from failover.decision.announcement import OF_DRILLS, Announcement, Kind
from failover.decision.state import State
from failover.decision.status import stages
from failover.region import Side
from failover.settings import Settings
from failover.signals.guidance import Situation, guide
from failover.signals.losses import lost_on_the_standby
from failover.timetext import clock_time, span

MAX_SUBJECT_LENGTH = 99
"""SNS wants less than 100 characters, all of them printable ASCII."""

_NOTHING_FAILED = "what it says of a Region is not why users move."

_OVER = frozenset({Kind.MOVE_WITHDRAWN, Kind.MOVE_OVERTAKEN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What arrives: a line that says what matters, and plain text below it."""

    subject: str
    body: str


def compose(announcement: Announcement, settings: Settings, state: State | None) -> Message:
    """Return the message about a transition.

    Parameters
    ----------
    announcement
        The transition.
    settings
        The names of Regions, domain and pool.
    state
        What is remembered now; without it the advice is general.

    """
    situation = Situation(announcement=announcement, settings=settings, state=state)
    parts = (f"{title}\n{text}" for title, text in _parts(situation))
    headline = f"{_mark(announcement)}{_headline(situation)}"
    return Message(
        subject=_fitting(f"{headline} - {settings.sign_in_name}"),
        # What a phone shows before anybody opens it.
        body="\n\n".join((f"{headline}.", *parts)) + "\n",
    )


def _parts(situation: Situation) -> Iterator[tuple[str, str]]:
    announcement, settings = situation.announcement, situation.settings
    guidance = guide(situation)
    if announcement.drill_id:
        yield "DRILL", f"This belongs to the drill {announcement.drill_id}. It is a rehearsal: {_NOTHING_FAILED}"
    yield "WHAT HAPPENED", f"{clock_time(announcement.at)}: {announcement.sentence}"
    yield "WHAT WAS DONE", "\n".join((guidance.done, *_timeline(announcement)))
    yield "WHAT TO DO NOW", guidance.to_do
    if _concerns_users_of_the_standby(situation):
        losses = lost_on_the_standby(primary=situation.primary, sign_in_name=situation.settings.sign_in_name)
        lost = "\n".join(f"- {loss}" for loss in losses)
        yield f"WHAT DOES NOT WORK ON {situation.standby}", lost
    yield "WHICH", _which(announcement, settings)


def _headline(situation: Situation) -> str:  # noqa: C901, PLR0911, PLR0912 - one return for each case of a closed set
    kind = situation.announcement.kind
    match kind:
        case Kind.ADOPTED:
            return "Failover controller started"
        case Kind.SUSPECTED:
            return "Sign-in may be failing"
        case Kind.SUSPICION_CLEARED:
            return "Sign-in works again, nothing was moved"
        case Kind.BLOCKED:
            return f"Sign-in is failing, and not moved{_by_rule(situation)}"
        case Kind.WOULD_MOVE:
            return "Sign-in is failing, and automation only watches"
        case Kind.MOVE_DECIDED:
            return f"Sign-in is moving{_direction(situation)}"
        case Kind.MOVE_SUBMITTED:
            return f"Route 53 has taken the change{_direction(situation)}"
        case Kind.LATCH_SET:
            return f"The latch is set{_direction(situation)}"
        case Kind.LATCH_ARRIVED:
            return f"The latch is seen to work{_direction(situation)}"
        case Kind.WEIGHTS_FOLLOWED:
            return "The weights have followed the users"
        case Kind.STEP_CONFIRMED:
            return f"A share of sign-in has moved{_direction(situation)}"
        case Kind.MOVE_CONFIRMED:
            return f"Sign-in moved{_direction(situation)}"
        case Kind.MOVE_DELAYED:
            return f"Sign-in moves late{_direction(situation)}"
        case Kind.MOVE_WITHDRAWN:
            return "Move withdrawn, nothing was changed"
        case Kind.MOVE_HASTENED:
            return f"Sign-in is moving at once{_direction(situation)}"
        case Kind.MOVE_REVERTING:
            return f"Sign-in is going back{_direction(situation)}"
        case Kind.MOVE_OVERTAKEN:
            return "Acknowledge: a move has ended unfinished"
        case Kind.HELD:
            return f"Acknowledge: automation waits because of the {situation.settings.what_steers}"
        case Kind.ACKNOWLEDGED:
            return "Automation goes on, acknowledged"
        case Kind.PAUSED:
            return "Automation paused"
        case Kind.RESUMED:
            return "Automation resumed"
        case Kind.OBSERVE_ONLY_SET:
            return "Automation set to observe only"
        case Kind.ATTACHMENT:
            return "The latch is being attached or detached"
        case Kind.CONCERN:
            return f"{_region(situation)} is {situation.announcement.verdict or 'not healthy'}"
        case Kind.RECOVERED:
            return f"{_region(situation)} is healthy again"
        case Kind.LEVER_PROBLEM:
            return f"The {situation.settings.what_steers} can't be used or read"
        case Kind.LEVER_MENDED:
            return f"The {situation.settings.what_steers} can be used again"
        case Kind.LATCH_PROBLEM:
            return "A latch can't be relied on"
        case Kind.LATCH_MENDED:
            return "A latch can be relied on again"
        case Kind.PREFLIGHT_FAILED:
            return "A failover would not go well now"
        case Kind.PREFLIGHT_MENDED:
            return "The standby is ready again"
        case Kind.DRILL_STARTED:
            return f"Drill begins{_kind_of_drill(situation)}"
        case Kind.DRILL_HOLDS:
            return f"Drill holds{_kind_of_drill(situation)}"
        case Kind.DRILL_ABORTED:
            return f"Drill aborted{_kind_of_drill(situation)}"
        case Kind.DRILL_ENDED:
            return f"Drill ended{_outcome(situation)}"
        case Kind.DRILL_REFUSED:
            return f"Drill refused{_by_rule(situation)}"
        case Kind.REFUSED:
            return f"Refused{_by_rule(situation)}"
        case _:
            assert_never(kind)


def _mark(announcement: Announcement) -> str:
    """Return what every message of a drill begins with, unless its own words say so."""
    return "DRILL: " if announcement.drill_id and announcement.kind not in OF_DRILLS else ""


def _region(situation: Situation) -> str:
    side = situation.announcement.side
    return situation.settings.regions[side] if side else "A Region"


def _by_rule(situation: Situation) -> str:
    rule = situation.announcement.rule
    return f" ({rule})" if rule else ""


def _kind_of_drill(situation: Situation) -> str:
    drill = situation.announcement.drill
    return f" ({drill.kind})" if drill else ""


def _outcome(situation: Situation) -> str:
    drill = situation.announcement.drill
    return f" ({drill.kind}, {drill.outcome})" if drill else ""


def _direction(situation: Situation) -> str:
    move = situation.announcement.move
    if move is None:
        return ""
    return f" to {situation.settings.regions[move.destination]} ({'automatic' if move.automatic else 'by hand'})"


def _timeline(announcement: Announcement) -> Iterator[str]:
    """Give the stages of a move that has ended, each counted from what caused it."""
    move = announcement.move
    if announcement.kind is Kind.MOVE_CONFIRMED and move:
        yield f"After {move.cause}:"
        for stage, seconds in stages(move, announcement.at).items():
            yield f"- {stage.replace('_', ' ')}: {span(max(0.0, seconds))}"


def _concerns_users_of_the_standby(situation: Situation) -> bool:
    """Tell whether users are on the standby, or on their way there."""
    announcement, state = situation.announcement, situation.state
    move = announcement.move
    if move and announcement.kind is Kind.MOVE_CONFIRMED:
        return move.destination is Side.STANDBY
    if move and announcement.kind not in _OVER and move.destination is Side.STANDBY:
        return True
    return state is not None and state.active is Side.STANDBY


def _which(announcement: Announcement, settings: Settings) -> str:
    of_move = f", move {announcement.move.id}" if announcement.move else ""
    of_drill = f", drill {announcement.drill_id}" if announcement.drill_id else ""
    of_incident = f", {announcement.incident}" if announcement.incident else ""
    return f"{settings.sign_in_name}, user pool {settings.user_pool_id}{of_move}{of_drill}{of_incident}"


def _fitting(text: str) -> str:
    """Return the text as SNS takes it for a subject, cut where it is too long."""
    printable = "".join(character if " " <= character <= "~" else "?" for character in text)
    return printable if len(printable) <= MAX_SUBJECT_LENGTH else f"{printable[: MAX_SUBJECT_LENGTH - 3]}..."
