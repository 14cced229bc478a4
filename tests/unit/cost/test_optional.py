"""What is optional costs what its resources cost, and follows what it is given."""

import pytest

from failoverctl.cost import deployed, invocation_profile, prices
from failoverctl.cost.bill import BilledComponent, CostComponent, compute_bill
from failoverctl.cost.function_usage import ComputeConfig
from failoverctl.cost.invocation_profile import ScheduledFunction
from failoverctl.cost.optional_components import LatchType, estimate_front, estimate_latches, estimate_observers
from failoverctl.cost.prices import BillingItem
from tests.unit.template.rendering import load_template

MINUTE = invocation_profile.read().get_profile(ScheduledFunction.CONTROLLER, 10)
OBSERVER_MINUTE = invocation_profile.read().get_profile(ScheduledFunction.OBSERVER, 10)
STACK = deployed.read().observer
MACHINE = ComputeConfig(memory_mb=256)


def compute_billed_part(part: CostComponent) -> BilledComponent:
    (only,) = compute_bill([part], prices.read()).components
    return only


def sum_counts(part: CostComponent, item: BillingItem) -> float:
    return sum(count.quantity for count in part.usage if count.item is item)


def list_health_checks(*conditions: str) -> list[dict[str, object]]:
    """Return the configuration of the health checks that the template makes under these conditions."""
    return [
        each["Properties"]["HealthCheckConfig"]
        for each in load_template()["Resources"].values()
        if each["Type"] == "AWS::Route53::HealthCheck" and each["Condition"] in conditions
    ]


def count_features(check: dict[str, object]) -> int:
    """Count what AWS charges apart: HTTPS, string matching, and the interval of 10 s."""
    kind = str(check["Type"])
    return kind.startswith("HTTPS") + kind.endswith("STR_MATCH") + (check.get("RequestInterval") == 10)


@pytest.mark.parametrize(
    ("form", "conditions"),
    [
        (LatchType.OBJECT, ("RecordsHaveObject", "DomainHasObject", "StandbyIsChecked")),
        (LatchType.METRIC, ("RecordsHaveMetric", "DomainHasMetric", "StandbyIsChecked")),
    ],
)
def test_health_checks_and_their_features_are_those_of_the_template(
    form: LatchType, conditions: tuple[str, ...]
) -> None:
    part, checks = estimate_latches(form, records=True, managed_login=True), list_health_checks(*conditions)

    assert len(checks) == 3
    assert sum_counts(part, BillingItem.HEALTH_CHECKS) == len(checks)
    assert sum_counts(part, BillingItem.HEALTH_CHECK_FEATURES) == sum(map(count_features, checks))


def test_a_second_latch_has_no_second_check_of_the_standby() -> None:
    one = estimate_latches(LatchType.OBJECT, records=True, managed_login=False)
    both = estimate_latches(LatchType.OBJECT, records=True, managed_login=True)

    assert sum_counts(both, BillingItem.HEALTH_CHECKS) - sum_counts(one, BillingItem.HEALTH_CHECKS) == 1
    assert sum_counts(both, BillingItem.OBJECT_READS) == 2 * sum_counts(one, BillingItem.OBJECT_READS)


def test_a_metric_latch_is_published_once_a_minute() -> None:
    part = estimate_latches(LatchType.METRIC, records=True, managed_login=False)

    assert sum_counts(part, BillingItem.CLOUDWATCH_CALLS) == 43_800


def test_without_a_domain_there_is_no_latch_to_pay_for() -> None:
    assert estimate_latches(LatchType.OBJECT, records=False, managed_login=False).usage == ()


def test_three_observers_cost_three_times_one() -> None:
    one, three = (compute_billed_part(estimate_observers(number, OBSERVER_MINUTE, STACK, MACHINE)) for number in (1, 3))

    assert one.name == "1 observer"
    assert three.name == "3 observers"
    assert three.usd == pytest.approx(3 * one.usd)


def test_front_costs_web_acls_and_requests() -> None:
    idle, busy = (compute_billed_part(estimate_front(requests, MINUTE, STACK)) for requests in (0, 1_000_000))

    assert idle.sum_usd(BillingItem.WEB_ACLS, BillingItem.WEB_ACL_RULES) == 14.0
    assert busy.sum_usd(BillingItem.GATEWAY_REQUESTS, BillingItem.WEB_ACL_REQUESTS) == pytest.approx(
        idle.sum_usd(BillingItem.GATEWAY_REQUESTS, BillingItem.WEB_ACL_REQUESTS) + 4.10
    )
