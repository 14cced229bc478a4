"""The monthly cost of the controller at one interval and memory size, computed as in ``failoverctl cost``."""

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
    """The cost of a month, without free tiers and without a latch.

    Attributes
    ----------
    billed_seconds
        Estimated billed duration of one invocation on AWS.
    usd
        US dollars by billing item.

    """

    interval_seconds: int
    memory_mb: int
    billed_seconds: float
    usd: Mapping[BillingItem, float]

    @property
    def total_usd(self) -> float:
        """The sum of all items."""
        return sum(self.usd.values())


def compute_month(
    minute: InvocationProfile, stack: StackResources, prices: Mapping[BillingItem, Price], *, memory_mb: int
) -> MonthlyCost:
    """Return the cost of a month without failures.

    Parameters
    ----------
    minute
        The profile of one invocation.
    stack
        The other resources of the template.
    prices
        Prices of all items.
    memory_mb
        Memory of the function.

    """
    part = estimate_controller(minute, stack, ComputeConfig(memory_mb=memory_mb), PoolTier.ESSENTIALS)
    (billed,) = compute_bill([part], prices).components
    return MonthlyCost(
        interval_seconds=minute.interval_seconds,
        memory_mb=memory_mb,
        billed_seconds=estimate_billed_seconds(minute, memory_mb=memory_mb),
        usd={item: billed.sum_usd(item) for item in {line.usage.item: None for line in billed.lines}},
    )
