"""``failoverctl resume``."""

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
    """End a pause, or observe-only."""
    return change(session, Action.RESUME, wish)
