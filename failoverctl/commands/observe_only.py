"""``failoverctl observe-only``."""

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
    """Let no automatic move begin until resume.

    Watching goes on, and what would have been done is told.
    """
    return change(session, Action.OBSERVE_ONLY, wish)
