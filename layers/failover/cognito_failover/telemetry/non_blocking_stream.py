"""A stream for log lines and metrics that never blocks the writer."""

import io
from concurrent.futures import wait
from threading import Lock
from typing import TYPE_CHECKING, TextIO

from cognito_failover.common.deadlines import run_in_thread

if TYPE_CHECKING:
    from concurrent.futures import Future

WRITE_TIMEOUT_SECONDS = 0.25
"""How long a write may take. A working standard output takes a line in microseconds."""


class NonBlockingStream(io.TextIOBase):
    """A text stream that drops lines rather than wait.

    If the reader of a pipe stops reading, every write hangs; if it is gone, every write fails. Neither may stop a
    failover. A write that takes too long is abandoned, and lines are dropped until it ends.

    Parameters
    ----------
    stream
        Receives the text.
    write_timeout_seconds
        How long to wait for a write.

    """

    def __init__(self, stream: TextIO, *, write_timeout_seconds: float = WRITE_TIMEOUT_SECONDS) -> None:
        self._stream = stream
        self._write_timeout_seconds = write_timeout_seconds
        self._last_write: Future[None] | None = None
        self._lock = Lock()

    def write(self, text: str) -> int:
        """Write the text, or drop it if an earlier write still hangs. Never raises."""
        with self._lock:
            if self._last_write is None or self._last_write.done():
                self._last_write = run_in_thread(lambda: self._write_through(text), name="log-writer")
                wait((self._last_write,), timeout=self._write_timeout_seconds)
        return len(text)

    def _write_through(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
