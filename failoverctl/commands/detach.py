"""``failoverctl detach``."""

from typing import Any

import click

from failover.decision.request import Action
from failoverctl.asking import accountable, change
from failoverctl.exits import ExitCode
from failoverctl.session import Session, with_session


@click.command()
@accountable
@with_session
def command(session: Session, **wish: Any) -> ExitCode:
    """Detach the latches' health checks. Nobody is moved."""
    return change(session, Action.DETACH, wish)
