"""Calls that may hang, and a caller that doesn't."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, as_completed, wait
from threading import Thread


class Deadline:
    """A moment by which everything must have answered.

    Parameters
    ----------
    seconds
        How far away it is now.
    monotonic
        The clock it is measured with, in seconds.

    """

    def __init__(self, seconds: float, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._end = monotonic() + seconds

    @property
    def remaining_seconds(self) -> float:
        """What is left; never negative."""
        return max(0.0, self._end - self._monotonic())


def run_in_thread[T](call: Callable[[], T], *, name: str) -> Future[T]:
    """Run a call in a daemon thread of its own.

    No executor: its workers are joined at exit, and one that hangs would hold the process.
    """
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # noqa: BLE001 - whoever asks for the result gets it raised there
            future.set_exception(error)

    try:
        Thread(target=run, name=name, daemon=True).start()
    except RuntimeError as error:  # the process is out of threads
        future.set_exception(error)
    return future


def wait_for_result[T](deadline: Deadline, future: Future[T], *, default: T) -> T:
    """Return what the call returned, or ``late`` if the deadline passes first; the call is then abandoned.

    Raises
    ------
    BaseException
        Whatever the call itself raised.

    """
    wait((future,), timeout=deadline.remaining_seconds)
    return future.result() if future.done() else default


def wait_for_any_true(deadline: Deadline, futures: Iterable[Future[bool]]) -> bool:
    """Whether any call says yes before the deadline; the first yes ends the waiting, and one that fails says no."""
    try:
        done = as_completed(tuple(futures), timeout=deadline.remaining_seconds)
        return any(future.exception() is None and future.result() for future in done)
    except TimeoutError:
        return False
