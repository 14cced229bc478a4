"""What a plan says that a step costs is what ``failoverctl cost`` reckons with."""

import re

import pytest

from failoverctl.cost import prices
from failoverctl.cost.prices import Item
from failoverctl.replicate.engine import steps
from failoverctl.replicate.wish import Wish

COSTS = {
    step.meaning.name: re.findall(r"\$([\d.]+\d)", step.meaning.costs)
    for step in steps(Wish(new_pool="new", primary="ap-northeast-1", standby="us-east-1"))
}


@pytest.mark.parametrize(
    ("step", "items"),
    [
        ("key", [Item.KEYS]),
        ("standby-key", [Item.KEYS]),
        ("replica", [Item.REPLICATED_USERS_ESSENTIALS, Item.REPLICATED_USERS_PLUS]),
        ("secret", [Item.SECRETS]),
        ("secret-replicas", [Item.SECRETS]),
    ],
)
def test_a_step_names_the_price_of_the_price_list(step: str, items: list[Item]) -> None:
    assert [float(each) for each in COSTS[step]] == [prices.read()[item].of(1) for item in items]


def test_no_other_step_names_a_price() -> None:
    assert {step for step, named in COSTS.items() if named} == {
        "key",
        "standby-key",
        "replica",
        "secret",
        "secret-replicas",
    }
