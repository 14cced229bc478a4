"""``failoverctl cost``."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import click

from failoverctl.context import CommandContext, with_context
from failoverctl.cost import deployed, invocation_profile, prices
from failoverctl.cost.bill import compute_bill
from failoverctl.cost.function_usage import Architecture
from failoverctl.cost.optional_components import LatchType
from failoverctl.cost.pool import PoolTier
from failoverctl.cost.scenario import CostScenario
from failoverctl.exit_codes import ExitCode
from failoverctl.views.cost import render_cost, serialize_bill

INTERVALS = ("10", "12", "15", "20", "30", "60")
"""The values that the template allows."""


def _create_choice(choices: Iterable[StrEnum]) -> click.Choice[str]:
    return click.Choice([choice.value for choice in choices])


class _TierChoice(click.Choice[str]):
    """The pool's tier. The error for Lite says that it can't be replicated."""

    def __init__(self) -> None:
        super().__init__([tier.value for tier in PoolTier], case_sensitive=False)

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the tier."""
        if str(value).lower() == "lite":
            self.fail("a pool of tier Lite can't be replicated. Use essentials or plus.", param, ctx)
        return super().convert(value, param, ctx)


@click.command()
@click.option("--mau", type=click.IntRange(0), required=True, help="Monthly active users of the pool.")
@click.option(
    "--tier", type=_TierChoice(), default=PoolTier.ESSENTIALS.value, show_default=True, help="The pool's tier."
)
@click.option("--interval", type=click.Choice(INTERVALS), help="RoundIntervalSeconds.  [the template's default]")
@click.option("--memory", type=click.IntRange(128, 10240), help="MemorySizeMb.  [the template's default]")
@click.option(
    "--architecture",
    type=_create_choice(Architecture),
    default=Architecture.ARM64.value,
    show_default=True,
    help="Architecture of the functions.",
)
@click.option(
    "--latch", type=_create_choice(LatchType), default=LatchType.OBJECT.value, show_default=True, help="LatchType."
)
@click.option("--records/--no-records", default=True, help="Whether a domain has weighted records.  [records]")
@click.option("--managed-login", is_flag=True, help="Also move a domain of Cognito's managed login.")
@click.option("--observers", type=click.IntRange(0, 20), default=0, show_default=True, help="Number of observers.")
@click.option(
    "--front",
    metavar="REQUESTS",
    type=click.FloatRange(0),
    help="Include front.yaml in both Regions, with this many requests per user per month.",
)
@click.option(
    "--trails",
    type=click.IntRange(0, 20),
    default=0,
    show_default=True,
    help="Number of CloudTrail trails with management events, without the first.",
)
@with_context
def cost(context: CommandContext, **options: Any) -> ExitCode:
    """Estimate the monthly cost of pool and controller.

    No calls to AWS: prices, resource counts and measurements are part of the command.
    """
    resources, measurements, price_list = deployed.read(), invocation_profile.read(), prices.read()
    bill = compute_bill(_build_scenario(options, resources).list_components(measurements, resources), price_list)
    context.output.print_answer(serialize_bill(bill, price_list, measurements), render_cost)
    return ExitCode.DONE


def _build_scenario(options: dict[str, Any], resources: deployed.DeployedResources) -> CostScenario:
    return CostScenario(
        mau=options["mau"],
        tier=PoolTier(options["tier"]),
        interval_seconds=int(options["interval"] or resources.controller.interval_seconds),
        memory_mb=options["memory"] or resources.controller.memory_mb,
        architecture=Architecture(options["architecture"]),
        latch_type=LatchType(options["latch"]),
        records=options["records"],
        managed_login=options["managed_login"],
        observers=options["observers"],
        front_requests_per_user=options["front"],
        trails=options["trails"],
    )
