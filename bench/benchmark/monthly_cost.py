"""A month of the controller at one interval and one memory size, by the computation that ``failoverctl cost`` makes."""

from collections.abc import Mapping
from dataclasses import dataclass

from failoverctl.cost.bill import compute_bill
from failoverctl.cost.controller import estimate_controller
from failoverctl.cost.deployed import StackResources
from failoverctl.cost.function_usage import ComputeConfig, estimate_billed_seconds
from failoverctl.cost.invocation_profile import InvocationProfile
from failoverctl.cost.pool import PoolTier
from failoverctl.cost.prices import BillingItem, Price


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyCost:
    """What a month costs, without any free tier and without a latch.

    Attributes
    ----------
    billed_seconds
        Of one invocation, as estimated for AWS.
    usd
        By item, in US dollars.

    """

    interval_seconds: int
    memory_mb: int
    billed_seconds: float
    usd: Mapping[BillingItem, float]

    @property
    def total_usd(self) -> float:
        """All items together."""
        return sum(self.usd.values())


def compute_month(
    minute: InvocationProfile, stack: StackResources, prices: Mapping[BillingItem, Price], *, memory_mb: int
) -> MonthlyCost:
    """Work out what a month in which nothing fails costs.

    Parameters
    ----------
    minute
        What one invocation was seen to do.
    stack
        What the template deploys besides.
    prices
        For every item.
    memory_mb
        Of the function.

    """
    part = estimate_controller(minute, stack, ComputeConfig(memory_mb=memory_mb), PoolTier.ESSENTIALS)
    (billed,) = compute_bill([part], prices).components
    return MonthlyCost(
        interval_seconds=minute.interval_seconds,
        memory_mb=memory_mb,
        billed_seconds=estimate_billed_seconds(minute, memory_mb=memory_mb),
        usd={item: billed.sum_usd(item) for item in {line.usage.item: None for line in billed.lines}},
    )
