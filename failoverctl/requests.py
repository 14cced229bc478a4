"""Requests of changes: requester, reason, idempotency token and confirmation."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click
from rich.console import RenderableType

from cognito_failover.common.text import is_control_character
from cognito_failover.core.operator.request import MAX_TEXT_LENGTH, OperatorAction
from failoverctl.context import CommandContext
from failoverctl.deployed_function import FunctionResponse
from failoverctl.exit_codes import DeclinedError, ExitCode, InterruptedAfterRequestError
from failoverctl.views.text import plain_text

_EXIT_CODES: Mapping[str, ExitCode] = {
    "reports": ExitCode.FAILED,
    "request": ExitCode.USAGE,
    "ledger": ExitCode.FAILED,
    "fault": ExitCode.FAILED,
}
"""Exit codes of refusals that are not rules."""


_ABORT_ADVICE = "To take it back: failoverctl abort."
_TAKE_BACK_ADVICE: Mapping[OperatorAction, str] = {
    OperatorAction.FAILOVER: _ABORT_ADVICE,
    OperatorAction.FAILBACK: _ABORT_ADVICE,
    OperatorAction.DRILL: "To end it early: failoverctl abort.",
    OperatorAction.ABORT: "To move users again, wait for its end: failoverctl watch.",
    OperatorAction.PAUSE: "To take it back: failoverctl resume.",
    OperatorAction.OBSERVE_ONLY: "To take it back: failoverctl resume.",
    OperatorAction.RESUME: "To take it back: failoverctl pause.",
    OperatorAction.ACKNOWLEDGE: "To stop automation again: failoverctl pause.",
    OperatorAction.ATTACH: "To take it back: failoverctl detach.",
    OperatorAction.DETACH: "To take it back: failoverctl attach.",
}
"""The way back from each action that changes something."""


class TextParam(click.ParamType[str]):
    """A text of a request."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text without surrounding spaces. Fail if it is empty, too long, or not one line of plain text."""
        text = str(value).strip()
        if not 0 < len(text) <= MAX_TEXT_LENGTH or any(map(is_control_character, text)):
            self.fail(f"give 1 to {MAX_TEXT_LENGTH} characters in one line, without control characters", param, ctx)
        return text


def audit_options[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Add the options for the requester, the reason and the token."""
    for option in (
        click.option("--token", type=TextParam(), help="Repeat the request with this token.  [a new token]"),
        click.option(
            "--requested-by",
            type=TextParam(),
            envvar="FAILOVERCTL_REQUESTED_BY",
            show_envvar=True,
            help="Your name.  [your login name]",
        ),
        click.option("--reason", type=TextParam(), help="The reason, for the history and every message."),
    ):
        function = option(function)
    return function


def submit_change(context: CommandContext, action: OperatorAction, fields: Mapping[str, Any]) -> ExitCode:
    """Request a change that does not move users, print the answer, and return the exit code.

    Parameters
    ----------
    context
        The run.
    action
        The action to request.
    fields
        Fields of the request. None or empty means not given.

    Raises
    ------
    click.UsageError
        If there is no reason, and no terminal to ask for one.

    """
    answer = submit(context, build_request(context, action, fields))
    context.output.print_answer(answer, render_message)
    return get_exit_code(answer)


def submit(context: CommandContext, event: Mapping[str, Any]) -> FunctionResponse:
    """Send a request, and return the answer with the request's token.

    Raises
    ------
    InterruptedAfterRequestError
        On Ctrl-C. The request may already be carried out.

    """
    context.output.print_progress(f"Token: {event['token']}")
    with explain_interruption(event):
        return {**context.operator.request(event), "token": event["token"]}


@contextmanager
def explain_interruption(event: Mapping[str, Any]) -> Iterator[None]:
    """Turn Ctrl-C after a request was sent into an error that says what continues, and how to take it back."""
    try:
        yield
    except KeyboardInterrupt:
        action = OperatorAction(event["action"])
        raise InterruptedAfterRequestError(
            f"Interrupted. The request ({action}, token {event['token']}) was sent, and this did not take it back. To "
            f"see what happens: failoverctl status. {_TAKE_BACK_ADVICE[action]}"
        ) from None


def build_request(context: CommandContext, action: OperatorAction, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the complete request. Ask for the reason if it is missing."""
    fields_given = {name: value for name, value in fields.items() if value}
    return {
        "action": action.value,
        **fields_given,
        "reason": fields_given.get("reason") or _prompt_for_reason(context),
        "token": fields_given.get("token") or create_token(context, action),
        "requested_by": fields_given.get("requested_by") or context.runtime.get_username(),
    }


def _prompt_for_reason(context: CommandContext) -> str:
    require_terminal("Give --reason. It is shown in the history and in every message.", context)
    reason: str = click.prompt("Reason", type=TextParam(), err=True)
    return reason


def require_terminal(error_message: str, context: CommandContext) -> None:
    """Ensure that a terminal can ask a person.

    Raises
    ------
    click.UsageError
        With `error_message`, if there is no terminal.

    """
    if not context.runtime.is_terminal():
        raise click.UsageError(error_message)


def create_token(context: CommandContext, action: OperatorAction) -> str:
    """Return a new, unique token with the action and the time in it."""
    return f"{action}-{context.runtime.now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def confirm(question: str) -> None:
    """Ask the person to confirm.

    Raises
    ------
    DeclinedError
        If the answer is not yes.

    """
    if not click.confirm(question, err=True):
        raise DeclinedError("Not confirmed. No request was sent, and nothing was changed.")


def get_exit_code(answer: FunctionResponse) -> ExitCode:
    """Return the exit code for an answer."""
    return ExitCode.DONE if answer["done"] else _EXIT_CODES.get(answer.get("refused_by", ""), ExitCode.REFUSED)


def render_message(answer: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Show the message of an answer."""
    yield plain_text(answer["message"])
