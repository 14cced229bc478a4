"""A failing or hanging standard output does not block the writer."""

import io
from threading import Event
from typing import TextIO, cast

from cognito_failover.telemetry.non_blocking_stream import NonBlockingStream


class HangingTextStream:
    """A stream whose writes hang until they are released."""

    def __init__(self) -> None:
        self.released = Event()
        self.started = 0
        self.text = ""

    def write(self, text: str) -> int:
        self.started += 1
        self.released.wait()
        self.text += text
        return len(text)

    def flush(self) -> None:
        return


def test_lines_are_written_in_order() -> None:
    stream = io.StringIO()
    non_blocking = NonBlockingStream(stream)
    for line in ("one\n", "two\n", "three\n"):
        assert non_blocking.write(line) == len(line)
    assert stream.getvalue() == "one\ntwo\nthree\n"


def test_hanging_stream_costs_one_wait_without_more_threads() -> None:
    stream = HangingTextStream()
    non_blocking = NonBlockingStream(cast("TextIO", stream), write_timeout_seconds=0.01)
    for line in ("one\n", "two\n", "three\n"):
        non_blocking.write(line)
    assert stream.started == 1
    stream.released.set()


def test_recovered_stream_accepts_lines_again() -> None:
    stream = HangingTextStream()
    non_blocking = NonBlockingStream(cast("TextIO", stream), write_timeout_seconds=0.01)
    non_blocking.write("held\n")
    non_blocking.write("lost\n")
    stream.released.set()
    while "held" not in stream.text:
        non_blocking.flush()
    waiting = NonBlockingStream(cast("TextIO", stream), write_timeout_seconds=5)
    waiting.write("again\n")
    assert stream.text == "held\nagain\n"


def test_closed_stream_is_no_error() -> None:
    stream = io.StringIO()
    stream.close()
    assert NonBlockingStream(stream).write("lost\n") == 5


def test_broken_pipe_is_no_error() -> None:
    class ClosedPipe(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    assert NonBlockingStream(ClosedPipe()).write("lost\n") == 5
