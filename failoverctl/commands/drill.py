"""``failoverctl drill``."""

from typing import Any

import click

from failover.decision.drill import DrillKind
from failover.decision.request import DEFAULT_HOLD_SECONDS, MAX_DRILL_ROUNDS, MAX_HOLD_SECONDS, Pace
from failoverctl.asking import accountable
from failoverctl.exits import ExitCode
from failoverctl.rehearsing import rehearse
from failoverctl.session import Session, with_session


@click.command()
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in DrillKind]),
    default=DrillKind.SWITCHOVER.value,
    show_default=True,
    help="What is rehearsed.",
)
@click.option(
    "--hold-seconds",
    type=click.IntRange(0, MAX_HOLD_SECONDS),
    default=DEFAULT_HOLD_SECONDS,
    show_default=True,
    help="How long users stay on the standby.",
)
@click.option(
    "--pace", type=click.Choice([pace.value for pace in Pace]), help="How users come back; in steps if not given."
)
@click.option(
    "--rounds",
    type=click.IntRange(1, MAX_DRILL_ROUNDS),
    help="Of a blind one: in how many rounds at most the primary is taken for sick.",
)
@click.option("--dry-run", is_flag=True, help="Show the plan and what is in its way; change nothing.")
@click.option("--yes", is_flag=True, help="Don't ask whether you are sure.")
@click.option("--wait", is_flag=True, help="Follow the drill to its end.")
@click.option(
    "--timeout",
    type=click.IntRange(min=1),
    metavar="SECONDS",
    help="How long --wait follows it; if not given, as long as users stay, and half an hour.",
)
@accountable
@with_session
def command(session: Session, **wish: Any) -> ExitCode:
    """Rehearse a failover: there, and back by itself.

    On a bad day it is refused, and whatever is real ends it. To end it early: failoverctl abort.
    """
    return rehearse(session, **wish)
