"""The costs in a replication plan match the price list of ``failoverctl cost``."""

import re

import pytest

from failoverctl.cost import prices
from failoverctl.cost.prices import BillingItem
from failoverctl.replicate.engine import build_steps
from failoverctl.replicate.spec import ReplicationSpec

COSTS = {
    step.description.name: re.findall(r"\$([\d.]+\d)", step.description.cost)
    for step in build_steps(
        ReplicationSpec(new_pool_name="new", primary_region="ap-northeast-1", standby_region="us-east-1")
    )
}


@pytest.mark.parametrize(
    ("step", "items"),
    [
        ("key", [BillingItem.KEYS]),
        ("standby-key", [BillingItem.KEYS]),
        ("replica", [BillingItem.REPLICATED_USERS_ESSENTIALS, BillingItem.REPLICATED_USERS_PLUS]),
        ("secret", [BillingItem.SECRETS]),
        ("secret-replicas", [BillingItem.SECRETS]),
    ],
)
def test_step_cost_is_in_price_list(step: str, items: list[BillingItem]) -> None:
    assert [float(usd) for usd in COSTS[step]] == [prices.read()[item].compute_usd(1) for item in items]


def test_other_steps_have_no_cost() -> None:
    assert {step for step, amounts in COSTS.items() if amounts} == {
        "key",
        "standby-key",
        "replica",
        "secret",
        "secret-replicas",
    }
