"""How managed login gets things done: by the user API's own operations."""

from collections.abc import Awaitable, Callable

from sandbox.cognito.wire import JsonObject
from sandbox.http_messages import EndpointResponse

type PerformOperation = Callable[[str, str, str, JsonObject], Awaitable[EndpointResponse]]
"""Performs an operation for an account, in a Region, with a document: verdicts, lockouts, refusals as the API's."""
