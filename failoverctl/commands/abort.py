"""``failoverctl abort``."""

from typing import Any

import click

from cognito_failover.core.operator.request import OperatorAction
from failoverctl.context import CommandContext, with_context
from failoverctl.exit_codes import ExitCode
from failoverctl.move import move_options, request_move


@click.command()
@move_options
@with_context
def command(context: CommandContext, **fields: Any) -> ExitCode:
    """Take the move under way back.

    Users return to where they came from, unless that Region is sick.
    """
    return request_move(context, OperatorAction.ABORT, **fields)
