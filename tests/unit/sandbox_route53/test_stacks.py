"""Health checks as resources of stacks."""

from typing import Any

import pytest

from sandbox.route53.cloudformation import HealthCheckResources, ResourceError
from sandbox.route53.in_process import ACCOUNT
from tests.unit.sandbox_route53.world import World

CONFIG = {
    "Type": "HTTPS_STR_MATCH",
    "FullyQualifiedDomainName": "latch.s3.us-east-1.amazonaws.com",
    "ResourcePath": "/records",
    "SearchString": "failed over",
    "RequestInterval": "10",
    "FailureThreshold": "1",
    "Inverted": "true",
}


def properties(tags: dict[str, str] | None = None, **change: Any) -> dict[str, Any]:
    listed = [{"Key": key, "Value": value} for key, value in (tags or {}).items()]
    return {"HealthCheckConfig": {**CONFIG, **change}, "HealthCheckTags": listed}


def resources(world: World, *, answers: bool = True) -> HealthCheckResources:
    return HealthCheckResources(route53=world.route53, account=lambda: ACCOUNT, answers=lambda _operation: answers)


def create(world: World, tags: dict[str, str] | None = None, **change: Any) -> str:
    check_id, attributes = resources(world).create("Check", properties(tags, **change), "stack")
    assert attributes == {"HealthCheckId": check_id}
    return check_id


def tags_of(world: World, check_id: str) -> dict[str, str]:
    listed = world.client.list_tags_for_resource(ResourceType="healthcheck", ResourceId=check_id)["ResourceTagSet"]
    return {tag["Key"]: tag["Value"] for tag in listed.get("Tags", [])}


def test_texts_in_a_template_become_numbers_and_booleans(world: World) -> None:
    check = world.client.get_health_check(HealthCheckId=create(world))["HealthCheck"]
    assert check["HealthCheckConfig"]["RequestInterval"] == 10
    assert check["HealthCheckConfig"]["Inverted"] is True


def test_an_update_keeps_the_check(world: World) -> None:
    check_id = create(world, {"Name": "latch", "Team": "one"})
    changed = properties({"Name": "other"}, FailureThreshold=2)
    assert (
        resources(world).update(check_id, properties({"Name": "latch", "Team": "one"}), changed, "stack")[0] == check_id
    )
    check = world.client.get_health_check(HealthCheckId=check_id)["HealthCheck"]
    assert (check["HealthCheckVersion"], check["HealthCheckConfig"]["FailureThreshold"]) == (2, 2)
    assert tags_of(world, check_id) == {"Name": "other"}


def test_a_setting_that_is_dropped_is_reset(world: World) -> None:
    check_id = create(world)
    changed = properties()
    del changed["HealthCheckConfig"]["ResourcePath"]
    resources(world).update(check_id, properties(), changed, "stack")
    assert (
        "ResourcePath" not in world.client.get_health_check(HealthCheckId=check_id)["HealthCheck"]["HealthCheckConfig"]
    )


@pytest.mark.parametrize(
    "change", [{"RequestInterval": 30}, {"Type": "HTTP_STR_MATCH"}, {"MeasureLatency": True}], ids=str
)
def test_what_can_not_be_changed_makes_another_check_and_leaves_the_old_one(
    world: World, change: dict[str, Any]
) -> None:
    check_id = create(world)
    other_id, attributes = resources(world).update(check_id, properties(), properties(**change), "stack")
    assert attributes == {"HealthCheckId": other_id}
    assert {check["Id"] for check in world.client.list_health_checks()["HealthChecks"]} == {check_id, other_id}


def test_a_deletion_can_be_repeated(world: World) -> None:
    check_id = create(world)
    for _ in range(2):
        resources(world).delete(check_id, properties())
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
def test_what_route53_refuses_the_stack_refuses_with_the_reason(
    world: World, change: dict[str, Any], says: str
) -> None:
    with pytest.raises(ResourceError, match=says):
        create(world, **change)


def test_nothing_is_made_while_the_api_does_not_answer(world: World) -> None:
    with pytest.raises(ResourceError, match="does not answer CreateHealthCheck"):
        resources(world, answers=False).create("Check", properties(), "stack")
    assert world.client.list_health_checks()["HealthChecks"] == []
