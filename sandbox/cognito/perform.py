"""How managed login gets things done: by the user API's own operations."""

from collections.abc import Awaitable, Callable

from sandbox.cognito.wire import Document
from sandbox.exchange import Response

type Perform = Callable[[str, str, str, Document], Awaitable[Response]]
"""Performs an operation for an account, in a Region, with a document: verdicts, lockouts, refusals as the API's."""
