"""Health checks as resources of stacks."""

from typing import Any

import pytest

from sandbox.route53.cloudformation import HealthCheckResourceError, HealthCheckResources
from sandbox.route53.in_process import ACCOUNT
from tests.unit.sandbox_route53.harness import Route53Harness

CONFIG = {
    "Type": "HTTPS_STR_MATCH",
    "FullyQualifiedDomainName": "latch.s3.us-east-1.amazonaws.com",
    "ResourcePath": "/records",
    "SearchString": "failed over",
    "RequestInterval": "10",
    "FailureThreshold": "1",
    "Inverted": "true",
}


def build_properties(tags: dict[str, str] | None = None, **change: Any) -> dict[str, Any]:
    listed = [{"Key": key, "Value": value} for key, value in (tags or {}).items()]
    return {"HealthCheckConfig": {**CONFIG, **change}, "HealthCheckTags": listed}


def build_resources(world: Route53Harness, *, answers: bool = True) -> HealthCheckResources:
    return HealthCheckResources(
        route53=world.route53, get_account=lambda: ACCOUNT, is_answering=lambda _operation: answers
    )


def create_check(world: Route53Harness, tags: dict[str, str] | None = None, **change: Any) -> str:
    check_id, attributes = build_resources(world).create("Check", build_properties(tags, **change), "stack")
    assert attributes == {"HealthCheckId": check_id}
    return check_id


def read_tags(world: Route53Harness, check_id: str) -> dict[str, str]:
    listed = world.client.list_tags_for_resource(ResourceType="healthcheck", ResourceId=check_id)["ResourceTagSet"]
    return {tag["Key"]: tag["Value"] for tag in listed.get("Tags", [])}


def test_texts_in_a_template_become_numbers_and_booleans(world: Route53Harness) -> None:
    check = world.client.get_health_check(HealthCheckId=create_check(world))["HealthCheck"]
    assert check["HealthCheckConfig"]["RequestInterval"] == 10
    assert check["HealthCheckConfig"]["Inverted"] is True


def test_an_update_keeps_the_check(world: Route53Harness) -> None:
    check_id = create_check(world, {"Name": "latch", "Team": "one"})
    changed = build_properties({"Name": "other"}, FailureThreshold=2)
    assert (
        build_resources(world).update(check_id, build_properties({"Name": "latch", "Team": "one"}), changed, "stack")[0]
        == check_id
    )
    check = world.client.get_health_check(HealthCheckId=check_id)["HealthCheck"]
    assert (check["HealthCheckVersion"], check["HealthCheckConfig"]["FailureThreshold"]) == (2, 2)
    assert read_tags(world, check_id) == {"Name": "other"}


def test_a_setting_that_is_dropped_is_reset(world: Route53Harness) -> None:
    check_id = create_check(world)
    changed = build_properties()
    del changed["HealthCheckConfig"]["ResourcePath"]
    build_resources(world).update(check_id, build_properties(), changed, "stack")
    assert (
        "ResourcePath" not in world.client.get_health_check(HealthCheckId=check_id)["HealthCheck"]["HealthCheckConfig"]
    )


@pytest.mark.parametrize(
    "change", [{"RequestInterval": 30}, {"Type": "HTTP_STR_MATCH"}, {"MeasureLatency": True}], ids=str
)
def test_create_only_property_change_replaces_check(world: Route53Harness, change: dict[str, Any]) -> None:
    check_id = create_check(world)
    other_id, attributes = build_resources(world).update(
        check_id, build_properties(), build_properties(**change), "stack"
    )
    assert attributes == {"HealthCheckId": other_id}
    assert {check["Id"] for check in world.client.list_health_checks()["HealthChecks"]} == {check_id, other_id}


def test_a_deletion_can_be_repeated(world: Route53Harness) -> None:
    check_id = create_check(world)
    for _ in range(2):
        build_resources(world).delete(check_id, build_properties())
    assert world.client.list_health_checks()["HealthChecks"] == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"FailureThreshold": 11}, "less than or equal to 10"),
        ({"FailureThreshold": "often"}, "Integer"),
        ({"Name": "latch"}, "Name"),
        ({"Type": "HTTPS"}, "SearchString"),
    ],
    ids=str,
)
def test_route53_error_fails_stack_with_reason(world: Route53Harness, change: dict[str, Any], says: str) -> None:
    with pytest.raises(HealthCheckResourceError, match=says):
        create_check(world, **change)


def test_nothing_is_made_while_the_api_does_not_answer(world: Route53Harness) -> None:
    with pytest.raises(HealthCheckResourceError, match="does not answer CreateHealthCheck"):
        build_resources(world, answers=False).create("Check", build_properties(), "stack")
    assert world.client.list_health_checks()["HealthChecks"] == []
