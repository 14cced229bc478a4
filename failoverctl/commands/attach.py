"""``failoverctl attach``."""

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
    """Attach the latches' health checks.

    To the primary's record and to Cognito's own domain, whichever the stack is deployed for. Nobody is moved.
    """
    return fit(session, Action.ATTACH, **wish)
