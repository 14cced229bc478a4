"""``failoverctl pause``."""

from typing import Any

import click

from failover.decision.request import MAX_PAUSE_MINUTES, Action
from failoverctl.asking import accountable, change
from failoverctl.exits import ExitCode
from failoverctl.session import Session, with_session


@click.command()
@click.option("--minutes", type=click.IntRange(1, MAX_PAUSE_MINUTES), required=True, help="How long it lasts.")
@accountable
@with_session
def command(session: Session, **wish: Any) -> ExitCode:
    """Let no automatic move begin for a while. Watching goes on, and the pause ends by itself."""
    return change(session, Action.PAUSE, wish)
