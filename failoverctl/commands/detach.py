"""``failoverctl detach``."""

from typing import Any

import click

from cognito_failover.core.operator.request import OperatorAction
from failoverctl.context import CommandContext, with_context
from failoverctl.exit_codes import ExitCode
from failoverctl.latch import latch_options, request_until_done


@click.command()
@latch_options
@with_context
def command(context: CommandContext, **fields: Any) -> ExitCode:
    """Detach the latches' health checks. Nobody is moved."""
    return request_until_done(context, OperatorAction.DETACH, **fields)
