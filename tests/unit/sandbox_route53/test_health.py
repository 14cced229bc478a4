"""What a health check counts as, from what its checkers find."""

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.checkers.places import CHECKERS, Checker
from sandbox.checkers.request import Finding
from tests.unit.sandbox_route53.world import World

if TYPE_CHECKING:
    from mypy_boto3_route53.type_defs import HealthCheckConfigTypeDef

ENDPOINT: "HealthCheckConfigTypeDef" = {"Type": "HTTPS", "FullyQualifiedDomainName": "a.example.net"}


def create(world: World, **config: Any) -> str:
    """Make a check of an endpoint, unless told otherwise; what one finding says counts."""
    whole: Any = config if "Type" in config else {**ENDPOINT, "FailureThreshold": 1, **config}
    reference = str(world.client.get_health_check_count()["HealthCheckCount"])
    return world.client.create_health_check(CallerReference=reference, HealthCheckConfig=whole)["HealthCheck"]["Id"]


def find(world: World, check_id: str, passed: bool, *checkers: Checker) -> None:
    """Have checkers, all unless told otherwise, find an endpoint healthy or not."""
    check = world.route53.health_checks.known(check_id)
    assert check is not None
    for checker in checkers or CHECKERS:
        finding = Finding(passed=passed, report="Success: so" if passed else "Failure: so", at=world.clock())
        world.route53.health.found(check, checker, finding)


def healthy(world: World, check_id: str) -> bool:
    return world.route53.healthy(check_id)


def test_a_new_check_is_healthy_until_there_is_data(world: World) -> None:
    check = create(world)
    assert healthy(world, check)
    find(world, check, False)
    assert not healthy(world, check)


def test_a_new_inverted_check_is_unhealthy_until_there_is_data(world: World) -> None:
    check = create(world, Inverted=True)
    assert not healthy(world, check)
    find(world, check, False)
    assert healthy(world, check)
    find(world, check, True)
    assert not healthy(world, check)


def test_more_than_eighteen_percent_of_the_checkers_have_to_find_it_healthy(world: World) -> None:
    check = create(world)
    find(world, check, False)
    find(world, check, True, *CHECKERS[:2])  # 2 of 16: 12.5 %
    assert not healthy(world, check)
    find(world, check, True, CHECKERS[2])  # 3 of 16: 18.75 %
    assert healthy(world, check)


def test_only_the_checkers_of_the_regions_it_names_count(world: World) -> None:
    check = create(world, Regions=["us-east-1", "us-west-1", "us-west-2"])
    few = [checker for checker in CHECKERS if checker.region.startswith("us-")]
    assert len(few) == 6
    find(world, check, False, *few)
    assert not healthy(world, check)
    find(world, check, True, few[0])  # 1 of 6: 16.7 %
    assert not healthy(world, check)
    find(world, check, True, few[1])
    assert healthy(world, check)


def test_as_many_findings_in_a_row_as_the_threshold_says_change_it_in_both_directions(world: World) -> None:
    check = create(world, FailureThreshold=3)
    for passed in (False, False, True, False, False):
        find(world, check, passed)
    assert healthy(world, check)
    find(world, check, False)
    assert not healthy(world, check)
    for passed in (True, True, False, True, True):
        find(world, check, passed)
    assert not healthy(world, check)
    find(world, check, True)
    assert healthy(world, check)


def test_a_checker_that_does_not_report_is_not_counted(world: World) -> None:
    check = create(world)
    find(world, check, False)
    find(world, check, True, *CHECKERS[:2])
    assert not healthy(world, check)  # 2 of 16: 12.5 %
    world.route53.health.reports = lambda checker: checker not in CHECKERS[-6:]
    assert healthy(world, check)  # 2 of 10


def test_a_checker_that_was_silent_counts_again_with_what_it_finds_then(world: World) -> None:
    check = create(world, FailureThreshold=3)
    world.route53.health.reports = lambda checker: checker not in CHECKERS[:4]
    for _ in range(3):
        find(world, check, False, *CHECKERS[4:])
    assert not healthy(world, check)
    world.route53.health.reports = lambda _checker: True
    assert not healthy(world, check)  # four once held it to be healthy
    find(world, check, False, *CHECKERS[:4])
    assert not healthy(world, check)


def test_one_finding_of_a_checker_that_was_silent_is_enough(world: World) -> None:
    check = create(world, FailureThreshold=3)
    for _ in range(3):
        find(world, check, False)
    world.route53.health.reports = lambda checker: checker not in CHECKERS[:3]
    assert not healthy(world, check)
    world.route53.health.reports = lambda _checker: True
    find(world, check, True, *CHECKERS[:2])
    assert not healthy(world, check)  # 2 of 15
    find(world, check, True, CHECKERS[2])
    assert healthy(world, check)  # 3 of 16


def test_while_less_than_half_of_the_checkers_report_the_last_status_stays(world: World) -> None:
    check = create(world)
    find(world, check, False)
    world.route53.health.reports = lambda checker: checker in CHECKERS[:7]
    find(world, check, True, *CHECKERS[:7])
    assert not healthy(world, check)
    world.route53.health.reports = lambda checker: checker in CHECKERS[:8]
    find(world, check, True, CHECKERS[7])
    assert healthy(world, check)


def test_a_disabled_check_is_healthy_and_a_disabled_inverted_one_is_not(world: World) -> None:
    check = create(world)
    find(world, check, False)
    world.client.update_health_check(HealthCheckId=check, Disabled=True)
    assert healthy(world, check)
    world.client.update_health_check(HealthCheckId=check, Inverted=True)
    assert not healthy(world, check)


def test_inverting_a_check_turns_it_at_once(world: World) -> None:
    check = create(world)
    find(world, check, True)
    world.client.update_health_check(HealthCheckId=check, Inverted=True)
    assert not healthy(world, check)


def test_a_deleted_check_keeps_the_status_it_had(world: World) -> None:
    check = create(world)
    find(world, check, False)
    world.client.delete_health_check(HealthCheckId=check)
    world.clock.now += 3600
    assert not healthy(world, check)


def test_a_calculated_check_counts_its_healthy_children(world: World) -> None:
    children = [create(world), create(world), create(world, Inverted=True)]
    parent = create(world, Type="CALCULATED", HealthThreshold=2, ChildHealthChecks=children)
    for child in children:
        find(world, child, True)
    assert healthy(world, parent)  # two; the inverted one is not
    find(world, children[0], False)
    assert not healthy(world, parent)
    find(world, children[2], False)
    assert healthy(world, parent)


@pytest.mark.parametrize(("threshold", "status"), [(0, True), (2, False)])
def test_a_threshold_of_none_or_of_more_than_there_are_decides_alone(
    world: World, threshold: int, status: bool
) -> None:
    child = create(world)
    parent = create(world, Type="CALCULATED", HealthThreshold=threshold, ChildHealthChecks=[child])
    for passed in (True, False):
        find(world, child, passed)
        assert healthy(world, parent) is status


def test_a_deleted_child_counts_as_what_it_was(world: World) -> None:
    child = create(world)
    find(world, child, False)
    parent = create(world, Type="CALCULATED", HealthThreshold=1, ChildHealthChecks=[child])
    world.client.delete_health_check(HealthCheckId=child)
    assert not healthy(world, parent)


def test_name_servers_learn_of_a_status_after_the_propagation_and_of_none_in_between(world: World) -> None:
    world.route53.health.propagation_seconds = 20
    check = create(world)
    find(world, check, False)
    world.clock.now += 5
    find(world, check, True)
    world.clock.now += 14
    assert healthy(world, check)
    world.clock.now += 1  # 20 s after the failure
    assert not healthy(world, check)
    world.clock.now += 5  # 20 s after the recovery
    assert healthy(world, check)


def test_a_status_is_what_the_last_finding_of_each_checker_says(world: World) -> None:
    check = create(world)
    assert world.client.get_health_check_status(HealthCheckId=check)["HealthCheckObservations"] == []
    find(world, check, False)
    world.clock.now += 10
    find(world, check, True, CHECKERS[0])
    shown = world.client.get_health_check_status(HealthCheckId=check)["HealthCheckObservations"]
    assert len(shown) == len(CHECKERS)
    assert [one["StatusReport"]["Status"] for one in shown[:2]] == ["Success: so", "Failure: so"]
    assert shown[0]["StatusReport"]["CheckedTime"].timestamp() == world.clock.now
    assert (shown[0]["Region"], shown[0]["IPAddress"]) == (CHECKERS[0].region, CHECKERS[0].address)
    failures = world.client.get_health_check_last_failure_reason(HealthCheckId=check)["HealthCheckObservations"]
    assert {one["StatusReport"]["Status"] for one in failures} == {"Failure: so"}
    assert failures[0]["StatusReport"]["CheckedTime"].timestamp() == world.clock.now - 10


@pytest.mark.parametrize("method", ["get_health_check_status", "get_health_check_last_failure_reason"])
def test_no_status_is_shown_of_a_calculated_check_or_of_none(world: World, method: str) -> None:
    parent = create(world, Type="CALCULATED", HealthThreshold=0, ChildHealthChecks=[create(world)])
    with world.refusal("InvalidInput", "calculated"):
        getattr(world.client, method)(HealthCheckId=parent)
    with world.refusal("NoSuchHealthCheck", "no-such-check"):
        getattr(world.client, method)(HealthCheckId="no-such-check")
