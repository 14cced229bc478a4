"""The free tier of an item counts once, in the order of the components."""

from datetime import date

import pytest

from failoverctl.cost.bill import Certainty, CostComponent, MeteredUsage, compute_bill
from failoverctl.cost.prices import BillingItem, Price, PriceBasis


def make_price(usd: float, *, free: int) -> Price:
    return Price(
        usd=usd,
        per=1,
        unit="unit",
        source="https://example.com/",
        noted_on=date(2026, 1, 1),
        basis=PriceBasis.REPORTS,
        free=free,
    )


def make_component(name: str, count: float) -> CostComponent:
    metrics = MeteredUsage(
        description="metrics", item=BillingItem.CLOUDWATCH_METRICS, quantity=count, certainty=Certainty.COUNTED
    )
    return CostComponent(name=name, usage=(metrics,))


PRICES = {BillingItem.CLOUDWATCH_METRICS: make_price(0.5, free=10)}


def test_usage_within_free_tier_has_price_but_no_charge() -> None:
    billed = compute_bill([make_component("one", 8)], PRICES)

    assert (billed.usd, billed.billed_usd) == (4.0, 0.0)


def test_only_usage_beyond_free_tier_is_charged() -> None:
    assert compute_bill([make_component("one", 12)], PRICES).billed_usd == pytest.approx(1.0)


def test_free_tier_is_used_up_in_order_of_components() -> None:
    first, second = compute_bill([make_component("one", 8), make_component("two", 8)], PRICES).components

    assert (first.billed_usd, second.billed_usd) == (0.0, 3.0)


def test_bill_is_the_sum_of_its_components() -> None:
    bill = compute_bill([make_component("one", 8), make_component("two", 8)], PRICES)

    assert bill.usd == sum(component.usd for component in bill.components) == 8.0
    assert bill.billed_usd == sum(component.billed_usd for component in bill.components)
