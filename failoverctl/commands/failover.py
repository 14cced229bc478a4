"""``failoverctl failover``."""

from typing import Any

import click

from failover.decision.request import Action
from failover.decision.rules import OVERRIDABLE
from failoverctl.exits import ExitCode
from failoverctl.moving import move, moving
from failoverctl.session import Session, with_session


@click.command()
@click.option(
    "--override",
    type=click.Choice(sorted(rule.value for rule in OVERRIDABLE)),
    multiple=True,
    help="Move although this rule says no. Automation then waits for your acknowledgement.",
)
@moving
@with_session
def command(session: Session, *, override: tuple[str, ...], **wish: Any) -> ExitCode:
    """Move all users to the standby Region.

    Without --yes it shows first what will not work there, and asks.
    """
    return move(session, Action.FAILOVER, override=list(override), **wish)
