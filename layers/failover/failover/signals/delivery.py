"""Sends announcements through one channel, in order, each once as far as this process remembers."""

from collections.abc import Sequence
from concurrent.futures import Future

from failover.bounded import Deadline, start
from failover.decision.announcement import Announcement, Kind
from failover.decision.state import State
from failover.region import Instant
from failover.signals.channels import Channel

type _Identity = tuple[Kind, Instant, str]


class Delivery:
    """Keeps in mind what a channel has taken, so that a retry for another channel's sake tells nobody twice.

    Parameters
    ----------
    channel
        Where to send to.

    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._taken: set[_Identity] = set()
        self._under_way: Future[None] | None = None
        self._problem = ""

    @property
    def problem(self) -> str:
        """Why something didn't arrive at the last attempt; empty if all did."""
        hangs = self._under_way is not None and not self._under_way.done()
        return f"{self._channel.name}: {self._problem or 'no answer yet'}" if hangs or self._problem else ""

    def begin(
        self, announcements: Sequence[Announcement], state: State | None, deadline: Deadline
    ) -> Future[None] | None:
        """Begin to send, in a thread of its own, what the channel has not taken yet.

        Nothing is begun, and None returned, while an earlier attempt still hangs.
        """
        if self._under_way is not None and not self._under_way.done():
            return None
        self._taken &= {_identity(announcement) for announcement in announcements}
        self._problem = ""
        self._under_way = start(lambda: self._send(announcements, state, deadline), name=f"tell-{self._channel.name}")
        return self._under_way

    def is_done(self, announcement: Announcement) -> bool:
        """Whether nothing is left to do here for this announcement."""
        return not self._channel.wants(announcement) or _identity(announcement) in self._taken

    def _send(self, announcements: Sequence[Announcement], state: State | None, deadline: Deadline) -> None:
        for announcement in announcements:
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
                self._taken.add(_identity(announcement))


def _identity(announcement: Announcement) -> _Identity:
    # Not the announcement itself: its move holds record sets, which have no hash.
    return announcement.kind, announcement.at, announcement.sentence
