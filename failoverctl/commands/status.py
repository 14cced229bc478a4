"""``failoverctl status``."""

import click

from failover.decision.request import Action
from failoverctl.asking import code_of, message
from failoverctl.exits import ExitCode
from failoverctl.session import Session, with_session
from failoverctl.views.status import status_view


@click.command()
@with_session
def command(session: Session) -> ExitCode:
    """Show how things stand.

    Who serves, how both Regions are, what is under way, and what automation may do.
    """
    answer = session.operator.ask({"action": Action.STATUS.value})
    now = session.surroundings.now()
    session.output.answer(answer, lambda found: status_view(found["status"], now) if found["done"] else message(found))
    return code_of(answer)
