"""``failoverctl failover``, ``failback`` and ``abort``: show the effect, confirm, send the request, follow the move."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import click
from rich.console import RenderableType

from cognito_failover.core.operator.request import FailbackMode, OperatorAction
from cognito_failover.core.rules import OVERRIDABLE_RULES
from failoverctl.context import CommandContext, with_context
from failoverctl.exit_codes import ExitCode, FunctionFailedError
from failoverctl.output import render_parts
from failoverctl.progress import follow_move
from failoverctl.requests import (
    audit_options,
    build_request,
    confirm,
    explain_interruption,
    get_exit_code,
    require_terminal,
    submit,
)
from failoverctl.views.plan import render_move_plan
from failoverctl.views.status import render_status
from failoverctl.views.text import plain_text

DEFAULT_TIMEOUT_SECONDS = 1800
"""A stepped failback takes some minutes: each step has a bake time."""

_CONFIRMATION_QUESTIONS = {
    OperatorAction.FAILOVER: "Move all users to the standby?",
    OperatorAction.FAILBACK: "Move users back to the primary?",
    OperatorAction.ABORT: "Abort the move?",
}


def _move_options[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Add the options of every command that moves users."""
    for option in (
        click.option(
            "--timeout",
            type=click.IntRange(min=1),
            default=DEFAULT_TIMEOUT_SECONDS,
            show_default=True,
            metavar="SECONDS",
            help="How long --wait follows the move.",
        ),
        click.option("--wait", is_flag=True, help="Follow the move to its end."),
        click.option("--yes", is_flag=True, help="Do not ask for confirmation."),
    ):
        function = option(function)
    return audit_options(function)


def _override_option[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    return click.option(
        "--override",
        type=click.Choice(sorted(rule.value for rule in OVERRIDABLE_RULES)),
        multiple=True,
        help="Move although this rule is violated. Automation then waits until you acknowledge.",
    )(function)


@click.command()
@_override_option
@_move_options
@with_context
def failover(context: CommandContext, *, override: tuple[str, ...], **fields: Any) -> ExitCode:
    """Move all users to the standby Region.

    Without --yes it first shows what will not work there, and asks for confirmation.
    """
    return _request_move(context, OperatorAction.FAILOVER, override=list(override), **fields)


@click.command()
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in FailbackMode]),
    default=FailbackMode.STEPPED.value,
    show_default=True,
    help="In confirmed steps of 10, 50 and 100 % of the users, each with a bake time, or all at once.",
)
@_override_option
@_move_options
@with_context
def failback(context: CommandContext, *, override: tuple[str, ...], **fields: Any) -> ExitCode:
    """Move users back to the primary Region."""
    return _request_move(context, OperatorAction.FAILBACK, override=list(override), **fields)


@click.command()
@_move_options
@with_context
def abort(context: CommandContext, **fields: Any) -> ExitCode:
    """Abort the move or drill under way.

    Users return to the Region they came from, unless that Region is sick.
    """
    return _request_move(context, OperatorAction.ABORT, **fields)


def _request_move(
    context: CommandContext, action: OperatorAction, *, yes: bool, wait: bool, timeout: int, **fields: Any
) -> ExitCode:
    """Request a move, print the answer, and return the exit code.

    Parameters
    ----------
    context
        The run.
    action
        Failover, failback or abort.
    yes
        Whether to skip the plan and the confirmation.
    wait
        Whether to follow the move to its end.
    timeout
        How long to follow the move, in seconds.
    fields
        More fields of the request.

    Raises
    ------
    DeclinedError
        If the person does not confirm.
    FunctionFailedError
        If the status for the confirmation can't be read.

    """
    if not yes:
        require_terminal("This moves users, and no terminal can confirm it. Give --yes if you are sure.", context)
        _show_plan(context, action, fields)
    request = build_request(context, action, fields)
    if not yes:
        confirm(_CONFIRMATION_QUESTIONS[action])
    answer = submit(context, request)
    exit_code = get_exit_code(answer)
    if wait and exit_code is ExitCode.DONE:
        context.output.print_preview(plain_text(answer["message"]))
        with explain_interruption(request):
            follow_result = follow_move(context, answer.get("status") or {}, action, timeout_seconds=timeout)
        answer |= {
            "done": follow_result.exit_code is ExitCode.DONE,
            "message": follow_result.message,
            "status": follow_result.status,
        }
        exit_code = follow_result.exit_code
    context.output.print_answer(answer, lambda content: _render_result(context, content))
    return exit_code


def _show_plan(context: CommandContext, action: OperatorAction, fields: Mapping[str, Any]) -> None:
    answer = context.operator.request({"action": OperatorAction.STATUS.value})
    if not answer["done"]:
        raise FunctionFailedError(answer["message"])
    now = context.runtime.now()
    for part in render_parts(lambda content: render_move_plan(content["status"], now, action, fields), answer):
        context.output.print_preview(part)


def _render_result(context: CommandContext, answer: Mapping[str, Any]) -> Iterator[RenderableType]:
    yield plain_text(answer["message"])
    if answer.get("refused_by") in OVERRIDABLE_RULES:
        yield plain_text(f"To override with failoverctl: --override {answer['refused_by']}")
    if answer["done"] and (status := answer.get("status")):
        yield plain_text("")
        yield from render_status(status, context.runtime.now(), with_history=False)
