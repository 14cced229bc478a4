"""``failoverctl failback``."""

from typing import Any

import click

from failover.decision.request import Action, Pace
from failover.decision.rules import OVERRIDABLE
from failoverctl.exits import ExitCode
from failoverctl.moving import move, moving
from failoverctl.session import Session, with_session


@click.command()
@click.option(
    "--pace",
    type=click.Choice([pace.value for pace in Pace]),
    default=Pace.IN_STEPS.value,
    show_default=True,
    help="In steps of 10, 50 and 100 % of the users, each confirmed and watched, or all at once.",
)
@click.option(
    "--override",
    type=click.Choice(sorted(rule.value for rule in OVERRIDABLE)),
    multiple=True,
    help="Move although this rule says no. Automation then waits for your acknowledgement.",
)
@moving
@with_session
def command(session: Session, *, override: tuple[str, ...], **wish: Any) -> ExitCode:
    """Move users back to the primary Region."""
    return move(session, Action.FAILBACK, override=list(override), **wish)
