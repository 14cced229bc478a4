"""Asks for a change: who wants it and why, under which token, and whether the person is sure."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import click
from rich.console import RenderableType

from cognito_failover.core.operator.request import MAX_TEXT_LENGTH, OperatorAction
from failoverctl.context import CommandContext
from failoverctl.deployed_function import FunctionResponse
from failoverctl.exit_codes import DeclinedError, ExitCode
from failoverctl.views.text import plain_text

_EXIT_CODES: Mapping[str, ExitCode] = {
    "reports": ExitCode.FAILED,
    "request": ExitCode.USAGE,
    "ledger": ExitCode.FAILED,
    "fault": ExitCode.FAILED,
}
"""What kept a request from being done without being a rule."""


class TextParam(click.ParamType[str]):
    """What a request takes as a text."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return it without the spaces around it, or say what is wrong."""
        text = str(value).strip()
        if not 0 < len(text) <= MAX_TEXT_LENGTH:
            self.fail(f"give 1 to {MAX_TEXT_LENGTH} characters", param, ctx)
        return text


def audit_options[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Add the options that say who wants a change, and why."""
    for option in (
        click.option("--token", type=TextParam(), help="Of a request to repeat; a new one is made otherwise."),
        click.option(
            "--requested-by", type=TextParam(), envvar="FAILOVERCTL_REQUESTED_BY", show_envvar=True, help="Who you are."
        ),
        click.option("--reason", type=TextParam(), help="Why; it goes into the history and into every message."),
    ):
        function = option(function)
    return function


def submit_change(context: CommandContext, action: OperatorAction, fields: Mapping[str, Any]) -> ExitCode:
    """Ask for a change that moves nobody, say the answer, and return the exit code.

    Parameters
    ----------
    session
        The run.
    action
        What is asked for.
    wish
        Fields of the request; what is None or empty was not given.

    Raises
    ------
    click.UsageError
        If there is no reason, and nobody to ask for one.

    """
    answer = submit(context, build_request(context, action, fields))
    context.output.print_answer(answer, render_message)
    return get_exit_code(answer)


def submit(context: CommandContext, event: Mapping[str, Any]) -> FunctionResponse:
    """Ask for a change, and return the answer with the token it was asked under."""
    context.output.print_progress(f"Token: {event['token']}")
    return {**context.operator.request(event), "token": event["token"]}


def build_request(context: CommandContext, action: OperatorAction, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the whole request: with a reason that is asked for if need be, a token, and who wants it."""
    fields_given = {name: value for name, value in fields.items() if value}
    return {
        "action": action.value,
        **fields_given,
        "reason": fields_given.get("reason") or _prompt_for_reason(context),
        "token": fields_given.get("token") or create_token(context, action),
        "requested_by": fields_given.get("requested_by") or context.runtime.get_username(),
    }


def _prompt_for_reason(context: CommandContext) -> str:
    require_terminal("Give --reason: why, in your words. It goes into the history and into every message.", context)
    reason: str = click.prompt("Reason", type=TextParam(), err=True)
    return reason


def require_terminal(error_message: str, context: CommandContext) -> None:
    """See that somebody is there to be asked.

    Raises
    ------
    click.UsageError
        If nobody is; it says what to do otherwise.

    """
    if not context.runtime.is_terminal():
        raise click.UsageError(error_message)


def create_token(context: CommandContext, action: OperatorAction) -> str:
    """Return a token of this occasion's own, that a person can tell from others."""
    return f"{action}-{context.runtime.now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def confirm(question: str) -> None:
    """Ask the person a question that only yes lets pass.

    Raises
    ------
    DeclinedError
        If the answer is anything else.

    """
    if not click.confirm(question, err=True):
        raise DeclinedError("Nothing was asked for, nothing was changed.")


def get_exit_code(answer: FunctionResponse) -> ExitCode:
    """Return the exit code that an answer leads to."""
    return ExitCode.DONE if answer["done"] else _EXIT_CODES.get(answer.get("refused_by", ""), ExitCode.REFUSED)


def render_message(answer: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Show what was done, or why not."""
    yield plain_text(answer["message"])
