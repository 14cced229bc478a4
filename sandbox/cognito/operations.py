"""The type of the function with which managed login calls the user pools API."""

from collections.abc import Awaitable, Callable

from sandbox.cognito.wire import JsonObject
from sandbox.http_messages import EndpointResponse

type PerformOperation = Callable[[str, str, str, JsonObject], Awaitable[EndpointResponse]]
"""Performs an operation for an account, in a Region, with a document. Errors and lockouts are the API's."""
