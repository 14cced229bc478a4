"""``failoverctl history``."""

import click

from cognito_failover.core.operator.request import DEFAULT_HISTORY_LIMIT, MAX_HISTORY_LIMIT, OperatorAction
from failoverctl.context import CommandContext, with_context
from failoverctl.exit_codes import ExitCode
from failoverctl.requests import get_exit_code, render_message
from failoverctl.views.history import render_history


@click.command()
@click.option(
    "--limit",
    type=click.IntRange(1, MAX_HISTORY_LIMIT),
    default=DEFAULT_HISTORY_LIMIT,
    show_default=True,
    help="How many of the latest entries to show.",
)
@with_context
def command(context: CommandContext, *, limit: int) -> ExitCode:
    """Show what happened and why, the latest first."""
    answer = context.operator.request({"action": OperatorAction.HISTORY.value, "limit": limit})
    context.output.print_answer(answer, render_history if answer["done"] else render_message)
    return get_exit_code(answer)
