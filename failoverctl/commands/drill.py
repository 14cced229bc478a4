"""``failoverctl drill``."""

from typing import Any

import click

from cognito_failover.core.model.drill import DrillKind
from cognito_failover.core.operator.request import (
    DEFAULT_HOLD_SECONDS,
    MAX_DRILL_ROUNDS,
    MAX_HOLD_SECONDS,
    FailbackMode,
)
from failoverctl.context import CommandContext, with_context
from failoverctl.drill import request_drill
from failoverctl.exit_codes import ExitCode
from failoverctl.requests import audit_options


@click.command()
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in DrillKind]),
    default=DrillKind.SWITCHOVER.value,
    show_default=True,
    help="What is rehearsed.",
)
@click.option(
    "--hold-seconds",
    type=click.IntRange(0, MAX_HOLD_SECONDS),
    default=DEFAULT_HOLD_SECONDS,
    show_default=True,
    help="How long users stay on the standby.",
)
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in FailbackMode]),
    help="How users come back; in steps if not given.",
)
@click.option(
    "--rounds",
    type=click.IntRange(1, MAX_DRILL_ROUNDS),
    help="Of a blind one: in how many rounds at most the primary is taken for sick.",
)
@click.option("--dry-run", is_flag=True, help="Show the plan and what is in its way; change nothing.")
@click.option("--yes", is_flag=True, help="Don't ask whether you are sure.")
@click.option("--wait", is_flag=True, help="Follow the drill to its end.")
@click.option(
    "--timeout",
    type=click.IntRange(min=1),
    metavar="SECONDS",
    help="How long --wait follows it; if not given, as long as users stay, and half an hour.",
)
@audit_options
@with_context
def command(context: CommandContext, **fields: Any) -> ExitCode:
    """Rehearse a failover: there, and back by itself.

    On a bad day it is refused, and whatever is real ends it. To end it early: failoverctl abort.
    """
    return request_drill(context, **fields)
