"""What is optional costs what its resources cost, and follows what it is given."""

import pytest

from failoverctl.cost import deployed, minute, prices
from failoverctl.cost.bill import BilledPart, Part, bill
from failoverctl.cost.minute import Function
from failoverctl.cost.optional import LatchForm, front, latches, observers
from failoverctl.cost.prices import Item
from failoverctl.cost.running import Machine
from tests.unit.template.rendering import load

MINUTE = minute.read().minute(Function.CONTROLLER, 10)
LOOKS = minute.read().minute(Function.OBSERVER, 10)
STACK = deployed.read().observer
MACHINE = Machine(memory_mb=256)


def billed(part: Part) -> BilledPart:
    (only,) = bill([part], prices.read()).parts
    return only


def total(part: Part, item: Item) -> float:
    return sum(count.count for count in part.counts if count.item is item)


def checks_of(*conditions: str) -> list[dict[str, object]]:
    """Return the configuration of the health checks that the template makes under these conditions."""
    return [
        each["Properties"]["HealthCheckConfig"]
        for each in load()["Resources"].values()
        if each["Type"] == "AWS::Route53::HealthCheck" and each["Condition"] in conditions
    ]


def features(check: dict[str, object]) -> int:
    """Count what AWS charges apart: HTTPS, string matching, and the interval of 10 s."""
    kind = str(check["Type"])
    return kind.startswith("HTTPS") + kind.endswith("STR_MATCH") + (check.get("RequestInterval") == 10)


@pytest.mark.parametrize(
    ("form", "conditions"),
    [
        (LatchForm.OBJECT, ("RecordsHaveObject", "DomainHasObject", "StandbyIsChecked")),
        (LatchForm.METRIC, ("RecordsHaveMetric", "DomainHasMetric", "StandbyIsChecked")),
    ],
)
def test_health_checks_and_their_features_are_those_of_the_template(
    form: LatchForm, conditions: tuple[str, ...]
) -> None:
    part, checks = latches(form, records=True, managed_login=True), checks_of(*conditions)

    assert len(checks) == 3
    assert total(part, Item.HEALTH_CHECKS) == len(checks)
    assert total(part, Item.HEALTH_CHECK_FEATURES) == sum(map(features, checks))


def test_a_second_latch_has_no_second_check_of_the_standby() -> None:
    one = latches(LatchForm.OBJECT, records=True, managed_login=False)
    both = latches(LatchForm.OBJECT, records=True, managed_login=True)

    assert total(both, Item.HEALTH_CHECKS) - total(one, Item.HEALTH_CHECKS) == 1
    assert total(both, Item.OBJECT_READS) == 2 * total(one, Item.OBJECT_READS)


def test_a_metric_latch_is_published_once_a_minute() -> None:
    part = latches(LatchForm.METRIC, records=True, managed_login=False)

    assert total(part, Item.CLOUDWATCH_CALLS) == 43_800


def test_without_a_domain_there_is_no_latch_to_pay_for() -> None:
    assert latches(LatchForm.OBJECT, records=False, managed_login=False).counts == ()


def test_three_observers_cost_three_times_one() -> None:
    one, three = (billed(observers(number, LOOKS, STACK, MACHINE)) for number in (1, 3))

    assert one.name == "1 observer"
    assert three.name == "3 observers"
    assert three.usd == pytest.approx(3 * one.usd)


def test_the_front_costs_its_web_acls_and_so_much_a_request() -> None:
    idle, busy = (billed(front(requests, MINUTE, STACK)) for requests in (0, 1_000_000))

    assert idle.usd_of(Item.WEB_ACLS, Item.WEB_ACL_RULES) == 14.0
    assert busy.usd_of(Item.GATEWAY_REQUESTS, Item.WEB_ACL_REQUESTS) == pytest.approx(
        idle.usd_of(Item.GATEWAY_REQUESTS, Item.WEB_ACL_REQUESTS) + 4.10
    )
