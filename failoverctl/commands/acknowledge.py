"""``failoverctl acknowledge``."""

from typing import Any

import click

from cognito_failover.core.operator.request import OperatorAction
from failoverctl.context import CommandContext, with_context
from failoverctl.exit_codes import ExitCode
from failoverctl.requests import audit_options, submit_change


@click.command()
@audit_options
@with_context
def command(context: CommandContext, **fields: Any) -> ExitCode:
    """Accept the records as they are.

    A hold and a cool-down end, and the day's count of automatic moves begins anew.
    """
    return submit_change(context, OperatorAction.ACKNOWLEDGE, fields)
