"""The status of a health check from its checkers' results."""

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.health_checkers.endpoint_check import HealthCheckResult
from sandbox.health_checkers.locations import CHECKERS, Checker
from tests.unit.sandbox_route53.harness import Route53Harness

if TYPE_CHECKING:
    from mypy_boto3_route53.type_defs import HealthCheckConfigTypeDef

ENDPOINT: "HealthCheckConfigTypeDef" = {"Type": "HTTPS", "FullyQualifiedDomainName": "a.example.net"}


def create_check(harness: Route53Harness, **config: Any) -> str:
    """Create a check, by default of an endpoint, with threshold 1."""
    whole: Any = config if "Type" in config else {**ENDPOINT, "FailureThreshold": 1, **config}
    reference = str(harness.client.get_health_check_count()["HealthCheckCount"])
    return harness.client.create_health_check(CallerReference=reference, HealthCheckConfig=whole)["HealthCheck"]["Id"]


def record_results(harness: Route53Harness, check_id: str, passed: bool, *checkers: Checker) -> None:
    """Record one result of checkers, by default of all."""
    check = harness.route53.health_checks.find_any(check_id)
    assert check is not None
    for checker in checkers or CHECKERS:
        finding = HealthCheckResult(
            passed=passed, report="Success: so" if passed else "Failure: so", checked_at=harness.clock()
        )
        harness.route53.health_statuses.record_result(check, checker, finding)


def is_healthy(harness: Route53Harness, check_id: str) -> bool:
    return harness.route53.is_healthy(check_id)


def test_new_check_is_healthy_until_there_is_data(harness: Route53Harness) -> None:
    check = create_check(harness)
    assert is_healthy(harness, check)
    record_results(harness, check, False)
    assert not is_healthy(harness, check)


def test_new_inverted_check_is_unhealthy_until_there_is_data(harness: Route53Harness) -> None:
    check = create_check(harness, Inverted=True)
    assert not is_healthy(harness, check)
    record_results(harness, check, False)
    assert is_healthy(harness, check)
    record_results(harness, check, True)
    assert not is_healthy(harness, check)


def test_more_than_18_percent_of_checkers_must_pass(harness: Route53Harness) -> None:
    check = create_check(harness)
    record_results(harness, check, False)
    record_results(harness, check, True, *CHECKERS[:2])  # 2 of 16: 12.5 %
    assert not is_healthy(harness, check)
    record_results(harness, check, True, CHECKERS[2])  # 3 of 16: 18.75 %
    assert is_healthy(harness, check)


def test_only_checkers_of_named_regions_count(harness: Route53Harness) -> None:
    check = create_check(harness, Regions=["us-east-1", "us-west-1", "us-west-2"])
    few = [checker for checker in CHECKERS if checker.region.startswith("us-")]
    assert len(few) == 6
    record_results(harness, check, False, *few)
    assert not is_healthy(harness, check)
    record_results(harness, check, True, few[0])  # 1 of 6: 16.7 %
    assert not is_healthy(harness, check)
    record_results(harness, check, True, few[1])
    assert is_healthy(harness, check)


def test_threshold_consecutive_results_change_status_in_both_directions(harness: Route53Harness) -> None:
    check = create_check(harness, FailureThreshold=3)
    for passed in (False, False, True, False, False):
        record_results(harness, check, passed)
    assert is_healthy(harness, check)
    record_results(harness, check, False)
    assert not is_healthy(harness, check)
    for passed in (True, True, False, True, True):
        record_results(harness, check, passed)
    assert not is_healthy(harness, check)
    record_results(harness, check, True)
    assert is_healthy(harness, check)


def test_checker_that_does_not_report_is_not_counted(harness: Route53Harness) -> None:
    check = create_check(harness)
    record_results(harness, check, False)
    record_results(harness, check, True, *CHECKERS[:2])
    assert not is_healthy(harness, check)  # 2 of 16: 12.5 %
    harness.route53.health_statuses.is_reporting = lambda checker: checker not in CHECKERS[-6:]
    assert is_healthy(harness, check)  # 2 of 10


def test_silent_checker_counts_again_with_its_next_result(harness: Route53Harness) -> None:
    check = create_check(harness, FailureThreshold=3)
    harness.route53.health_statuses.is_reporting = lambda checker: checker not in CHECKERS[:4]
    for _ in range(3):
        record_results(harness, check, False, *CHECKERS[4:])
    assert not is_healthy(harness, check)
    harness.route53.health_statuses.is_reporting = lambda _checker: True
    assert not is_healthy(harness, check)  # four had reported it as healthy
    record_results(harness, check, False, *CHECKERS[:4])
    assert not is_healthy(harness, check)


def test_single_result_of_silent_checker_is_enough(harness: Route53Harness) -> None:
    check = create_check(harness, FailureThreshold=3)
    for _ in range(3):
        record_results(harness, check, False)
    harness.route53.health_statuses.is_reporting = lambda checker: checker not in CHECKERS[:3]
    assert not is_healthy(harness, check)
    harness.route53.health_statuses.is_reporting = lambda _checker: True
    record_results(harness, check, True, *CHECKERS[:2])
    assert not is_healthy(harness, check)  # 2 of 15
    record_results(harness, check, True, CHECKERS[2])
    assert is_healthy(harness, check)  # 3 of 16


def test_status_stays_while_less_than_half_of_checkers_report(harness: Route53Harness) -> None:
    check = create_check(harness)
    record_results(harness, check, False)
    harness.route53.health_statuses.is_reporting = lambda checker: checker in CHECKERS[:7]
    record_results(harness, check, True, *CHECKERS[:7])
    assert not is_healthy(harness, check)
    harness.route53.health_statuses.is_reporting = lambda checker: checker in CHECKERS[:8]
    record_results(harness, check, True, CHECKERS[7])
    assert is_healthy(harness, check)


def test_disabled_check_is_healthy_and_disabled_inverted_is_unhealthy(harness: Route53Harness) -> None:
    check = create_check(harness)
    record_results(harness, check, False)
    harness.client.update_health_check(HealthCheckId=check, Disabled=True)
    assert is_healthy(harness, check)
    harness.client.update_health_check(HealthCheckId=check, Inverted=True)
    assert not is_healthy(harness, check)


def test_inverting_check_changes_status_immediately(harness: Route53Harness) -> None:
    check = create_check(harness)
    record_results(harness, check, True)
    harness.client.update_health_check(HealthCheckId=check, Inverted=True)
    assert not is_healthy(harness, check)


@pytest.mark.parametrize("config", [{}, {"Inverted": True}, {"Disabled": True, "Inverted": True}])
def test_deleted_check_counts_as_healthy_after_propagation(harness: Route53Harness, config: dict[str, bool]) -> None:
    harness.route53.health_statuses.propagation_seconds = 20
    check = create_check(harness, **config)
    record_results(harness, check, bool(config))
    harness.clock.now += 20
    assert not is_healthy(harness, check)
    harness.client.delete_health_check(HealthCheckId=check)
    assert not is_healthy(harness, check)
    harness.clock.now += 20
    assert is_healthy(harness, check)


def test_calculated_check_counts_its_healthy_children(harness: Route53Harness) -> None:
    children = [create_check(harness), create_check(harness), create_check(harness, Inverted=True)]
    parent = create_check(harness, Type="CALCULATED", HealthThreshold=2, ChildHealthChecks=children)
    for child in children:
        record_results(harness, child, True)
    assert is_healthy(harness, parent)  # two; the inverted one is not
    record_results(harness, children[0], False)
    assert not is_healthy(harness, parent)
    record_results(harness, children[2], False)
    assert is_healthy(harness, parent)


@pytest.mark.parametrize(("threshold", "status"), [(0, True), (2, False)])
def test_threshold_of_zero_is_healthy_and_above_children_is_unhealthy(
    harness: Route53Harness, threshold: int, status: bool
) -> None:
    child = create_check(harness)
    parent = create_check(harness, Type="CALCULATED", HealthThreshold=threshold, ChildHealthChecks=[child])
    for passed in (True, False):
        record_results(harness, child, passed)
        assert is_healthy(harness, parent) is status


def test_deleted_child_counts_as_healthy(harness: Route53Harness) -> None:
    child = create_check(harness)
    record_results(harness, child, False)
    parent = create_check(harness, Type="CALCULATED", HealthThreshold=1, ChildHealthChecks=[child])
    assert not is_healthy(harness, parent)
    harness.client.delete_health_check(HealthCheckId=child)
    assert is_healthy(harness, parent)


def test_name_servers_see_status_only_after_propagation(harness: Route53Harness) -> None:
    harness.route53.health_statuses.propagation_seconds = 20
    check = create_check(harness)
    record_results(harness, check, False)
    harness.clock.now += 5
    record_results(harness, check, True)
    harness.clock.now += 14
    assert is_healthy(harness, check)
    harness.clock.now += 1  # 20 s after the failure
    assert not is_healthy(harness, check)
    harness.clock.now += 5  # 20 s after the recovery
    assert is_healthy(harness, check)


def test_health_check_status_lists_last_result_of_each_checker(harness: Route53Harness) -> None:
    check = create_check(harness)
    assert harness.client.get_health_check_status(HealthCheckId=check)["HealthCheckObservations"] == []
    record_results(harness, check, False)
    harness.clock.now += 10
    record_results(harness, check, True, CHECKERS[0])
    observations = harness.client.get_health_check_status(HealthCheckId=check)["HealthCheckObservations"]
    assert len(observations) == len(CHECKERS)
    assert [observation["StatusReport"]["Status"] for observation in observations[:2]] == ["Success: so", "Failure: so"]
    assert observations[0]["StatusReport"]["CheckedTime"].timestamp() == harness.clock.now
    assert (observations[0]["Region"], observations[0]["IPAddress"]) == (CHECKERS[0].region, CHECKERS[0].address)
    failures = harness.client.get_health_check_last_failure_reason(HealthCheckId=check)["HealthCheckObservations"]
    assert {observation["StatusReport"]["Status"] for observation in failures} == {"Failure: so"}
    assert failures[0]["StatusReport"]["CheckedTime"].timestamp() == harness.clock.now - 10


@pytest.mark.parametrize("method", ["get_health_check_status", "get_health_check_last_failure_reason"])
def test_status_of_calculated_or_unknown_check_is_rejected(harness: Route53Harness, method: str) -> None:
    parent = create_check(harness, Type="CALCULATED", HealthThreshold=0, ChildHealthChecks=[create_check(harness)])
    with harness.expect_error("InvalidInput", "calculated"):
        getattr(harness.client, method)(HealthCheckId=parent)
    with harness.expect_error("NoSuchHealthCheck", "no-such-check"):
        getattr(harness.client, method)(HealthCheckId="no-such-check")
