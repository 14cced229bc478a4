"""Delivers events through one channel: in order, and each once per process."""

from collections.abc import Sequence
from concurrent.futures import Future

from cognito_failover.common.deadlines import Deadline, run_in_thread
from cognito_failover.common.region import Instant
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.state import ControllerState
from cognito_failover.notifications.channels import Channel

type _EventKey = tuple[EventKind, Instant, str]


class ChannelDelivery:
    """Remembers which events a channel has taken, so that a retry for another channel does not repeat them.

    Parameters
    ----------
    channel
        The channel to send through.

    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._delivered: set[_EventKey] = set()
        self._pending: Future[None] | None = None
        self._problem = ""

    @property
    def problem(self) -> str:
        """Why an event was not delivered in the last attempt; empty if all were."""
        is_hanging = self._pending is not None and not self._pending.done()
        return f"{self._channel.name}: {self._problem or 'no answer yet'}" if is_hanging or self._problem else ""

    def start_sending(
        self, events: Sequence[Event], state: ControllerState | None, deadline: Deadline
    ) -> Future[None] | None:
        """Start to send the events that the channel has not taken yet, in a thread.

        Returns None, and starts nothing, while an earlier attempt hangs.
        """
        if self._pending is not None and not self._pending.done():
            return None
        self._delivered &= {_make_event_key(event) for event in events}
        self._problem = ""
        self._pending = run_in_thread(lambda: self._send(events, state, deadline), name=f"send-{self._channel.name}")
        return self._pending

    def is_done(self, event: Event) -> bool:
        """Return whether the channel has taken the event, or does not deliver it at all."""
        return not self._channel.accepts(event) or _make_event_key(event) in self._delivered

    def _send(self, events: Sequence[Event], state: ControllerState | None, deadline: Deadline) -> None:
        for event in events:
            if self.is_done(event):
                continue
            if not deadline.remaining_seconds:
                self._problem = self._problem or "no time left"
                return
            try:
                self._channel.send(event, state)
            except Exception as error:  # noqa: BLE001 - a failed delivery must not stop a failover or later events
                self._problem = f"{type(error).__name__}: {error}"
            else:
                self._delivered.add(_make_event_key(event))


def _make_event_key(event: Event) -> _EventKey:
    # The event itself has no hash: its move contains record sets.
    return event.kind, event.at, event.message
