"""``failoverctl attach``."""

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
    """Attach the latches' health checks.

    To the primary's record and to Cognito's own domain, whichever the stack is deployed for. Nobody is moved.
    """
    return change(session, Action.ATTACH, wish)
