"""A monthly bill: quantities times prices, without and with free tiers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from failoverctl.cost.prices import BillingItem, Price


class Certainty(StrEnum):
    """Basis of a quantity."""

    GIVEN = "given"
    """By an option."""

    COUNTED = "counted"
    """In the templates."""

    MEASURED = "measured"
    """In the sandbox, times the minutes of a month."""

    ESTIMATED = "estimated"
    """Partly measured, or assumed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeteredUsage:
    """A quantity of a billing item in a month.

    Attributes
    ----------
    description
        What the item is used for.
    item
        The billing item.
    quantity
        In the item's unit.
    certainty
        Basis of the quantity.

    """

    description: str
    item: BillingItem
    quantity: float
    certainty: Certainty


@dataclass(frozen=True, slots=True, kw_only=True)
class CostComponent:
    """A part of the deployment that is included or left out as a whole."""

    name: str
    usage: tuple[MeteredUsage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BillLine:
    """A quantity with its price.

    Attributes
    ----------
    usd
        US dollars at list price, without the free tier.
    billed_usd
        US dollars to pay after the free tier.

    """

    usage: MeteredUsage
    usd: float
    billed_usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledComponent:
    """A component with its prices."""

    name: str
    lines: tuple[BillLine, ...]

    @property
    def usd(self) -> float:
        """Sum of all lines, without free tiers."""
        return sum(line.usd for line in self.lines)

    @property
    def billed_usd(self) -> float:
        """Sum of all lines, after free tiers."""
        return sum(line.billed_usd for line in self.lines)

    def sum_usd(self, *items: BillingItem) -> float:
        """Return the cost of these items, without free tiers."""
        return sum(line.usd for line in self.lines if line.usage.item in items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """All components with their prices."""

    components: tuple[BilledComponent, ...]

    @property
    def usd(self) -> float:
        """Sum of all components, without free tiers."""
        return sum(component.usd for component in self.components)

    @property
    def billed_usd(self) -> float:
        """Sum of all components, after free tiers."""
        return sum(component.billed_usd for component in self.components)


def compute_bill(components: Iterable[CostComponent], prices: Mapping[BillingItem, Price]) -> Bill:
    """Return the bill for components.

    An item's free tier counts once a month. The components use it up in their order. The bill assumes that the rest of
    the account needs none of it.
    """
    free_left = {item: float(price.free) for item, price in prices.items()}
    billed = []
    for component in components:
        lines = []
        for usage in component.usage:
            free_quantity = min(usage.quantity, free_left[usage.item])
            free_left[usage.item] -= free_quantity
            price = prices[usage.item]
            lines.append(
                BillLine(
                    usage=usage,
                    usd=price.compute_usd(usage.quantity),
                    billed_usd=price.compute_usd(usage.quantity - free_quantity),
                )
            )
        billed.append(BilledComponent(name=component.name, lines=tuple(lines)))
    return Bill(components=tuple(billed))
