"""``failoverctl attach``."""

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
    """Attach the latches' health checks.

    To the primary's record and to Cognito's own domain, whichever the stack is deployed for. Nobody is moved.
    """
    return request_until_done(context, OperatorAction.ATTACH, **fields)
