"""``failoverctl status``."""

import click

from cognito_failover.core.operator.request import OperatorAction
from failoverctl.context import CommandContext, with_context
from failoverctl.exit_codes import ExitCode
from failoverctl.requests import get_exit_code, render_message
from failoverctl.views.status import render_status


@click.command()
@with_context
def command(context: CommandContext) -> ExitCode:
    """Show how things stand.

    Who serves, how both Regions are, what is under way, and what automation may do.
    """
    answer = context.operator.request({"action": OperatorAction.STATUS.value})
    now = context.runtime.now()
    context.output.print_answer(
        answer, lambda found: render_status(found["status"], now) if found["done"] else render_message(found)
    )
    return get_exit_code(answer)
