"""``failoverctl pause``."""

from typing import Any

import click

from cognito_failover.core.operator.request import MAX_PAUSE_MINUTES, OperatorAction
from failoverctl.context import CommandContext, with_context
from failoverctl.exit_codes import ExitCode
from failoverctl.requests import audit_options, submit_change


@click.command()
@click.option("--minutes", type=click.IntRange(1, MAX_PAUSE_MINUTES), required=True, help="How long it lasts.")
@audit_options
@with_context
def command(context: CommandContext, **fields: Any) -> ExitCode:
    """Let no automatic move begin for a while. Watching goes on, and the pause ends by itself."""
    return submit_change(context, OperatorAction.PAUSE, fields)
