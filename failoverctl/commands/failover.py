"""``failoverctl failover``."""

from typing import Any

import click

from cognito_failover.core.operator.request import OperatorAction
from cognito_failover.core.rules import OVERRIDABLE_RULES
from failoverctl.context import CommandContext, with_context
from failoverctl.exit_codes import ExitCode
from failoverctl.move import move_options, request_move


@click.command()
@click.option(
    "--override",
    type=click.Choice(sorted(rule.value for rule in OVERRIDABLE_RULES)),
    multiple=True,
    help="Move although this rule says no. Automation then waits for your acknowledgement.",
)
@move_options
@with_context
def command(context: CommandContext, *, override: tuple[str, ...], **fields: Any) -> ExitCode:
    """Move all users to the standby Region.

    Without --yes it shows first what will not work there, and asks.
    """
    return request_move(context, OperatorAction.FAILOVER, override=list(override), **fields)
