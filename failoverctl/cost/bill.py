"""A month's bill: counts times prices, without free tiers and with them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from failoverctl.cost.prices import Item, Price


class Known(StrEnum):
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
class Count:
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

    what: str
    item: Item
    count: float
    known: Known


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Something that is paid for as a whole, or left out as a whole."""

    name: str
    counts: tuple[Count, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A count with its price.

    Attributes
    ----------
    usd
        In US dollars, nothing of it free.
    due_usd
        What is left to pay after the free tier.

    """

    count: Count
    usd: float
    due_usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledPart:
    """A part with its prices."""

    name: str
    lines: tuple[Line, ...]

    @property
    def usd(self) -> float:
        """All lines together, nothing of them free."""
        return sum(line.usd for line in self.lines)

    @property
    def due_usd(self) -> float:
        """All lines together, after the free tiers."""
        return sum(line.due_usd for line in self.lines)

    def usd_of(self, *items: Item) -> float:
        """Return what these items cost, nothing of them free."""
        return sum(line.usd for line in self.lines if line.count.item in items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """All parts with their prices."""

    parts: tuple[BilledPart, ...]

    @property
    def usd(self) -> float:
        """All parts together, nothing of them free."""
        return sum(part.usd for part in self.parts)

    @property
    def due_usd(self) -> float:
        """All parts together, after the free tiers."""
        return sum(part.due_usd for part in self.parts)


def bill(parts: Iterable[Part], prices: Mapping[Item, Price]) -> Bill:
    """Put prices to counts.

    What is free of an item in a month is free once: the parts share it in their order, and whatever else the account
    has is taken to need none of it.
    """
    left = {item: float(price.free) for item, price in prices.items()}
    billed = []
    for part in parts:
        lines = []
        for count in part.counts:
            free = min(count.count, left[count.item])
            left[count.item] -= free
            price = prices[count.item]
            lines.append(Line(count=count, usd=price.of(count.count), due_usd=price.of(count.count - free)))
        billed.append(BilledPart(name=part.name, lines=tuple(lines)))
    return Bill(parts=tuple(billed))
