"""What a health check counts as, from what its checkers find."""

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.health_checkers.endpoint_check import HealthCheckResult
from sandbox.health_checkers.locations import CHECKERS, Checker
from tests.unit.sandbox_route53.harness import Route53Harness

if TYPE_CHECKING:
    from mypy_boto3_route53.type_defs import HealthCheckConfigTypeDef

ENDPOINT: "HealthCheckConfigTypeDef" = {"Type": "HTTPS", "FullyQualifiedDomainName": "a.example.net"}


def create_check(world: Route53Harness, **config: Any) -> str:
    """Make a check of an endpoint, unless told otherwise; what one finding says counts."""
    whole: Any = config if "Type" in config else {**ENDPOINT, "FailureThreshold": 1, **config}
    reference = str(world.client.get_health_check_count()["HealthCheckCount"])
    return world.client.create_health_check(CallerReference=reference, HealthCheckConfig=whole)["HealthCheck"]["Id"]


def record_results(world: Route53Harness, check_id: str, passed: bool, *checkers: Checker) -> None:
    """Have checkers, all unless told otherwise, find an endpoint healthy or not."""
    check = world.route53.health_checks.find_any(check_id)
    assert check is not None
    for checker in checkers or CHECKERS:
        finding = HealthCheckResult(
            passed=passed, report="Success: so" if passed else "Failure: so", checked_at=world.clock()
        )
        world.route53.health_statuses.record_result(check, checker, finding)


def is_healthy(world: Route53Harness, check_id: str) -> bool:
    return world.route53.is_healthy(check_id)


def test_a_new_check_is_healthy_until_there_is_data(world: Route53Harness) -> None:
    check = create_check(world)
    assert is_healthy(world, check)
    record_results(world, check, False)
    assert not is_healthy(world, check)


def test_a_new_inverted_check_is_unhealthy_until_there_is_data(world: Route53Harness) -> None:
    check = create_check(world, Inverted=True)
    assert not is_healthy(world, check)
    record_results(world, check, False)
    assert is_healthy(world, check)
    record_results(world, check, True)
    assert not is_healthy(world, check)


def test_more_than_18_percent_of_checkers_must_pass(world: Route53Harness) -> None:
    check = create_check(world)
    record_results(world, check, False)
    record_results(world, check, True, *CHECKERS[:2])  # 2 of 16: 12.5 %
    assert not is_healthy(world, check)
    record_results(world, check, True, CHECKERS[2])  # 3 of 16: 18.75 %
    assert is_healthy(world, check)


def test_only_the_checkers_of_the_regions_it_names_count(world: Route53Harness) -> None:
    check = create_check(world, Regions=["us-east-1", "us-west-1", "us-west-2"])
    few = [checker for checker in CHECKERS if checker.region.startswith("us-")]
    assert len(few) == 6
    record_results(world, check, False, *few)
    assert not is_healthy(world, check)
    record_results(world, check, True, few[0])  # 1 of 6: 16.7 %
    assert not is_healthy(world, check)
    record_results(world, check, True, few[1])
    assert is_healthy(world, check)


def test_threshold_consecutive_results_change_status_in_both_directions(world: Route53Harness) -> None:
    check = create_check(world, FailureThreshold=3)
    for passed in (False, False, True, False, False):
        record_results(world, check, passed)
    assert is_healthy(world, check)
    record_results(world, check, False)
    assert not is_healthy(world, check)
    for passed in (True, True, False, True, True):
        record_results(world, check, passed)
    assert not is_healthy(world, check)
    record_results(world, check, True)
    assert is_healthy(world, check)


def test_a_checker_that_does_not_report_is_not_counted(world: Route53Harness) -> None:
    check = create_check(world)
    record_results(world, check, False)
    record_results(world, check, True, *CHECKERS[:2])
    assert not is_healthy(world, check)  # 2 of 16: 12.5 %
    world.route53.health_statuses.is_reporting = lambda checker: checker not in CHECKERS[-6:]
    assert is_healthy(world, check)  # 2 of 10


def test_silent_checker_counts_again_with_its_next_result(world: Route53Harness) -> None:
    check = create_check(world, FailureThreshold=3)
    world.route53.health_statuses.is_reporting = lambda checker: checker not in CHECKERS[:4]
    for _ in range(3):
        record_results(world, check, False, *CHECKERS[4:])
    assert not is_healthy(world, check)
    world.route53.health_statuses.is_reporting = lambda _checker: True
    assert not is_healthy(world, check)  # four once held it to be healthy
    record_results(world, check, False, *CHECKERS[:4])
    assert not is_healthy(world, check)


def test_single_result_of_silent_checker_is_enough(world: Route53Harness) -> None:
    check = create_check(world, FailureThreshold=3)
    for _ in range(3):
        record_results(world, check, False)
    world.route53.health_statuses.is_reporting = lambda checker: checker not in CHECKERS[:3]
    assert not is_healthy(world, check)
    world.route53.health_statuses.is_reporting = lambda _checker: True
    record_results(world, check, True, *CHECKERS[:2])
    assert not is_healthy(world, check)  # 2 of 15
    record_results(world, check, True, CHECKERS[2])
    assert is_healthy(world, check)  # 3 of 16


def test_status_stays_while_less_than_half_of_checkers_report(world: Route53Harness) -> None:
    check = create_check(world)
    record_results(world, check, False)
    world.route53.health_statuses.is_reporting = lambda checker: checker in CHECKERS[:7]
    record_results(world, check, True, *CHECKERS[:7])
    assert not is_healthy(world, check)
    world.route53.health_statuses.is_reporting = lambda checker: checker in CHECKERS[:8]
    record_results(world, check, True, CHECKERS[7])
    assert is_healthy(world, check)


def test_disabled_check_is_healthy_and_disabled_inverted_is_unhealthy(world: Route53Harness) -> None:
    check = create_check(world)
    record_results(world, check, False)
    world.client.update_health_check(HealthCheckId=check, Disabled=True)
    assert is_healthy(world, check)
    world.client.update_health_check(HealthCheckId=check, Inverted=True)
    assert not is_healthy(world, check)


def test_inverting_check_changes_status_immediately(world: Route53Harness) -> None:
    check = create_check(world)
    record_results(world, check, True)
    world.client.update_health_check(HealthCheckId=check, Inverted=True)
    assert not is_healthy(world, check)


def test_a_deleted_check_keeps_the_status_it_had(world: Route53Harness) -> None:
    check = create_check(world)
    record_results(world, check, False)
    world.client.delete_health_check(HealthCheckId=check)
    world.clock.now += 3600
    assert not is_healthy(world, check)


def test_a_calculated_check_counts_its_healthy_children(world: Route53Harness) -> None:
    children = [create_check(world), create_check(world), create_check(world, Inverted=True)]
    parent = create_check(world, Type="CALCULATED", HealthThreshold=2, ChildHealthChecks=children)
    for child in children:
        record_results(world, child, True)
    assert is_healthy(world, parent)  # two; the inverted one is not
    record_results(world, children[0], False)
    assert not is_healthy(world, parent)
    record_results(world, children[2], False)
    assert is_healthy(world, parent)


@pytest.mark.parametrize(("threshold", "status"), [(0, True), (2, False)])
def test_a_threshold_of_none_or_of_more_than_there_are_decides_alone(
    world: Route53Harness, threshold: int, status: bool
) -> None:
    child = create_check(world)
    parent = create_check(world, Type="CALCULATED", HealthThreshold=threshold, ChildHealthChecks=[child])
    for passed in (True, False):
        record_results(world, child, passed)
        assert is_healthy(world, parent) is status


def test_deleted_child_keeps_its_last_status(world: Route53Harness) -> None:
    child = create_check(world)
    record_results(world, child, False)
    parent = create_check(world, Type="CALCULATED", HealthThreshold=1, ChildHealthChecks=[child])
    world.client.delete_health_check(HealthCheckId=child)
    assert not is_healthy(world, parent)


def test_name_servers_see_status_only_after_propagation(world: Route53Harness) -> None:
    world.route53.health_statuses.propagation_seconds = 20
    check = create_check(world)
    record_results(world, check, False)
    world.clock.now += 5
    record_results(world, check, True)
    world.clock.now += 14
    assert is_healthy(world, check)
    world.clock.now += 1  # 20 s after the failure
    assert not is_healthy(world, check)
    world.clock.now += 5  # 20 s after the recovery
    assert is_healthy(world, check)


def test_health_check_status_lists_last_result_of_each_checker(world: Route53Harness) -> None:
    check = create_check(world)
    assert world.client.get_health_check_status(HealthCheckId=check)["HealthCheckObservations"] == []
    record_results(world, check, False)
    world.clock.now += 10
    record_results(world, check, True, CHECKERS[0])
    shown = world.client.get_health_check_status(HealthCheckId=check)["HealthCheckObservations"]
    assert len(shown) == len(CHECKERS)
    assert [one["StatusReport"]["Status"] for one in shown[:2]] == ["Success: so", "Failure: so"]
    assert shown[0]["StatusReport"]["CheckedTime"].timestamp() == world.clock.now
    assert (shown[0]["Region"], shown[0]["IPAddress"]) == (CHECKERS[0].region, CHECKERS[0].address)
    failures = world.client.get_health_check_last_failure_reason(HealthCheckId=check)["HealthCheckObservations"]
    assert {one["StatusReport"]["Status"] for one in failures} == {"Failure: so"}
    assert failures[0]["StatusReport"]["CheckedTime"].timestamp() == world.clock.now - 10


@pytest.mark.parametrize("method", ["get_health_check_status", "get_health_check_last_failure_reason"])
def test_status_of_calculated_or_unknown_check_is_rejected(world: Route53Harness, method: str) -> None:
    parent = create_check(world, Type="CALCULATED", HealthThreshold=0, ChildHealthChecks=[create_check(world)])
    with world.expect_error("InvalidInput", "calculated"):
        getattr(world.client, method)(HealthCheckId=parent)
    with world.expect_error("NoSuchHealthCheck", "no-such-check"):
        getattr(world.client, method)(HealthCheckId="no-such-check")
