"""Calls that may hang, and callers that stop waiting for them."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, as_completed, wait
from threading import Thread

from cognito_failover.common.errors import DeadlineExceededError


class Deadline:
    """A moment after which a caller stops waiting.

    Parameters
    ----------
    seconds
        Time from now to the deadline.
    monotonic
        The clock, in seconds.

    """

    def __init__(self, seconds: float, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._end = monotonic() + seconds

    @property
    def remaining_seconds(self) -> float:
        """The time left. Never negative."""
        return max(0.0, self._end - self._monotonic())


def run_in_thread[T](call: Callable[[], T], *, name: str) -> Future[T]:
    """Run a call in a new daemon thread.

    An executor would join its threads when the process exits, and one hanging call would block the exit.
    """
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # noqa: BLE001 - the caller that reads the result gets the error
            future.set_exception(error)

    try:
        Thread(target=run, name=name, daemon=True).start()
    except RuntimeError as error:  # the process has no thread left
        future.set_exception(error)
    return future


def require_result[T](deadline: Deadline, future: Future[T]) -> T:
    """Return the result of a call, or abandon the call at the deadline.

    Raises
    ------
    DeadlineExceededError
        If the deadline passes first.
    BaseException
        Any error of the call.

    """
    wait((future,), timeout=deadline.remaining_seconds)
    if not future.done():
        raise DeadlineExceededError("There was no answer before the deadline.")
    return future.result()


def wait_for_result[T](deadline: Deadline, future: Future[T], *, default: T) -> T:
    """Return the result of a call, or the default if the deadline passes first.

    Raises
    ------
    BaseException
        Any error of the call.

    """
    try:
        return require_result(deadline, future)
    except DeadlineExceededError:
        return default


def wait_for_any_true(deadline: Deadline, futures: Iterable[Future[bool]]) -> bool:
    """Return whether a call returns True before the deadline. The first one ends the wait. An error counts as False."""
    try:
        done = as_completed(tuple(futures), timeout=deadline.remaining_seconds)
        return any(future.exception() is None and future.result() for future in done)
    except TimeoutError:
        return False
