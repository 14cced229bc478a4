"""Sends requests to the deployed operator function."""

from collections.abc import Callable, Mapping
from typing import Any

import click

from cognito_failover.common.errors import RequestError
from cognito_failover.core.operator.request import READING_ACTIONS, parse_request
from failoverctl.deployed_function import DeployedFunction, FunctionResponse, ServiceClientFactory
from failoverctl.target import ControllerTarget

READ_ALIAS = "read"
"""The function's alias for callers who may only read."""


class OperatorClient(DeployedFunction):
    """The operator function of one controller.

    Parameters
    ----------
    target
        The controller.
    create_client
        Returns the boto3 client of a service for a target.
    sleep
        Waits before a retry, in seconds.
    print_progress
        Shows a progress message to the person.

    """

    def __init__(
        self,
        target: ControllerTarget,
        create_client: ServiceClientFactory,
        *,
        sleep: Callable[[float], None],
        print_progress: Callable[[str], None],
    ) -> None:
        super().__init__("operator", target, create_client, sleep=sleep, print_progress=print_progress)

    def request(self, event: Mapping[str, Any], *, retry: bool = True) -> FunctionResponse:
        """Send a request, and return the answer.

        An unanswered call is retried with the same token, so the action happens once.

        Parameters
        ----------
        event
            The request, see `cognito_failover.core.operator.request`.
        retry
            Whether to retry an unanswered call.

        Raises
        ------
        click.UsageError
            If the request is invalid. It is not sent.
        UnreachableError
            If the function can't be found or reached, or does not answer.
        FunctionFailedError
            If the function fails, or its answer is malformed.

        """
        try:
            parse_request(event)
        except RequestError as error:
            raise click.UsageError(str(error)) from None
        hint = _build_hint(event)
        if event["action"] not in READING_ACTIONS:
            return self.invoke(event, retry=retry, hint=hint)
        return self.invoke(event, retry=retry, hint=hint, fallback_alias=READ_ALIAS)


def _build_hint(event: Mapping[str, Any]) -> str:
    token = event.get("token")
    if not token:
        return "Try again. In an emergency, move users without the controller: scripts/break_glass.py."
    return (
        f"The request may have been carried out. Repeat it with --token {token} (idempotent), or look at failoverctl "
        f"status. In an emergency, move users without the controller: scripts/break_glass.py."
    )
