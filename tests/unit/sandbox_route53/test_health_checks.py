"""Health checks as objects of the API."""

from typing import TYPE_CHECKING

import pytest

from tests.unit.sandbox_route53.harness import Route53Harness

if TYPE_CHECKING:
    from mypy_boto3_route53.type_defs import AlarmIdentifierTypeDef, HealthCheckConfigTypeDef

LATCH: "HealthCheckConfigTypeDef" = {
    "Type": "HTTPS_STR_MATCH",
    "FullyQualifiedDomainName": "latch.s3.us-east-1.amazonaws.com",
    "ResourcePath": "/active",
    "SearchString": "active",
    "RequestInterval": 10,
    "FailureThreshold": 1,
    "Inverted": True,
}

ALARM: "AlarmIdentifierTypeDef" = {"Region": "us-east-1", "Name": "sick"}


def create_check(world: Route53Harness, reference: str = "one") -> str:
    return world.client.create_health_check(CallerReference=reference, HealthCheckConfig=LATCH)["HealthCheck"]["Id"]


def test_booleans_come_back_as_booleans(world: Route53Harness) -> None:
    config = world.client.get_health_check(HealthCheckId=create_check(world))["HealthCheck"]["HealthCheckConfig"]
    assert config["Inverted"] is True
    assert config["Disabled"] is False
    assert config["EnableSNI"] is True
    assert config["Port"] == 443


def test_an_update_is_a_compare_and_set_on_the_version(world: Route53Harness) -> None:
    check_id = create_check(world)
    updated = world.client.update_health_check(HealthCheckId=check_id, HealthCheckVersion=1, Inverted=False)
    assert updated["HealthCheck"]["HealthCheckVersion"] == 2
    assert updated["HealthCheck"]["HealthCheckConfig"]["Inverted"] is False
    assert updated["HealthCheck"]["HealthCheckConfig"]["ResourcePath"] == "/active"
    with world.expect_error("HealthCheckVersionMismatch", "version 2", "not at 1"):
        world.client.update_health_check(HealthCheckId=check_id, HealthCheckVersion=1, Disabled=True)


def test_an_element_can_be_reset(world: Route53Harness) -> None:
    check_id = create_check(world)
    world.client.update_health_check(HealthCheckId=check_id, ResetElements=["ResourcePath"])
    config = world.client.get_health_check(HealthCheckId=check_id)["HealthCheck"]["HealthCheckConfig"]
    assert "ResourcePath" not in config


def test_the_same_reference_and_settings_give_the_same_check(world: Route53Harness) -> None:
    assert create_check(world) == create_check(world)
    with world.expect_error("HealthCheckAlreadyExists"):
        world.client.create_health_check(CallerReference="one", HealthCheckConfig={**LATCH, "Inverted": False})


def test_the_reference_of_a_deleted_check_is_spent(world: Route53Harness) -> None:
    world.client.delete_health_check(HealthCheckId=create_check(world))
    with world.expect_error("HealthCheckAlreadyExists"):
        create_check(world)


def test_a_deleted_check_is_gone(world: Route53Harness) -> None:
    check_id = create_check(world)
    world.client.delete_health_check(HealthCheckId=check_id)
    with world.expect_error("NoSuchHealthCheck", check_id):
        world.client.get_health_check(HealthCheckId=check_id)


def test_checks_are_listed_in_pages(world: Route53Harness) -> None:
    created = [create_check(world, str(number)) for number in range(3)]
    pages = world.client.get_paginator("list_health_checks").paginate(PaginationConfig={"PageSize": 2})
    assert [check["Id"] for page in pages for check in page["HealthChecks"]] == created
    assert world.client.get_health_check_count()["HealthCheckCount"] == 3


@pytest.mark.parametrize(
    ("config", "word"),
    [
        ({"Type": "HTTPS"}, "FullyQualifiedDomainName"),
        ({"Type": "HTTPS", "IPAddress": "10.0.0.1"}, "private"),
        ({"Type": "HTTPS", "FullyQualifiedDomainName": "a..example.net"}, "FullyQualifiedDomainName"),
        ({"Type": "HTTPS", "FullyQualifiedDomainName": ".example.net"}, "FullyQualifiedDomainName"),
        ({"Type": "HTTPS", "FullyQualifiedDomainName": "a" * 64}, "FullyQualifiedDomainName"),
        ({"Type": "TCP", "FullyQualifiedDomainName": "a.example.net"}, "Port"),
        ({**LATCH, "RequestInterval": 20}, "10 or 30"),
        ({**LATCH, "FailureThreshold": 11}, "less than or equal to 10"),
        ({**LATCH, "Type": "HTTPS"}, "SearchString"),
        ({"Type": "HTTPS_STR_MATCH", "FullyQualifiedDomainName": "a.example.net"}, "SearchString"),
        ({"Type": "CALCULATED"}, "HealthThreshold"),
        ({"Type": "CALCULATED", "HealthThreshold": 1, "ChildHealthChecks": ["unknown"]}, "unknown"),
        ({"Type": "CLOUDWATCH_METRIC"}, "AlarmIdentifier"),
        ({"Type": "PING"}, "enum"),
        ({**LATCH, "Regions": ["us-east-1", "us-west-1"]}, "greater than or equal to 3"),
        ({**LATCH, "Regions": ["us-east-1", "us-west-1", "eu-central-1"]}, "enum"),
        ({**LATCH, "HealthThreshold": 1}, "HealthThreshold"),
        ({"Type": "CALCULATED", "HealthThreshold": 1, "RequestInterval": 10}, "RequestInterval"),
        ({"Type": "TCP", "FullyQualifiedDomainName": "a.example.net", "Port": 1, "AlarmIdentifier": ALARM}, "Alarm"),
        ({"Type": "CLOUDWATCH_METRIC", "AlarmIdentifier": ALARM}, "no metric alarm sick"),
    ],
    ids=str,
)
def test_invalid_check_is_rejected(world: Route53Harness, config: "HealthCheckConfigTypeDef", word: str) -> None:
    with world.expect_error("InvalidInput", word):
        world.client.create_health_check(CallerReference="one", HealthCheckConfig=config)


def test_a_calculated_check_can_not_be_monitored_by_another(world: Route53Harness) -> None:
    parent = world.client.create_health_check(
        CallerReference="parent",
        HealthCheckConfig={"Type": "CALCULATED", "HealthThreshold": 1, "ChildHealthChecks": [create_check(world)]},
    )["HealthCheck"]["Id"]
    with world.expect_error("InvalidInput", "calculated", parent):
        world.client.create_health_check(
            CallerReference="grandparent",
            HealthCheckConfig={"Type": "CALCULATED", "HealthThreshold": 1, "ChildHealthChecks": [parent]},
        )


def test_an_address_can_be_changed_but_neither_added_nor_removed(world: Route53Harness) -> None:
    named = create_check(world)
    with world.expect_error("InvalidInput", "IPAddress"):
        world.client.update_health_check(HealthCheckId=named, IPAddress="8.8.8.8")
    addressed = world.client.create_health_check(
        CallerReference="two", HealthCheckConfig={"Type": "TCP", "IPAddress": "8.8.8.8", "Port": 53}
    )["HealthCheck"]["Id"]
    updated = world.client.update_health_check(HealthCheckId=addressed, IPAddress="8.8.4.4")
    assert updated["HealthCheck"]["HealthCheckConfig"]["IPAddress"] == "8.8.4.4"


def test_a_refused_update_changes_nothing(world: Route53Harness) -> None:
    check_id = create_check(world)
    before = world.client.get_health_check(HealthCheckId=check_id)["HealthCheck"]
    with world.expect_error("InvalidInput", "failureThreshold", "less than or equal to 10"):
        world.client.update_health_check(HealthCheckId=check_id, FailureThreshold=11)
    assert world.client.get_health_check(HealthCheckId=check_id)["HealthCheck"] == before


def test_there_is_a_limit_to_the_checks_of_an_account(world: Route53Harness) -> None:
    for number in range(200):
        create_check(world, str(number))
    with world.expect_error("TooManyHealthChecks", "200"):
        create_check(world, "one too many")
    world.client.delete_health_check(HealthCheckId=world.client.list_health_checks()["HealthChecks"][0]["Id"])
    assert create_check(world, "again")
