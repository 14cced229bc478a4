"""The published estimate of a replicated pool, to the dollar."""

from decimal import ROUND_HALF_UP, Decimal

import pytest

from failoverctl.cost import prices
from failoverctl.cost.bill import bill
from failoverctl.cost.pool import Tier, pool
from failoverctl.cost.prices import Item


def dollars(usd: float) -> int:
    """Round as people do: half a dollar is one more."""
    return int(Decimal(str(round(usd, 6))).quantize(Decimal(1), ROUND_HALF_UP))


@pytest.mark.parametrize(
    ("mau", "base", "replicated", "keys", "together"),
    [(1_000, 0, 5, 2, 7), (10_000, 0, 45, 2, 47), (100_000, 1_350, 450, 2, 1_802)],
)
def test_the_articles_rows_come_out_to_the_dollar(
    mau: int, base: int, replicated: int, keys: int, together: int
) -> None:
    (billed,) = bill([pool(mau, Tier.ESSENTIALS)], prices.read()).parts

    assert [dollars(line.due_usd) for line in billed.lines] == [base, replicated, keys]
    assert dollars(billed.due_usd) == together


@pytest.mark.parametrize(("item", "usd"), [(Item.USERS_ESSENTIALS, 0.015), (Item.REPLICATED_USERS_ESSENTIALS, 0.0045)])
def test_the_prices_are_the_articles(item: Item, usd: float) -> None:
    assert prices.read()[item].usd == usd


def test_a_pool_of_the_tier_plus_has_nothing_free_and_costs_more() -> None:
    essentials, plus = (bill([pool(10_000, tier)], prices.read()) for tier in (Tier.ESSENTIALS, Tier.PLUS))

    assert plus.due_usd == plus.usd
    assert plus.usd > essentials.usd
