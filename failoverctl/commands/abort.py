"""``failoverctl abort``."""

from typing import Any

import click

from failover.decision.request import Action
from failoverctl.exits import ExitCode
from failoverctl.moving import move, moving
from failoverctl.session import Session, with_session


@click.command()
@moving
@with_session
def command(session: Session, **wish: Any) -> ExitCode:
    """Take the move under way back.

    Users return to where they came from, unless that Region is sick.
    """
    return move(session, Action.ABORT, **wish)
