"""Sends announcements through one channel, in order, each once as far as this process remembers."""

from collections.abc import Sequence
from concurrent.futures import Future

from cognito_failover.common.deadlines import Deadline, run_in_thread
from cognito_failover.common.region import Instant
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.state import ControllerState
from cognito_failover.notifications.channels import Channel

type _EventKey = tuple[EventKind, Instant, str]


class ChannelDelivery:
    """Keeps in mind what a channel has taken, so that a retry for another channel's sake tells nobody twice.

    Parameters
    ----------
    channel
        Where to send to.

    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._delivered: set[_EventKey] = set()
        self._pending: Future[None] | None = None
        self._problem = ""

    @property
    def problem(self) -> str:
        """Why something didn't arrive at the last attempt; empty if all did."""
        is_hanging = self._pending is not None and not self._pending.done()
        return f"{self._channel.name}: {self._problem or 'no answer yet'}" if is_hanging or self._problem else ""

    def start_sending(
        self, events: Sequence[Event], state: ControllerState | None, deadline: Deadline
    ) -> Future[None] | None:
        """Begin to send, in a thread of its own, what the channel has not taken yet.

        Nothing is begun, and None returned, while an earlier attempt still hangs.
        """
        if self._pending is not None and not self._pending.done():
            return None
        self._delivered &= {_make_event_key(announcement) for announcement in events}
        self._problem = ""
        self._pending = run_in_thread(lambda: self._send(events, state, deadline), name=f"tell-{self._channel.name}")
        return self._pending

    def is_done(self, event: Event) -> bool:
        """Whether nothing is left to do here for this announcement."""
        return not self._channel.accepts(event) or _make_event_key(event) in self._delivered

    def _send(self, events: Sequence[Event], state: ControllerState | None, deadline: Deadline) -> None:
        for announcement in events:
            if self.is_done(announcement):
                continue
            if not deadline.remaining_seconds:
                self._problem = self._problem or "no time left"
                return
            try:
                self._channel.send(announcement, state)
            except Exception as error:  # noqa: BLE001 - nothing that telling can run into may stop a failover
                # One that can't be sent must not keep the later ones from being sent.
                self._problem = f"{type(error).__name__}: {error}"
            else:
                self._delivered.add(_make_event_key(announcement))


def _make_event_key(event: Event) -> _EventKey:
    # Not the announcement itself: its move holds record sets, which have no hash.
    return event.kind, event.at, event.message
