"""Calls that hang block neither the caller nor the process."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from cognito_failover.common.deadlines import Deadline, run_in_thread, wait_for_any_true, wait_for_result
from tests.support import load_scaling

LONG_SECONDS = load_scaling.get_wait_limit()
"""No test here takes this long, unless a caller is blocked."""

LAYER = Path(__file__).resolve().parents[3] / "layers" / "failover"


class DeadlineClock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_deadline_counts_down_to_zero() -> None:
    clock = DeadlineClock()
    deadline = Deadline(5, monotonic=clock)

    clock.now += 2
    assert deadline.remaining_seconds == 3
    clock.now += 9
    assert deadline.remaining_seconds == 0


def test_timely_call_returns_its_result() -> None:
    assert (
        wait_for_result(Deadline(LONG_SECONDS), run_in_thread(lambda: "here", name="quick"), default="late") == "here"
    )


def test_hanging_call_is_abandoned() -> None:
    over = threading.Event()
    began = time.monotonic()

    result = wait_for_result(Deadline(0.05), run_in_thread(over.wait, name="hung"), default=False)
    over.set()

    assert result is False
    assert time.monotonic() - began < LONG_SECONDS


def test_available_result_counts_after_deadline() -> None:
    future = run_in_thread(lambda: "here", name="quick")
    future.result(LONG_SECONDS)

    assert wait_for_result(Deadline(0), future, default="late") == "here"


def test_call_error_reaches_caller() -> None:
    def fail() -> str:
        raise TimeoutError("its own")

    with pytest.raises(TimeoutError, match="its own"):
        wait_for_result(Deadline(LONG_SECONDS), run_in_thread(fail, name="failing"), default="late")


def test_thread_exhaustion_is_a_failed_call(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)

    with pytest.raises(RuntimeError, match="new thread"):
        wait_for_result(Deadline(5), run_in_thread(lambda: "here", name="never"), default="late")


def test_first_true_ends_waiting() -> None:
    over = threading.Event()
    began = time.monotonic()

    hung = run_in_thread(lambda: over.wait(LONG_SECONDS), name="hung")
    answered = wait_for_any_true(Deadline(LONG_SECONDS), [hung, run_in_thread(lambda: True, name="yes")])
    over.set()

    assert answered
    assert time.monotonic() - began < LONG_SECONDS


def test_failure_and_silence_are_not_true() -> None:
    def fail() -> bool:
        raise RuntimeError

    over = threading.Event()

    answered = wait_for_any_true(
        Deadline(0.05),
        [
            run_in_thread(fail, name="failing"),
            run_in_thread(lambda: False, name="no"),
            run_in_thread(lambda: over.wait(5), name="hung"),
        ],
    )
    over.set()

    assert not answered


def test_hanging_call_does_not_block_process_exit() -> None:
    program = (
        "import threading; from cognito_failover.common.deadlines import Deadline, run_in_thread, wait_for_result;"
        "print(wait_for_result(Deadline(0.05), run_in_thread(threading.Event().wait, name='hung'), default='late'))"
    )

    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=LONG_SECONDS, check=True, cwd=LAYER
    )

    assert done.stdout == "late\n"
