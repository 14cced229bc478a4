"""The message that people receive about an event. Pure."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from cognito_failover.common.region import RegionRole
from cognito_failover.common.text import format_duration, format_iso_utc, format_short_utc, neutralize
from cognito_failover.core.incident import get_incident_start
from cognito_failover.core.model.drill import DrillOutcome
from cognito_failover.core.model.event import DRILL_KINDS, Event, EventKind
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.severity import rate_severity
from cognito_failover.core.status import compute_stage_seconds
from cognito_failover.notifications.catalogue import (
    describe_actions_taken,
    describe_next_steps,
    find_runbook_page,
    format_call_to_action,
    format_headline,
)
from cognito_failover.notifications.chat_message import build_chat_message
from cognito_failover.notifications.context import EventContext
from cognito_failover.notifications.replica_limitations import list_replica_limitations
from cognito_failover.notifications.sms import format_sms
from cognito_failover.settings.controller import Settings

MAX_SUBJECT_LENGTH = 99
"""SNS requires less than 100 characters of printable ASCII."""

_CANCELLED_MOVE_KINDS = frozenset({EventKind.MOVE_CANCELLED, EventKind.MOVE_SUPERSEDED})

_BETWEEN_SENTENCES = re.compile(r"(?<=[^A-Z .][.!?]) (?=[A-Z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationMessage:
    """One message in all its forms.

    Attributes
    ----------
    subject
        The same for all messages of an incident, so that mail programs show one thread.
    body
        Plain text; the first line is the headline and the call to action.
    sms
        The text message.
    chat
        The chat message, as JSON.
    attributes
        The SNS message attributes, by which subscribers filter, group and drop repeats.

    """

    subject: str
    body: str
    sms: str
    chat: str
    attributes: dict[str, str]


def compose_message(event: Event, settings: Settings, state: ControllerState | None) -> NotificationMessage:
    """Return the message about an event.

    Parameters
    ----------
    event
        The event.
    settings
        The names of Regions, domain and pool.
    state
        The current state; without it the advice is general.

    """
    context = EventContext(event=event, settings=settings, state=state)
    sections = (f"{title}\n{text}" for title, text in _build_sections(context))
    # A phone's lock screen shows the first line.
    body = "\n\n".join((f"{format_headline(context)}. {format_call_to_action(context)}", *sections)) + "\n"
    return NotificationMessage(
        subject=_truncate_subject(f"{_format_topic(context)} - {settings.sign_in_name}"),
        body=body,
        sms=format_sms(context),
        chat=json.dumps(build_chat_message(context, body)),
        attributes={name: value for name, value in _list_attributes(context) if value},  # SNS refuses empty values
    )


def _format_topic(context: EventContext) -> str:
    """Return the part of the subject that makes the thread. A drill has its own, apart from a real incident."""
    event = context.event
    if not event.incident_id:
        return format_headline(context)
    drill_prefix = "DRILL: " if event.drill_id or event.kind in DRILL_KINDS else ""
    return f"{drill_prefix}Sign-in incident {format_short_utc(get_incident_start(event.incident_id))}"


def _build_sections(context: EventContext) -> Iterator[tuple[str, str]]:
    event, settings = context.event, context.settings
    is_interrupted = event.drill is not None and event.drill.outcome is DrillOutcome.INTERRUPTED
    if event.drill_id and not is_interrupted:
        yield (
            "DRILL",
            f"This is part of the drill {event.drill_id}, a test. Users move because of it, not of an outage.",
        )
    yield "WHAT HAPPENED", _split_sentences(f"{format_iso_utc(event.at)}: {event.message}{_describe_unsent(event)}")
    yield "WHAT TO DO NOW", _split_sentences(describe_next_steps(context))
    if page := find_runbook_page(context):
        yield "RUNBOOK", f"{settings.runbook_url}/{page}.md"
    yield "ACTIONS TAKEN", "\n".join((_split_sentences(describe_actions_taken(context)), *_format_stages(event)))
    if _affects_standby_users(context):
        limitations = list_replica_limitations(primary=context.primary, sign_in_name=settings.sign_in_name)
        yield f"WHAT DOES NOT WORK ON {context.standby}", "\n".join(f"- {limitation}" for limitation in limitations)
    yield "IDENTIFIERS", "\n".join(_list_identifiers(event, settings))


def _describe_unsent(event: Event) -> str:
    """Return how many earlier messages people did not get, as a sentence; empty if they got all."""
    if not event.unsent_count:
        return ""
    subject = "1 earlier message was" if event.unsent_count == 1 else f"{event.unsent_count} earlier messages were"
    return f" {subject} not sent, or not to everyone. To read the events, run failoverctl history."


def _format_stages(event: Event) -> Iterator[str]:
    """Yield the stages of a confirmed move, each with the time since its cause."""
    move = event.move
    if event.kind is EventKind.MOVE_CONFIRMED and move:
        yield f"After {move.time_origin_text}:"
        for stage, seconds in compute_stage_seconds(move, event.at).items():
            yield f"- {stage.replace('_', ' ')}: {format_duration(max(0.0, seconds))}"


def _affects_standby_users(context: EventContext) -> bool:
    """Return whether users are on the standby, or on their way there."""
    event, state = context.event, context.state
    move = event.move
    if move and event.kind is EventKind.MOVE_CONFIRMED:
        return move.destination is RegionRole.STANDBY
    if move and event.kind not in _CANCELLED_MOVE_KINDS and move.destination is RegionRole.STANDBY:
        return True
    return state is not None and state.users_role is RegionRole.STANDBY


def _list_identifiers(event: Event, settings: Settings) -> Iterator[str]:
    yield settings.sign_in_name
    yield f"user pool {settings.user_pool_id}"
    if event.move:
        yield f"move {event.move.id}"
    if event.drill_id:
        yield f"drill {event.drill_id}"
    if event.incident_id:
        yield event.incident_id


def _list_attributes(context: EventContext) -> Iterator[tuple[str, str]]:
    event, settings, state = context.event, context.settings, context.state
    yield "kind", event.kind.value
    yield "severity", rate_severity(event, state).value
    yield "incident", event.incident_id
    yield "id", event.id
    yield "domain", settings.sign_in_name
    yield "active_region", settings.regions[state.active_role] if state else ""
    yield "drill", event.drill_id
    # A name that SNS reserves: reliable rather than cheap delivery.
    yield "AWS.SNS.SMS.SMSType", "Transactional"


def _split_sentences(text: str) -> str:
    """Return the text with one sentence per line, which is easier to read on a phone, and no other line ends."""
    return _BETWEEN_SENTENCES.sub("\n", neutralize(text))


def _truncate_subject(text: str) -> str:
    """Return the text as SNS accepts it as a subject: printable ASCII, cut if it is too long."""
    printable = "".join(character if " " <= character <= "~" else "?" for character in text)
    return printable if len(printable) <= MAX_SUBJECT_LENGTH else f"{printable[: MAX_SUBJECT_LENGTH - 3]}..."
