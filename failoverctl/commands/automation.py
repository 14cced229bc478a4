"""``failoverctl pause``, ``resume``, ``observe-only`` and ``acknowledge``: they control automation."""

from typing import Any

import click

from cognito_failover.core.operator.request import MAX_PAUSE_MINUTES, OperatorAction
from failoverctl.context import CommandContext, with_context
from failoverctl.exit_codes import ExitCode
from failoverctl.requests import TextParam, audit_options, submit_change


@click.command()
@click.option("--minutes", type=click.IntRange(1, MAX_PAUSE_MINUTES), required=True, help="Length of the pause.")
@audit_options
@with_context
def pause(context: CommandContext, **fields: Any) -> ExitCode:
    """Start no automatic move for a given time.

    The controller still observes and reports. Automation resumes when the time is over.
    """
    return submit_change(context, OperatorAction.PAUSE, fields)


@click.command()
@audit_options
@with_context
def resume(context: CommandContext, **fields: Any) -> ExitCode:
    """End a pause or observe-only."""
    return submit_change(context, OperatorAction.RESUME, fields)


@click.command()
@audit_options
@with_context
def observe_only(context: CommandContext, **fields: Any) -> ExitCode:
    """Start no automatic move until resume.

    The controller still observes, and reports the moves that it would start.
    """
    return submit_change(context, OperatorAction.OBSERVE_ONLY, fields)


@click.command()
@click.option("--hold", type=TextParam(), help="End only this hold, which the status names.  [the present hold]")
@audit_options
@with_context
def acknowledge(context: CommandContext, **fields: Any) -> ExitCode:
    """Let automation continue from here.

    Ends a hold and a cool-down, and resets the count of automatic moves of the day. Refused if there is none of them.
    """
    return submit_change(context, OperatorAction.ACKNOWLEDGE, fields)
