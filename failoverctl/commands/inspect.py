"""``failoverctl status`` and ``failoverctl history``."""

import click

from cognito_failover.core.operator.request import DEFAULT_HISTORY_LIMIT, MAX_HISTORY_LIMIT, OperatorAction
from failoverctl.context import CommandContext, with_context
from failoverctl.exit_codes import ExitCode
from failoverctl.requests import get_exit_code, render_message
from failoverctl.views.history import render_history
from failoverctl.views.status import render_status


@click.command()
@with_context
def status(context: CommandContext) -> ExitCode:
    """Show the current status.

    The active Region, the verdicts for both Regions, a move under way, and what automation may do.
    """
    answer = context.operator.request({"action": OperatorAction.STATUS.value})
    now = context.runtime.now()
    context.output.print_answer(
        answer,
        lambda content: render_status(content["status"], now) if content["done"] else render_message(content),
    )
    return get_exit_code(answer)


@click.command()
@click.option(
    "--limit",
    type=click.IntRange(1, MAX_HISTORY_LIMIT),
    default=DEFAULT_HISTORY_LIMIT,
    show_default=True,
    help="Number of entries.",
)
@with_context
def history(context: CommandContext, *, limit: int) -> ExitCode:
    """Show what happened and why, latest first."""
    answer = context.operator.request({"action": OperatorAction.HISTORY.value, "limit": limit})
    context.output.print_answer(answer, render_history if answer["done"] else render_message)
    return get_exit_code(answer)
