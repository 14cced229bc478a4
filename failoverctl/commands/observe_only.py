"""``failoverctl observe-only``."""

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
    """Let no automatic move begin until resume.

    Watching goes on, and what would have been done is told.
    """
    return submit_change(context, OperatorAction.OBSERVE_ONLY, fields)
