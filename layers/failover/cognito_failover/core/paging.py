"""The queue of events that still have to be sent, and how many messages people get. Pure.

Every list here is bounded, so that the saved state stays far below the 400 kB of a DynamoDB item.
"""

from collections.abc import Sequence
from dataclasses import replace

from cognito_failover.common.region import Instant
from cognito_failover.core.incident import contradicts, get_news_key
from cognito_failover.core.model.event import Audience, Event, EventSeverity
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.severity import is_notified, rate_severity

MAX_UNDELIVERED_EVENTS = 50
"""Maximum number of events kept for another delivery. A day with an outage, a failover and a failback has about 20."""

MAX_WAITING_EVENTS = 30
"""Maximum number of events whose message waits. There are fewer kinds of critical news than this."""

MESSAGE_BURSTS = {EventSeverity.CRITICAL: 10, EventSeverity.WARNING: 6, EventSeverity.INFO: 12}
"""Messages that people may get at once.

The worst single incident takes nine messages from the critical allowance: blocked, decided, delayed, accelerated,
confirmed, cancelled, rolling back, superseded, and the other Region sick. Warnings are for the next morning. Info
mostly answers a person's own requests, and a drill has ten.
"""

MESSAGE_INTERVAL_SECONDS = 600.0
"""Time after which the allowance has one more message. A person who was paged needs minutes to act on it."""

MAX_MESSAGES_PER_HOUR = {
    severity: burst + int(3600 / MESSAGE_INTERVAL_SECONDS) for severity, burst in MESSAGE_BURSTS.items()
}
"""The highest number of messages in each allowance in any hour."""


def find_allowance(event: Event) -> EventSeverity:
    """Return the allowance that the message of a rated event takes from: usually the one of its severity.

    Each message of an automatic failover counts as critical. People who read that it began also read how it ended.
    """
    if event.move is not None and event.move.is_automatic_failover and not event.drill_id:
        return EventSeverity.CRITICAL
    return event.severity or EventSeverity.INFO


def queue_events(state: ControllerState, events: Sequence[Event]) -> ControllerState:
    """Return the state with new events in the queue, and with the messages that no longer have to wait.

    Programs get every event at once. A message for which there is no allowance waits. It is dropped when the same news
    follows, or when an event contradicts it. The next message says how many were not sent.
    """
    queue = _Queue(state, now=max(state.last_round_at or 0.0, *(event.at for event in events), 0.0))
    queue.release_waiting()
    for event in events:
        queue.add(replace(event, severity=rate_severity(event, state)))
    return queue.save_to(state)


class _Queue:
    """The queue of one state while it changes."""

    def __init__(self, state: ControllerState, *, now: Instant) -> None:
        self._now = now
        self._full_at = dict(state.paging.full_at)
        self._waiting = list(state.paging.waiting)
        self._unsent_count = state.paging.unsent_count
        self._undelivered = list(state.undelivered_events)

    def release_waiting(self) -> None:
        """Send each waiting message that the allowance covers, in order."""
        still_waiting = []
        for event in self._waiting:
            if self._take_allowance(event):
                self._send(event)
            else:
                still_waiting.append(event)
        self._waiting = still_waiting

    def add(self, event: Event) -> None:
        """Add a new event. Programs get it now, people as soon as the allowance covers it."""
        event = _omit_record_sets(event)
        for waiting in tuple(self._waiting):
            if contradicts(event, get_news_key(waiting)):
                self._drop(self._waiting, waiting)
        if not is_notified(event.kind):
            self._undelivered.append(event)
        elif self._take_allowance(event):
            self._send(event)
        else:
            self._undelivered.append(replace(event, audience=Audience.PROGRAMS))
            repeats = [other for other in self._waiting if get_news_key(other) == get_news_key(event)]
            for repeat in repeats:
                self._drop(self._waiting, repeat)
            self._waiting.append(replace(event, audience=Audience.PEOPLE))

    def save_to(self, state: ControllerState) -> ControllerState:
        """Return the state with this queue, within its limits."""
        self._shorten(self._waiting, MAX_WAITING_EVENTS)
        self._shorten(self._undelivered, MAX_UNDELIVERED_EVENTS)
        paging = replace(
            state.paging, full_at=self._full_at, waiting=tuple(self._waiting), unsent_count=self._unsent_count
        )
        return replace(state, paging=paging, undelivered_events=tuple(self._undelivered))

    def _take_allowance(self, event: Event) -> bool:
        severity = find_allowance(event)
        longest_seconds = MESSAGE_BURSTS[severity] * MESSAGE_INTERVAL_SECONDS
        # A clock that was ahead must not keep messages back: no stored moment counts that could not be reached by now.
        full_at = min(max(self._full_at.get(severity, 0.0), self._now), self._now + longest_seconds)
        is_covered = full_at + MESSAGE_INTERVAL_SECONDS <= self._now + longest_seconds
        self._full_at[severity] = full_at + MESSAGE_INTERVAL_SECONDS if is_covered else full_at
        return is_covered

    def _send(self, event: Event) -> None:
        self._undelivered.append(replace(event, unsent_count=self._unsent_count))
        self._unsent_count = 0

    def _shorten(self, events: list[Event], limit: int) -> None:
        while len(events) > limit:
            self._drop(events, min(events, key=lambda event: _rank(event, events)))

    def _drop(self, events: list[Event], event: Event) -> None:
        events.remove(event)
        if _has_message(event):
            self._unsent_count += 1 + event.unsent_count


def _omit_record_sets(event: Event) -> Event:
    """Return an event without the record sets of its move. No receiver needs them, and they are its largest part."""
    move, progress = event.move, event.move.progress if event.move else None
    if move is None or progress is None:
        return event
    intent = replace(progress.intent, before=(), after=())
    return replace(event, move=replace(move, progress=replace(progress, intent=intent)))


def _rank(event: Event, events: Sequence[Event]) -> int:
    """Return how much is lost without an event: nothing of news that a later event repeats, most of critical news."""
    if not _has_message(event):
        return 0
    if event.severity is EventSeverity.INFO:
        return 1
    key = get_news_key(event)
    if any(later.at > event.at and _has_message(later) and get_news_key(later) == key for later in events):
        return 2
    return 4 if event.severity is EventSeverity.CRITICAL else 3


def _has_message(event: Event) -> bool:
    return is_notified(event.kind) and event.audience is not Audience.PROGRAMS
