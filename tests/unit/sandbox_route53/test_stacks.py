"""Health checks in stacks."""

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


def build_resources(harness: Route53Harness, *, answers: bool = True) -> HealthCheckResources:
    return HealthCheckResources(
        route53=harness.route53, get_account=lambda: ACCOUNT, is_answering=lambda _operation: answers
    )


def create_check(harness: Route53Harness, tags: dict[str, str] | None = None, **change: Any) -> str:
    check_id, attributes = build_resources(harness).create("Check", build_properties(tags, **change), "stack")
    assert attributes == {"HealthCheckId": check_id}
    return check_id


def read_tags(harness: Route53Harness, check_id: str) -> dict[str, str]:
    listed = harness.client.list_tags_for_resource(ResourceType="healthcheck", ResourceId=check_id)["ResourceTagSet"]
    return {tag["Key"]: tag["Value"] for tag in listed.get("Tags", [])}


def test_texts_in_a_template_become_numbers_and_booleans(harness: Route53Harness) -> None:
    check = harness.client.get_health_check(HealthCheckId=create_check(harness))["HealthCheck"]
    assert check["HealthCheckConfig"]["RequestInterval"] == 10
    assert check["HealthCheckConfig"]["Inverted"] is True


def test_update_keeps_the_check(harness: Route53Harness) -> None:
    check_id = create_check(harness, {"Name": "latch", "Team": "one"})
    changed = build_properties({"Name": "other"}, FailureThreshold=2)
    assert (
        build_resources(harness).update(check_id, build_properties({"Name": "latch", "Team": "one"}), changed, "stack")[
            0
        ]
        == check_id
    )
    check = harness.client.get_health_check(HealthCheckId=check_id)["HealthCheck"]
    assert (check["HealthCheckVersion"], check["HealthCheckConfig"]["FailureThreshold"]) == (2, 2)
    assert read_tags(harness, check_id) == {"Name": "other"}


def test_removed_setting_is_reset(harness: Route53Harness) -> None:
    check_id = create_check(harness)
    changed = build_properties()
    del changed["HealthCheckConfig"]["ResourcePath"]
    build_resources(harness).update(check_id, build_properties(), changed, "stack")
    assert (
        "ResourcePath"
        not in harness.client.get_health_check(HealthCheckId=check_id)["HealthCheck"]["HealthCheckConfig"]
    )


@pytest.mark.parametrize(
    "change", [{"RequestInterval": 30}, {"Type": "HTTP_STR_MATCH"}, {"MeasureLatency": True}], ids=str
)
def test_create_only_property_change_replaces_check(harness: Route53Harness, change: dict[str, Any]) -> None:
    check_id = create_check(harness)
    other_id, attributes = build_resources(harness).update(
        check_id, build_properties(), build_properties(**change), "stack"
    )
    assert attributes == {"HealthCheckId": other_id}
    assert {check["Id"] for check in harness.client.list_health_checks()["HealthChecks"]} == {check_id, other_id}


def test_deletion_is_idempotent(harness: Route53Harness) -> None:
    check_id = create_check(harness)
    for _ in range(2):
        build_resources(harness).delete(check_id, build_properties())
    assert harness.client.list_health_checks()["HealthChecks"] == []


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
def test_route53_error_fails_stack_with_reason(harness: Route53Harness, change: dict[str, Any], says: str) -> None:
    with pytest.raises(HealthCheckResourceError, match=says):
        create_check(harness, **change)


def test_resource_is_not_created_while_api_does_not_answer(harness: Route53Harness) -> None:
    with pytest.raises(HealthCheckResourceError, match="does not answer CreateHealthCheck"):
        build_resources(harness, answers=False).create("Check", build_properties(), "stack")
    assert harness.client.list_health_checks()["HealthChecks"] == []
