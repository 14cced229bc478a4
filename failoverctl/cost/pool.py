"""What the replicated pool costs: the published estimate, with its assumptions.

One replica; a key and its replica; no calls of the keys, no messages, no threat protection.
"""

from enum import StrEnum

from failoverctl.cost.bill import Count, Known, Part
from failoverctl.cost.prices import Item


class Tier(StrEnum):
    """A pool's tier; Lite can't be replicated."""

    ESSENTIALS = "essentials"
    PLUS = "plus"


USERS = {Tier.ESSENTIALS: Item.USERS_ESSENTIALS, Tier.PLUS: Item.USERS_PLUS}
REPLICATED_USERS = {Tier.ESSENTIALS: Item.REPLICATED_USERS_ESSENTIALS, Tier.PLUS: Item.REPLICATED_USERS_PLUS}

REGIONS = 2


def pool(mau: int, tier: Tier) -> Part:
    """Return what there is to pay for so many monthly active users."""
    return Part(
        name="the replicated pool",
        counts=(
            Count(what="monthly active users", item=USERS[tier], count=mau, known=Known.GIVEN),
            Count(what="the same, replicated", item=REPLICATED_USERS[tier], count=mau, known=Known.GIVEN),
            Count(what="multi-Region key, and its replica", item=Item.KEYS, count=REGIONS, known=Known.COUNTED),
        ),
    )
