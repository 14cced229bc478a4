"""``failoverctl acknowledge``."""

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
    """Accept the records as they are.

    A hold and a cool-down end, and the day's count of automatic moves begins anew.
    """
    return change(session, Action.ACKNOWLEDGE, wish)
