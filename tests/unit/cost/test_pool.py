"""The published estimate of a replicated pool, to the dollar."""

from decimal import ROUND_HALF_UP, Decimal

import pytest

from failoverctl.cost import prices
from failoverctl.cost.bill import compute_bill
from failoverctl.cost.pool import PoolTier, estimate_pool
from failoverctl.cost.prices import BillingItem


def compute_dollars(usd: float) -> int:
    """Round to dollars, half up."""
    return int(Decimal(str(round(usd, 6))).quantize(Decimal(1), ROUND_HALF_UP))


@pytest.mark.parametrize(
    ("mau", "base", "replicated", "keys", "together"),
    [(1_000, 0, 5, 2, 7), (10_000, 0, 45, 2, 47), (100_000, 1_350, 450, 2, 1_802)],
)
def test_pool_cost_matches_the_published_estimate(
    mau: int, base: int, replicated: int, keys: int, together: int
) -> None:
    (billed,) = compute_bill([estimate_pool(mau, PoolTier.ESSENTIALS)], prices.read()).components

    assert [compute_dollars(line.billed_usd) for line in billed.lines] == [base, replicated, keys]
    assert compute_dollars(billed.billed_usd) == together


@pytest.mark.parametrize(
    ("item", "usd"), [(BillingItem.USERS_ESSENTIALS, 0.015), (BillingItem.REPLICATED_USERS_ESSENTIALS, 0.0045)]
)
def test_prices_match_the_published_estimate(item: BillingItem, usd: float) -> None:
    assert prices.read()[item].usd == usd


def test_plus_tier_has_no_free_tier_and_costs_more() -> None:
    essentials, plus = (
        compute_bill([estimate_pool(10_000, tier)], prices.read()) for tier in (PoolTier.ESSENTIALS, PoolTier.PLUS)
    )

    assert plus.billed_usd == plus.usd
    assert plus.usd > essentials.usd
