"""Cost of the replicated pool: the published estimate.

It includes one replica, and a key with its replica. It does not include KMS requests, messages and threat protection.
"""

from enum import StrEnum

from failoverctl.cost.bill import Certainty, CostComponent, MeteredUsage
from failoverctl.cost.prices import BillingItem


class PoolTier(StrEnum):
    """Tier of a pool. Lite can't be replicated."""

    ESSENTIALS = "essentials"
    PLUS = "plus"


USER_ITEMS = {PoolTier.ESSENTIALS: BillingItem.USERS_ESSENTIALS, PoolTier.PLUS: BillingItem.USERS_PLUS}
REPLICATED_USER_ITEMS = {
    PoolTier.ESSENTIALS: BillingItem.REPLICATED_USERS_ESSENTIALS,
    PoolTier.PLUS: BillingItem.REPLICATED_USERS_PLUS,
}

REGION_COUNT = 2


def estimate_pool(mau: int, tier: PoolTier) -> CostComponent:
    """Return the usage for a number of monthly active users."""
    return CostComponent(
        name="the replicated pool",
        usage=(
            MeteredUsage(
                description="monthly active users", item=USER_ITEMS[tier], quantity=mau, certainty=Certainty.GIVEN
            ),
            MeteredUsage(
                description="the same, replicated",
                item=REPLICATED_USER_ITEMS[tier],
                quantity=mau,
                certainty=Certainty.GIVEN,
            ),
            MeteredUsage(
                description="multi-Region key, and its replica",
                item=BillingItem.KEYS,
                quantity=REGION_COUNT,
                certainty=Certainty.COUNTED,
            ),
        ),
    )
