"""A month's bill: counts times prices, without free tiers and with them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from failoverctl.cost.prices import BillingItem, Price


class Certainty(StrEnum):
    """How a count is known."""

    GIVEN = "given"
    """By who asks."""

    COUNTED = "counted"
    """In the templates."""

    MEASURED = "measured"
    """In the sandbox, and multiplied by the month's minutes."""

    ESTIMATED = "estimated"
    """Measured in part, or assumed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeteredUsage:
    """So much of something in a month.

    Attributes
    ----------
    what
        What it is for, for people.
    item
        What is charged for.
    count
        In the item's own unit.
    known
        How.

    """

    description: str
    item: BillingItem
    quantity: float
    certainty: Certainty


@dataclass(frozen=True, slots=True, kw_only=True)
class CostComponent:
    """Something that is paid for as a whole, or left out as a whole."""

    name: str
    usage: tuple[MeteredUsage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BillLine:
    """A count with its price.

    Attributes
    ----------
    usd
        In US dollars, nothing of it free.
    due_usd
        What is left to pay after the free tier.

    """

    usage: MeteredUsage
    usd: float
    billed_usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledComponent:
    """A part with its prices."""

    name: str
    lines: tuple[BillLine, ...]

    @property
    def usd(self) -> float:
        """All lines together, nothing of them free."""
        return sum(line.usd for line in self.lines)

    @property
    def billed_usd(self) -> float:
        """All lines together, after the free tiers."""
        return sum(line.billed_usd for line in self.lines)

    def sum_usd(self, *items: BillingItem) -> float:
        """Return what these items cost, nothing of them free."""
        return sum(line.usd for line in self.lines if line.usage.item in items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """All parts with their prices."""

    components: tuple[BilledComponent, ...]

    @property
    def usd(self) -> float:
        """All parts together, nothing of them free."""
        return sum(part.usd for part in self.components)

    @property
    def billed_usd(self) -> float:
        """All parts together, after the free tiers."""
        return sum(part.billed_usd for part in self.components)


def compute_bill(components: Iterable[CostComponent], prices: Mapping[BillingItem, Price]) -> Bill:
    """Put prices to counts.

    What is free of an item in a month is free once: the parts share it in their order, and whatever else the account
    has is taken to need none of it.
    """
    free_left = {item: float(price.free) for item, price in prices.items()}
    billed = []
    for part in components:
        lines = []
        for count in part.usage:
            free_quantity = min(count.quantity, free_left[count.item])
            free_left[count.item] -= free_quantity
            price = prices[count.item]
            lines.append(
                BillLine(
                    usage=count,
                    usd=price.compute_usd(count.quantity),
                    billed_usd=price.compute_usd(count.quantity - free_quantity),
                )
            )
        billed.append(BilledComponent(name=part.name, lines=tuple(lines)))
    return Bill(components=tuple(billed))
