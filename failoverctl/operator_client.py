"""Asks the deployed operator function."""

from collections.abc import Callable, Mapping
from typing import Any

import click

from cognito_failover.common.errors import RequestError
from cognito_failover.core.operator.request import parse_request
from failoverctl.deployed_function import DeployedFunction, FunctionResponse, ServiceClientFactory
from failoverctl.target import ControllerTarget


class OperatorClient(DeployedFunction):
    """The operator function of one controller.

    Parameters
    ----------
    place
        Where it is.
    client
        Gives the boto3 client of a service there.
    sleep
        Lets seconds pass before a repeat.
    note
        Tells the person what takes its time, a sentence each.

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
        """Ask, and return the answer.

        A call that gets no answer is repeated with the same token, which is what makes that harmless.

        Parameters
        ----------
        event
            The request, see `cognito_failover.core.operator.request`.
        repeats
            Whether to repeat; without, one attempt is all.

        Raises
        ------
        click.UsageError
            If the request can't be understood; nothing was asked.
        UnreachableError
            If the function can't be found or reached, or never answers.
        FailedError
            If the function fails, or answers with what can't be understood.

        """
        try:
            parse_request(event)
        except RequestError as error:
            raise click.UsageError(str(error)) from None
        return self.invoke(event, retry=retry, hint=_build_hint(event))


def _build_hint(event: Mapping[str, Any]) -> str:
    token = event.get("token")
    if not token:
        return "Try again; if users can't wait, break_glass.py moves them without the controller."
    return (
        f"Whether it was taken is not known. Repeat it with --token {token}, which is harmless, or look at the status; "
        f"if users can't wait, break_glass.py moves them without the controller."
    )
