"""What is free of an item is free once, in the order of the parts."""

from datetime import date

import pytest

from failoverctl.cost.bill import Count, Known, Part, bill
from failoverctl.cost.prices import Basis, Item, Price


def price(usd: float, *, free: int) -> Price:
    return Price(
        usd=usd,
        per=1,
        unit="unit",
        source="https://example.com/",
        noted_on=date(2026, 1, 1),
        basis=Basis.REPORTS,
        free=free,
    )


def part(name: str, count: float) -> Part:
    metrics = Count(what="metrics", item=Item.CLOUDWATCH_METRICS, count=count, known=Known.COUNTED)
    return Part(name=name, counts=(metrics,))


PRICES = {Item.CLOUDWATCH_METRICS: price(0.5, free=10)}


def test_what_is_within_the_free_tier_has_a_price_and_nothing_to_pay() -> None:
    billed = bill([part("one", 8)], PRICES)

    assert (billed.usd, billed.due_usd) == (4.0, 0.0)


def test_only_what_is_beyond_the_free_tier_is_to_be_paid() -> None:
    assert bill([part("one", 12)], PRICES).due_usd == pytest.approx(1.0)


def test_a_second_part_gets_what_the_first_has_left_of_the_free_tier() -> None:
    first, second = bill([part("one", 8), part("two", 8)], PRICES).parts

    assert (first.due_usd, second.due_usd) == (0.0, 3.0)


def test_the_bill_is_the_sum_of_its_parts() -> None:
    billed = bill([part("one", 8), part("two", 8)], PRICES)

    assert billed.usd == sum(each.usd for each in billed.parts) == 8.0
    assert billed.due_usd == sum(each.due_usd for each in billed.parts)
