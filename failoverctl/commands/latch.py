"""``failoverctl attach`` and ``failoverctl detach``: they repeat their request until the function is done."""

from collections.abc import Callable
from typing import Any

import click

from cognito_failover.core.operator.request import OperatorAction
from failoverctl.context import CommandContext, with_context
from failoverctl.exit_codes import ExitCode
from failoverctl.requests import (
    audit_options,
    build_request,
    explain_interruption,
    get_exit_code,
    render_message,
    submit,
)

RETRY_INTERVAL_SECONDS = 10.0
"""Pause between two requests. In each request the function waits for up to a minute."""

DEFAULT_TIMEOUT_SECONDS = 600


def _latch_options[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Add the options of attach and detach."""
    function = click.option(
        "--timeout",
        type=click.IntRange(0),
        default=DEFAULT_TIMEOUT_SECONDS,
        show_default=True,
        metavar="SECONDS",
        help="How long to repeat the request until it is done; 0 sends it once.",
    )(function)
    return audit_options(function)


@click.command()
@_latch_options
@with_context
def attach(context: CommandContext, **fields: Any) -> ExitCode:
    """Attach the latches' health checks. Users do not move.

    To the primary's record and to Cognito's own domain, if the stack has a latch for it.
    """
    return _request_until_done(context, OperatorAction.ATTACH, **fields)


@click.command()
@_latch_options
@with_context
def detach(context: CommandContext, **fields: Any) -> ExitCode:
    """Detach the latches' health checks. Users do not move."""
    return _request_until_done(context, OperatorAction.DETACH, **fields)


def _request_until_done(context: CommandContext, action: OperatorAction, *, timeout: int, **fields: Any) -> ExitCode:
    """Repeat a request until it is done or refused, or `timeout` seconds have passed. Print the last answer."""
    request = build_request(context, action, fields)
    started_at = context.runtime.now()
    while True:
        answer = submit(context, request)
        if answer["done"] or "refused_by" in answer:
            exit_code = get_exit_code(answer)
            break
        if (context.runtime.now() - started_at).total_seconds() >= timeout:
            exit_code = ExitCode.NOT_FINISHED
            break
        context.output.print_progress(answer["message"])
        with explain_interruption(request):
            context.runtime.sleep(RETRY_INTERVAL_SECONDS)
    context.output.print_answer(answer, render_message)
    return exit_code
