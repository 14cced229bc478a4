"""A way out for log lines and metrics that can't hold up whoever writes."""

import io
from concurrent.futures import wait
from threading import Lock
from typing import TYPE_CHECKING, TextIO

from cognito_failover.common.deadlines import run_in_thread

if TYPE_CHECKING:
    from concurrent.futures import Future

WRITE_TIMEOUT_SECONDS = 0.25
"""How long a line may take; standard output that is read at all takes it in microseconds."""


class NonBlockingStream(io.TextIOBase):
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

    def __init__(self, stream: TextIO, *, write_timeout_seconds: float = WRITE_TIMEOUT_SECONDS) -> None:
        self._stream = stream
        self._write_timeout_seconds = write_timeout_seconds
        self._last_write: Future[None] | None = None
        self._lock = Lock()

    def write(self, text: str) -> int:
        """Pass the text on if that is possible soon; never raises."""
        with self._lock:
            if self._last_write is None or self._last_write.done():
                self._last_write = run_in_thread(lambda: self._write_through(text), name="outlet")
                wait((self._last_write,), timeout=self._write_timeout_seconds)
        return len(text)

    def _write_through(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
