"""``failoverctl detach``."""

from typing import Any

import click

from failover.decision.request import Action
from failoverctl.exits import ExitCode
from failoverctl.fitting import fit, fitting
from failoverctl.session import Session, with_session


@click.command()
@fitting
@with_session
def command(session: Session, **wish: Any) -> ExitCode:
    """Detach the latches' health checks. Nobody is moved."""
    return fit(session, Action.DETACH, **wish)
