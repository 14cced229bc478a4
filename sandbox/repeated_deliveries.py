"""Scheduled events that Lambda gets twice, with one request id.

Source: "Invoking a Lambda function asynchronously" (AWS Lambda Developer Guide): a function can get the same event more
than once. Reported: both invocations have the same request id.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


class RepeatedDeliveries:
    """Gives both invocations by one event the same request id.

    Parameters
    ----------
    create_id
        Returns a new id.

    """

    def __init__(self, create_id: Callable[[], str]) -> None:
        self._create_id = create_id
        self._expected: dict[str, deque[str]] = {}

    def expect(self, function: str) -> None:
        """Make the next two invocations of a function one request."""
        request_id = self._create_id()
        self._expected.setdefault(function, deque()).extend([request_id, request_id])

    @contextmanager
    def use_request_id(self, function: str) -> Iterator[None]:
        """Use the request id of an expected invocation within the context. The engine may enter it again inside."""
        expected, present = self._expected.get(function), _request_id.get()
        token = _request_id.set(expected.popleft() if expected and present is None else present)
        try:
            yield
        finally:
            _request_id.reset(token)

    def create_id(self) -> str:
        """Return the request id of the present invocation, or a new id."""
        return _request_id.get() or self._create_id()
