"""``failoverctl failback``."""

from typing import Any

import click

from cognito_failover.core.operator.request import FailbackMode, OperatorAction
from cognito_failover.core.rules import OVERRIDABLE_RULES
from failoverctl.context import CommandContext, with_context
from failoverctl.exit_codes import ExitCode
from failoverctl.move import move_options, request_move


@click.command()
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in FailbackMode]),
    default=FailbackMode.STEPPED.value,
    show_default=True,
    help="In steps of 10, 50 and 100 % of the users, each confirmed and watched, or all at once.",
)
@click.option(
    "--override",
    type=click.Choice(sorted(rule.value for rule in OVERRIDABLE_RULES)),
    multiple=True,
    help="Move although this rule says no. Automation then waits for your acknowledgement.",
)
@move_options
@with_context
def command(context: CommandContext, *, override: tuple[str, ...], **fields: Any) -> ExitCode:
    """Move users back to the primary Region."""
    return request_move(context, OperatorAction.FAILBACK, override=list(override), **fields)
