"""Standard output must not be able to stop a failover."""

import io
from threading import Event
from typing import TextIO, cast

from failover.signals.outlet import Outlet


class Hanging:
    """A stream whose reader has stopped reading, until it is let go."""

    def __init__(self) -> None:
        self.let_go = Event()
        self.begun = 0
        self.text = ""

    def write(self, text: str) -> int:
        self.begun += 1
        self.let_go.wait()
        self.text += text
        return len(text)

    def flush(self) -> None:
        return


def test_what_is_written_arrives_in_order() -> None:
    stream = io.StringIO()
    outlet = Outlet(stream)
    for line in ("one\n", "two\n", "three\n"):
        assert outlet.write(line) == len(line)
    assert stream.getvalue() == "one\ntwo\nthree\n"


def test_a_stream_that_hangs_costs_one_wait_and_the_lines_but_no_further_threads() -> None:
    stream = Hanging()
    outlet = Outlet(cast("TextIO", stream), patience_seconds=0.01)
    for line in ("one\n", "two\n", "three\n"):
        outlet.write(line)
    assert stream.begun == 1
    stream.let_go.set()


def test_once_a_hanging_stream_goes_on_lines_arrive_again() -> None:
    stream = Hanging()
    outlet = Outlet(cast("TextIO", stream), patience_seconds=0.01)
    outlet.write("held\n")
    outlet.write("lost\n")
    stream.let_go.set()
    while "held" not in stream.text:
        outlet.flush()
    patient = Outlet(cast("TextIO", stream), patience_seconds=5)
    patient.write("again\n")
    assert stream.text == "held\nagain\n"


def test_a_closed_stream_is_no_error() -> None:
    stream = io.StringIO()
    stream.close()
    assert Outlet(stream).write("lost\n") == 5


def test_a_reader_that_is_gone_is_no_error() -> None:
    class Gone(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    assert Outlet(Gone()).write("lost\n") == 5
