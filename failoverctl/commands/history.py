"""``failoverctl history``."""

import click

from failover.decision.request import DEFAULT_HISTORY, MAX_HISTORY, Action
from failoverctl.asking import code_of, message
from failoverctl.exits import ExitCode
from failoverctl.session import Session, with_session
from failoverctl.views.history import history_view


@click.command()
@click.option(
    "--limit",
    type=click.IntRange(1, MAX_HISTORY),
    default=DEFAULT_HISTORY,
    show_default=True,
    help="How many of the latest entries to show.",
)
@with_session
def command(session: Session, *, limit: int) -> ExitCode:
    """Show what happened and why, the latest first."""
    answer = session.operator.ask({"action": Action.HISTORY.value, "limit": limit})
    session.output.answer(answer, history_view if answer["done"] else message)
    return code_of(answer)
