"""The message a person is woken with. Pure."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from cognito_failover.common.region import RegionRole
from cognito_failover.common.text import format_duration, format_iso_utc, format_short_utc
from cognito_failover.core.incident import get_incident_start
from cognito_failover.core.model.event import DRILL_KINDS, Event, EventKind
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.status import compute_stage_seconds
from cognito_failover.notifications.advice import advise
from cognito_failover.notifications.call_to_action import format_call_to_action
from cognito_failover.notifications.chat_message import build_chat_message
from cognito_failover.notifications.context import EventContext
from cognito_failover.notifications.headline import format_headline
from cognito_failover.notifications.message_attributes import build_attributes
from cognito_failover.notifications.replica_limitations import list_replica_limitations
from cognito_failover.notifications.runbook_page import find_runbook_page
from cognito_failover.notifications.sms import format_sms
from cognito_failover.settings.controller import Settings

MAX_SUBJECT_LENGTH = 99
"""SNS wants less than 100 characters, all of them printable ASCII."""

_SIMULATED_FAILURE_NOTE = "what it says of a Region is not why users move."

_CANCELLED_MOVE_KINDS = frozenset({EventKind.MOVE_CANCELLED, EventKind.MOVE_SUPERSEDED})

_BETWEEN_SENTENCES = re.compile(r"(?<=[^A-Z .][.!?]) (?=[A-Z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationMessage:
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
    sms: str
    chat: str
    attributes: dict[str, str]


def compose_message(event: Event, settings: Settings, state: ControllerState | None) -> NotificationMessage:
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
    context = EventContext(event=event, settings=settings, state=state)
    sections = (f"{title}\n{text}" for title, text in _build_sections(context))
    # What a phone shows before anybody opens it.
    body = "\n\n".join((f"{format_headline(context)}. {format_call_to_action(context)}", *sections)) + "\n"
    return NotificationMessage(
        subject=_truncate_subject(f"{_format_topic(context)} - {settings.sign_in_name}"),
        body=body,
        sms=format_sms(context),
        chat=json.dumps(build_chat_message(context, body)),
        attributes=build_attributes(context),
    )


def _format_topic(context: EventContext) -> str:
    """Return what a mail program keeps together. A rehearsal is another thread than what is real in its time."""
    event = context.event
    if not event.incident_id:
        return format_headline(context)
    drill_prefix = "DRILL: " if event.drill_id or event.kind in DRILL_KINDS else ""
    return f"{drill_prefix}Sign-in incident {format_short_utc(get_incident_start(event.incident_id))}"


def _build_sections(context: EventContext) -> Iterator[tuple[str, str]]:
    event, settings = context.event, context.settings
    advice = advise(context)
    if event.drill_id:
        yield "DRILL", f"This belongs to the drill {event.drill_id}. It is a rehearsal: {_SIMULATED_FAILURE_NOTE}"
    yield "WHAT HAPPENED", _split_sentences(f"{format_iso_utc(event.at)}: {event.message}")
    yield "WHAT TO DO NOW", _split_sentences(advice.next_steps)
    if page := find_runbook_page(context):
        yield "RUNBOOK", f"{settings.runbook_url}/{page}.md"
    yield "WHAT WAS DONE", "\n".join((_split_sentences(advice.actions_taken), *_format_stages(event)))
    if _affects_standby_users(context):
        limitations = list_replica_limitations(primary=context.primary, sign_in_name=context.settings.sign_in_name)
        limitation_lines = "\n".join(f"- {loss}" for loss in limitations)
        yield f"WHAT DOES NOT WORK ON {context.standby}", limitation_lines
    yield "WHICH", "\n".join(_list_identifiers(event, settings))


def _format_stages(event: Event) -> Iterator[str]:
    """Give the stages of a move that has ended, each counted from what caused it."""
    move = event.move
    if event.kind is EventKind.MOVE_CONFIRMED and move:
        yield f"After {move.time_origin_text}:"
        for stage, seconds in compute_stage_seconds(move, event.at).items():
            yield f"- {stage.replace('_', ' ')}: {format_duration(max(0.0, seconds))}"


def _affects_standby_users(context: EventContext) -> bool:
    """Tell whether users are on the standby, or on their way there."""
    event, state = context.event, context.state
    move = event.move
    if move and event.kind is EventKind.MOVE_CONFIRMED:
        return move.destination is RegionRole.STANDBY
    if move and event.kind not in _CANCELLED_MOVE_KINDS and move.destination is RegionRole.STANDBY:
        return True
    return state is not None and state.active_role is RegionRole.STANDBY


def _list_identifiers(event: Event, settings: Settings) -> Iterator[str]:
    yield settings.sign_in_name
    yield f"user pool {settings.user_pool_id}"
    if event.move:
        yield f"move {event.move.id}"
    if event.drill_id:
        yield f"drill {event.drill_id}"
    if event.incident_id:
        yield event.incident_id


def _split_sentences(sentences: str) -> str:
    """Return sentences as lines: a phone breaks them where it must, and eyes find where the next one begins."""
    return _BETWEEN_SENTENCES.sub("\n", sentences)


def _truncate_subject(text: str) -> str:
    """Return the text as SNS takes it for a subject, cut where it is too long."""
    printable = "".join(character if " " <= character <= "~" else "?" for character in text)
    return printable if len(printable) <= MAX_SUBJECT_LENGTH else f"{printable[: MAX_SUBJECT_LENGTH - 3]}..."
