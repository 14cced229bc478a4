"""The message a person is woken with. Pure."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from failover.decision.announcement import OF_DRILLS, Announcement, Kind
from failover.decision.incident import began_at
from failover.decision.state import State
from failover.decision.status import stages
from failover.region import Side
from failover.settings import Settings
from failover.signals.attributes import attributes_of
from failover.signals.brief import in_brief
from failover.signals.chat_message import chat_message
from failover.signals.guidance import guide
from failover.signals.headline import headline
from failover.signals.losses import lost_on_the_standby
from failover.signals.runbook_page import runbook_page
from failover.signals.situation import Situation
from failover.signals.text_message import text_of
from failover.timetext import clock_time, day_and_time, span

MAX_SUBJECT_LENGTH = 99
"""SNS wants less than 100 characters, all of them printable ASCII."""

_NOTHING_FAILED = "what it says of a Region is not why users move."

_OVER = frozenset({Kind.MOVE_WITHDRAWN, Kind.MOVE_OVERTAKEN})

_BETWEEN_SENTENCES = re.compile(r"(?<=[^A-Z .][.!?]) (?=[A-Z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What arrives.

    Attributes
    ----------
    subject
        The same for all of an incident, so that mail programs keep it in one thread.
    body
        Plain text, the news in its first line.
    text
        All of it in one text message.
    chat
        The same for a chat, as JSON.
    attributes
        What it says about itself, to choose by.

    """

    subject: str
    body: str
    text: str
    chat: str
    attributes: dict[str, str]


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
    # What a phone shows before anybody opens it.
    body = "\n\n".join((f"{headline(situation)}. {in_brief(situation)}", *parts)) + "\n"
    return Message(
        subject=_fitting(f"{_topic(situation)} - {settings.sign_in_name}"),
        body=body,
        text=text_of(situation),
        chat=json.dumps(chat_message(situation, body)),
        attributes=attributes_of(situation),
    )


def _topic(situation: Situation) -> str:
    """Return what a mail program keeps together. A rehearsal is another thread than what is real in its time."""
    announcement = situation.announcement
    if not announcement.incident:
        return headline(situation)
    mark = "DRILL: " if announcement.drill_id or announcement.kind in OF_DRILLS else ""
    return f"{mark}Sign-in incident {day_and_time(began_at(announcement.incident))}"


def _parts(situation: Situation) -> Iterator[tuple[str, str]]:
    announcement, settings = situation.announcement, situation.settings
    guidance = guide(situation)
    if announcement.drill_id:
        yield "DRILL", f"This belongs to the drill {announcement.drill_id}. It is a rehearsal: {_NOTHING_FAILED}"
    yield "WHAT HAPPENED", _a_line_each(f"{clock_time(announcement.at)}: {announcement.sentence}")
    yield "WHAT TO DO NOW", _a_line_each(guidance.to_do)
    if page := runbook_page(situation):
        yield "RUNBOOK", f"{settings.runbook_url}/{page}.md"
    yield "WHAT WAS DONE", "\n".join((_a_line_each(guidance.done), *_timeline(announcement)))
    if _concerns_users_of_the_standby(situation):
        losses = lost_on_the_standby(primary=situation.primary, sign_in_name=situation.settings.sign_in_name)
        lost = "\n".join(f"- {loss}" for loss in losses)
        yield f"WHAT DOES NOT WORK ON {situation.standby}", lost
    yield "WHICH", "\n".join(_which(announcement, settings))


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


def _which(announcement: Announcement, settings: Settings) -> Iterator[str]:
    yield settings.sign_in_name
    yield f"user pool {settings.user_pool_id}"
    if announcement.move:
        yield f"move {announcement.move.id}"
    if announcement.drill_id:
        yield f"drill {announcement.drill_id}"
    if announcement.incident:
        yield announcement.incident


def _a_line_each(sentences: str) -> str:
    """Return sentences as lines: a phone breaks them where it must, and eyes find where the next one begins."""
    return _BETWEEN_SENTENCES.sub("\n", sentences)


def _fitting(text: str) -> str:
    """Return the text as SNS takes it for a subject, cut where it is too long."""
    printable = "".join(character if " " <= character <= "~" else "?" for character in text)
    return printable if len(printable) <= MAX_SUBJECT_LENGTH else f"{printable[: MAX_SUBJECT_LENGTH - 3]}..."
