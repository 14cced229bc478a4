"""Moves users: shows what that means, makes sure, asks, and follows the move if wanted."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import click
from rich.console import RenderableType

from cognito_failover.core.operator.request import OperatorAction
from cognito_failover.core.rules import OVERRIDABLE_RULES
from failoverctl.context import CommandContext
from failoverctl.exit_codes import ExitCode, FunctionFailedError
from failoverctl.output import render_parts
from failoverctl.progress import follow_move
from failoverctl.requests import audit_options, build_request, confirm, get_exit_code, require_terminal, submit
from failoverctl.views.plan import render_move_plan
from failoverctl.views.status import render_status
from failoverctl.views.text import plain_text

DEFAULT_TIMEOUT_SECONDS = 1800
"""A failback in steps, each at rest for a while, takes some minutes."""

_CONFIRMATION_QUESTIONS = {
    OperatorAction.FAILOVER: "Move all users to the standby?",
    OperatorAction.FAILBACK: "Move users back to the primary?",
    OperatorAction.ABORT: "Take the move back?",
}


def move_options[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Add the options of whatever moves users."""
    for option in (
        click.option(
            "--timeout",
            type=click.IntRange(min=1),
            default=DEFAULT_TIMEOUT_SECONDS,
            show_default=True,
            metavar="SECONDS",
            help="How long --wait follows it.",
        ),
        click.option("--wait", is_flag=True, help="Follow the move to its end."),
        click.option("--yes", is_flag=True, help="Don't ask whether you are sure."),
    ):
        function = option(function)
    return audit_options(function)


def request_move(
    context: CommandContext, action: OperatorAction, *, yes: bool, wait: bool, timeout: int, **fields: Any
) -> ExitCode:
    """Ask for a move, say the answer, follow it if wanted, and return the exit code.

    Parameters
    ----------
    session
        The run.
    action
        Failover, failback or abort.
    yes
        Whether the person is sure already, and need not be shown what it means.
    wait
        Whether to follow it.
    timeout
        How long to follow it, in seconds.
    fields
        Further fields of the request.

    Raises
    ------
    DeclinedError
        If the person is not sure.
    FailedError
        If how things stand can't be read, so that nobody can be asked.

    """
    if not yes:
        require_terminal("This moves users, and there is no terminal to ask at. Give --yes if you are sure.", context)
        _show_plan(context, action, fields)
    request = build_request(context, action, fields)
    if not yes:
        confirm(_CONFIRMATION_QUESTIONS[action])
    answer = submit(context, request)
    exit_code = get_exit_code(answer)
    if wait and exit_code is ExitCode.DONE:
        context.output.print_preview(plain_text(answer["message"]))
        follow_result = follow_move(context, answer.get("status") or {}, action, timeout_seconds=timeout)
        answer |= {
            "done": follow_result.exit_code is ExitCode.DONE,
            "message": follow_result.message,
            "status": follow_result.status,
        }
        exit_code = follow_result.exit_code
    context.output.print_answer(answer, lambda found: _render_result(context, found))
    return exit_code


def _show_plan(context: CommandContext, action: OperatorAction, fields: Mapping[str, Any]) -> None:
    answer = context.operator.request({"action": OperatorAction.STATUS.value})
    if not answer["done"]:
        raise FunctionFailedError(answer["message"])
    now = context.runtime.now()
    for part in render_parts(lambda found: render_move_plan(found["status"], now, action, fields), answer):
        context.output.print_preview(part)


def _render_result(context: CommandContext, answer: Mapping[str, Any]) -> Iterator[RenderableType]:
    yield plain_text(answer["message"])
    if answer.get("refused_by") in OVERRIDABLE_RULES:
        yield plain_text(f"With failoverctl that is: --override {answer['refused_by']}")
    if answer["done"] and (status := answer.get("status")):
        yield plain_text("")
        yield from render_status(status, context.runtime.now(), with_history=False)
