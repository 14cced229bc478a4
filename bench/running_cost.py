"""A month of the controller at one interval and one memory size, by the computation that ``failoverctl cost`` makes."""

from collections.abc import Mapping
from dataclasses import dataclass

from failoverctl.cost.bill import bill
from failoverctl.cost.controller import controller
from failoverctl.cost.deployed import Stack
from failoverctl.cost.minute import Minute
from failoverctl.cost.pool import Tier
from failoverctl.cost.prices import Item, Price
from failoverctl.cost.running import Machine, billed_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
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
    usd: Mapping[Item, float]

    @property
    def total_usd(self) -> float:
        """All items together."""
        return sum(self.usd.values())


def month(minute: Minute, stack: Stack, prices: Mapping[Item, Price], *, memory_mb: int) -> Month:
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
    part = controller(minute, stack, Machine(memory_mb=memory_mb), Tier.ESSENTIALS)
    (billed,) = bill([part], prices).parts
    return Month(
        interval_seconds=minute.interval_seconds,
        memory_mb=memory_mb,
        billed_seconds=billed_seconds(minute, memory_mb=memory_mb),
        usd={item: billed.usd_of(item) for item in {line.count.item: None for line in billed.lines}},
    )
