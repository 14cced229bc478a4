"""Cost of optional components, compared with the template and the price list."""

import pytest

from failoverctl.cost import deployed, invocation_profile, prices
from failoverctl.cost.bill import BilledComponent, CostComponent, compute_bill
from failoverctl.cost.function_usage import ComputeConfig
from failoverctl.cost.invocation_profile import ScheduledFunction
from failoverctl.cost.optional_components import (
    LatchType,
    count_sign_ins,
    estimate_front,
    estimate_latches,
    estimate_observers,
    estimate_trails,
)
from failoverctl.cost.prices import BillingItem
from tests.unit.template.rendering import load_template

PROFILE = invocation_profile.read().get_profile(ScheduledFunction.CONTROLLER, 10)
OBSERVER_PROFILE = invocation_profile.read().get_profile(ScheduledFunction.OBSERVER, 10)
RESOURCES = deployed.read().observer
COMPUTE = ComputeConfig(memory_mb=256)


def compute_billed_component(component: CostComponent) -> BilledComponent:
    (billed,) = compute_bill([component], prices.read()).components
    return billed


def sum_quantities(component: CostComponent, item: BillingItem) -> float:
    return sum(usage.quantity for usage in component.usage if usage.item is item)


def list_health_checks(*conditions: str) -> list[dict[str, object]]:
    """Return the configurations of the health checks that the template creates under these conditions."""
    return [
        resource["Properties"]["HealthCheckConfig"]
        for resource in load_template()["Resources"].values()
        if resource["Type"] == "AWS::Route53::HealthCheck" and resource["Condition"] in conditions
    ]


def count_features(check: dict[str, object]) -> int:
    """Count the features that AWS charges for: HTTPS, string matching, and the interval of 10 s."""
    kind = str(check["Type"])
    return kind.startswith("HTTPS") + kind.endswith("STR_MATCH") + (check.get("RequestInterval") == 10)


@pytest.mark.parametrize(
    ("latch_type", "conditions"),
    [
        (LatchType.OBJECT, ("RecordsHaveObject", "DomainHasObject", "StandbyIsChecked")),
        (LatchType.METRIC, ("RecordsHaveMetric", "DomainHasMetric", "StandbyIsChecked")),
    ],
)
def test_health_checks_and_features_match_the_template(latch_type: LatchType, conditions: tuple[str, ...]) -> None:
    latches, checks = estimate_latches(latch_type, records=True, managed_login=True), list_health_checks(*conditions)

    assert len(checks) == 3
    assert sum_quantities(latches, BillingItem.HEALTH_CHECKS) == len(checks)
    assert sum_quantities(latches, BillingItem.HEALTH_CHECK_FEATURES) == sum(map(count_features, checks))


def test_second_latch_adds_no_second_check_of_the_standby() -> None:
    one = estimate_latches(LatchType.OBJECT, records=True, managed_login=False)
    both = estimate_latches(LatchType.OBJECT, records=True, managed_login=True)

    assert sum_quantities(both, BillingItem.HEALTH_CHECKS) - sum_quantities(one, BillingItem.HEALTH_CHECKS) == 1
    assert sum_quantities(both, BillingItem.OBJECT_READS) == 2 * sum_quantities(one, BillingItem.OBJECT_READS)


def test_metric_latch_is_published_once_a_minute() -> None:
    latch = estimate_latches(LatchType.METRIC, records=True, managed_login=False)

    assert sum_quantities(latch, BillingItem.CLOUDWATCH_CALLS) == 43_800


def test_latches_cost_nothing_without_domain() -> None:
    assert estimate_latches(LatchType.OBJECT, records=False, managed_login=False).usage == ()


def test_three_observers_cost_three_times_one() -> None:
    one, three = (
        compute_billed_component(estimate_observers(number, OBSERVER_PROFILE, RESOURCES, COMPUTE)) for number in (1, 3)
    )

    assert one.name == "1 observer"
    assert three.name == "3 observers"
    assert three.usd == pytest.approx(3 * one.usd)


def test_front_costs_web_acls_and_requests() -> None:
    idle, busy = (compute_billed_component(estimate_front(requests, PROFILE, RESOURCES)) for requests in (0, 1_000_000))

    assert idle.sum_usd(BillingItem.WEB_ACLS, BillingItem.WEB_ACL_RULES) == 14.0
    assert busy.sum_usd(BillingItem.GATEWAY_REQUESTS, BillingItem.WEB_ACL_REQUESTS) == pytest.approx(
        idle.sum_usd(BillingItem.GATEWAY_REQUESTS, BillingItem.WEB_ACL_REQUESTS) + 4.10
    )


def test_second_trail_costs_two_dollars_per_hundred_thousand_sign_ins() -> None:
    sign_ins = count_sign_ins(PROFILE, paths=2)
    component = compute_billed_component(estimate_trails(1, sign_ins))

    assert sign_ins == 2 * 43_800 * PROFILE.round_count * 2
    assert component.name == "CloudTrail, 1 more trail"
    [line] = component.lines
    assert line.usd == line.billed_usd == pytest.approx(sign_ins / 100_000 * 2)
