"""Calls that hang do not hold the caller, the round, or the process."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from failover.bounded import Deadline, any_by, result_by, start
from tests.support import patience

LONG_SECONDS = patience.wait_limit()
"""Nothing here takes this long, unless the caller is held."""

LAYER = Path(__file__).resolve().parents[3] / "layers" / "failover"


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_deadline_counts_down_to_nothing() -> None:
    clock = Clock()
    deadline = Deadline(5, monotonic=clock)

    clock.now += 2
    assert deadline.remaining_seconds == 3
    clock.now += 9
    assert deadline.remaining_seconds == 0


def test_a_call_that_answers_in_time_gives_its_result() -> None:
    assert result_by(Deadline(LONG_SECONDS), start(lambda: "here", name="quick"), late="late") == "here"


def test_a_call_that_hangs_is_abandoned() -> None:
    over = threading.Event()
    began = time.monotonic()

    result = result_by(Deadline(0.05), start(over.wait, name="hung"), late=False)
    over.set()

    assert result is False
    assert time.monotonic() - began < LONG_SECONDS


def test_an_answer_that_is_there_counts_though_the_deadline_has_passed() -> None:
    future = start(lambda: "here", name="quick")
    future.result(LONG_SECONDS)

    assert result_by(Deadline(0), future, late="late") == "here"


def test_what_a_call_raises_reaches_whoever_asks() -> None:
    def fail() -> str:
        raise TimeoutError("its own")

    with pytest.raises(TimeoutError, match="its own"):
        result_by(Deadline(LONG_SECONDS), start(fail, name="failing"), late="late")


def test_a_process_out_of_threads_is_a_failed_call(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)

    with pytest.raises(RuntimeError, match="new thread"):
        result_by(Deadline(5), start(lambda: "here", name="never"), late="late")


def test_the_first_yes_ends_the_waiting() -> None:
    over = threading.Event()
    began = time.monotonic()

    hung = start(lambda: over.wait(LONG_SECONDS), name="hung")
    answered = any_by(Deadline(LONG_SECONDS), [hung, start(lambda: True, name="yes")])
    over.set()

    assert answered
    assert time.monotonic() - began < LONG_SECONDS


def test_failures_and_silence_are_no_yes() -> None:
    def fail() -> bool:
        raise RuntimeError

    over = threading.Event()

    answered = any_by(
        Deadline(0.05),
        [start(fail, name="failing"), start(lambda: False, name="no"), start(lambda: over.wait(5), name="hung")],
    )
    over.set()

    assert not answered


def test_a_hung_call_does_not_hold_the_process_at_its_end() -> None:
    program = (
        "import threading; from failover.bounded import Deadline, result_by, start;"
        "print(result_by(Deadline(0.05), start(threading.Event().wait, name='hung'), late='late'))"
    )

    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=LONG_SECONDS, check=True, cwd=LAYER
    )

    assert done.stdout == "late\n"
