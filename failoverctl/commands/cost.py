"""``failoverctl cost``."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import click

from failoverctl.cost import deployed, minute, prices
from failoverctl.cost.bill import bill
from failoverctl.cost.optional import LatchForm
from failoverctl.cost.pool import Tier
from failoverctl.cost.running import Architecture
from failoverctl.cost.wish import Wish
from failoverctl.exits import ExitCode
from failoverctl.session import Session, with_session
from failoverctl.views.cost import cost_view, described

INTERVALS = ("10", "12", "15", "20", "30", "60")
"""What the template allows."""


def _values(enum: Iterable[StrEnum]) -> click.Choice[str]:
    return click.Choice([each.value for each in enum])


class _Tier(click.Choice[str]):
    """The pool's tier, with a word on the one that can't be replicated."""

    def __init__(self) -> None:
        super().__init__([each.value for each in Tier], case_sensitive=False)

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return it, or say which there are."""
        if str(value).lower() == "lite":
            self.fail("a pool of the tier Lite can't be replicated; reckon with essentials or plus.", param, ctx)
        return super().convert(value, param, ctx)


@click.command()
@click.option("--mau", type=click.IntRange(0), required=True, help="Monthly active users of the pool.")
@click.option("--tier", type=_Tier(), default=Tier.ESSENTIALS.value, show_default=True, help="The pool's tier.")
@click.option("--interval", type=click.Choice(INTERVALS), help="RoundIntervalSeconds.  [the template's default]")
@click.option("--memory", type=click.IntRange(128, 10240), help="MemorySizeMb.  [the template's default]")
@click.option("--architecture", type=_values(Architecture), default=Architecture.ARM64.value, show_default=True)
@click.option("--latch", type=_values(LatchForm), default=LatchForm.OBJECT.value, show_default=True, help="LatchForm.")
@click.option("--records/--no-records", default=True, help="Whether a domain has weighted records.  [records]")
@click.option("--managed-login", is_flag=True, help="Whether a domain of Cognito's own is moved, too.")
@click.option("--observers", type=click.IntRange(0, 20), default=0, show_default=True, help="Observer stacks.")
@click.option(
    "--front",
    metavar="REQUESTS",
    type=click.FloatRange(0),
    help="With front.yaml in both Regions, and so many requests a month of each user.",
)
@with_session
def command(session: Session, **asked: Any) -> ExitCode:
    """Reckon up what pool and controller cost.

    By the month. It asks nobody: prices, counts and measurements come with the command.
    """
    there, measured, known = deployed.read(), minute.read(), prices.read()
    billed = bill(_wish(asked, there).parts(measured, there), known)
    session.output.answer(described(billed, known, measured), cost_view)
    return ExitCode.DONE


def _wish(asked: dict[str, Any], there: deployed.Deployed) -> Wish:
    return Wish(
        mau=asked["mau"],
        tier=Tier(asked["tier"]),
        interval_seconds=int(asked["interval"] or there.controller.interval_seconds),
        memory_mb=asked["memory"] or there.controller.memory_mb,
        architecture=Architecture(asked["architecture"]),
        latch=LatchForm(asked["latch"]),
        records=asked["records"],
        managed_login=asked["managed_login"],
        observers=asked["observers"],
        front_requests_per_user=asked["front"],
    )
