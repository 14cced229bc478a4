"""Attaches and detaches latches: a request that is repeated until the function says that it is done."""

from collections.abc import Callable
from typing import Any

import click

from cognito_failover.core.operator.request import OperatorAction
from failoverctl.context import CommandContext
from failoverctl.exit_codes import ExitCode
from failoverctl.requests import audit_options, build_request, get_exit_code, render_message, submit

RETRY_INTERVAL_SECONDS = 10.0
"""Between two requests; the function waits for up to a minute in each."""

DEFAULT_TIMEOUT_SECONDS = 600


def latch_options[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Add the options of whatever attaches or detaches."""
    function = click.option(
        "--timeout",
        type=click.IntRange(0),
        default=DEFAULT_TIMEOUT_SECONDS,
        show_default=True,
        metavar="SECONDS",
        help="How long to repeat the request until it is done; 0 asks once.",
    )(function)
    return audit_options(function)


def request_until_done(context: CommandContext, action: OperatorAction, *, timeout: int, **fields: Any) -> ExitCode:
    """Ask until it is done or refused, say the last answer, and return the exit code.

    Parameters
    ----------
    session
        The run.
    action
        Attach or detach.
    timeout
        How long to repeat the request, in seconds.
    fields
        Further fields of the request.

    """
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
        context.runtime.sleep(RETRY_INTERVAL_SECONDS)
    context.output.print_answer(answer, render_message)
    return exit_code
