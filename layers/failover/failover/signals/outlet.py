"""A way out for log lines and metrics that can't hold up whoever writes."""

import io
from concurrent.futures import wait
from threading import Lock
from typing import TYPE_CHECKING, TextIO

from failover.bounded import start

if TYPE_CHECKING:
    from concurrent.futures import Future

PATIENCE_SECONDS = 0.25
"""How long a line may take; standard output that is read at all takes it in microseconds."""


class Outlet(io.TextIOBase):
    """A text stream that loses lines rather than time.

    A reader that stops reading makes every write to a pipe hang, and one that is gone makes it fail. Neither may stop
    a failover: a write that takes too long is left behind, and until it ends, further lines are dropped.

    Parameters
    ----------
    stream
        Where the text goes.
    patience_seconds
        How long a write is waited for.

    """

    def __init__(self, stream: TextIO, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._stream = stream
        self._patience_seconds = patience_seconds
        self._last: Future[None] | None = None
        self._turn = Lock()

    def write(self, text: str) -> int:
        """Pass the text on if that is possible soon; never raises."""
        with self._turn:
            if self._last is None or self._last.done():
                self._last = start(lambda: self._pass_on(text), name="outlet")
                wait((self._last,), timeout=self._patience_seconds)
        return len(text)

    def _pass_on(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
