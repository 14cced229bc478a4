"""The configuration of health checks through the API."""

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


def create_check(harness: Route53Harness, reference: str = "one") -> str:
    return harness.client.create_health_check(CallerReference=reference, HealthCheckConfig=LATCH)["HealthCheck"]["Id"]


def test_booleans_are_returned_as_booleans(harness: Route53Harness) -> None:
    config = harness.client.get_health_check(HealthCheckId=create_check(harness))["HealthCheck"]["HealthCheckConfig"]
    assert config["Inverted"] is True
    assert config["Disabled"] is False
    assert config["EnableSNI"] is True
    assert config["Port"] == 443


def test_update_is_a_compare_and_set_on_the_version(harness: Route53Harness) -> None:
    check_id = create_check(harness)
    updated = harness.client.update_health_check(HealthCheckId=check_id, HealthCheckVersion=1, Inverted=False)
    assert updated["HealthCheck"]["HealthCheckVersion"] == 2
    assert updated["HealthCheck"]["HealthCheckConfig"]["Inverted"] is False
    assert updated["HealthCheck"]["HealthCheckConfig"]["ResourcePath"] == "/active"
    with harness.expect_error("HealthCheckVersionMismatch", "version 2", "not at 1"):
        harness.client.update_health_check(HealthCheckId=check_id, HealthCheckVersion=1, Disabled=True)


def test_element_can_be_reset(harness: Route53Harness) -> None:
    check_id = create_check(harness)
    harness.client.update_health_check(HealthCheckId=check_id, ResetElements=["ResourcePath"])
    config = harness.client.get_health_check(HealthCheckId=check_id)["HealthCheck"]["HealthCheckConfig"]
    assert "ResourcePath" not in config


def test_same_reference_and_settings_give_the_same_check(harness: Route53Harness) -> None:
    assert create_check(harness) == create_check(harness)
    with harness.expect_error("HealthCheckAlreadyExists"):
        harness.client.create_health_check(CallerReference="one", HealthCheckConfig={**LATCH, "Inverted": False})


def test_reference_of_deleted_check_cannot_be_reused(harness: Route53Harness) -> None:
    harness.client.delete_health_check(HealthCheckId=create_check(harness))
    with harness.expect_error("HealthCheckAlreadyExists"):
        create_check(harness)


def test_deleted_check_is_gone(harness: Route53Harness) -> None:
    check_id = create_check(harness)
    harness.client.delete_health_check(HealthCheckId=check_id)
    with harness.expect_error("NoSuchHealthCheck", check_id):
        harness.client.get_health_check(HealthCheckId=check_id)


def test_checks_are_listed_in_pages(harness: Route53Harness) -> None:
    created = [create_check(harness, str(number)) for number in range(3)]
    pages = harness.client.get_paginator("list_health_checks").paginate(PaginationConfig={"PageSize": 2})
    assert [check["Id"] for page in pages for check in page["HealthChecks"]] == created
    assert harness.client.get_health_check_count()["HealthCheckCount"] == 3


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
def test_invalid_check_is_rejected(harness: Route53Harness, config: "HealthCheckConfigTypeDef", word: str) -> None:
    with harness.expect_error("InvalidInput", word):
        harness.client.create_health_check(CallerReference="one", HealthCheckConfig=config)


def test_calculated_check_cannot_be_monitored_by_another(harness: Route53Harness) -> None:
    parent = harness.client.create_health_check(
        CallerReference="parent",
        HealthCheckConfig={"Type": "CALCULATED", "HealthThreshold": 1, "ChildHealthChecks": [create_check(harness)]},
    )["HealthCheck"]["Id"]
    with harness.expect_error("InvalidInput", "calculated", parent):
        harness.client.create_health_check(
            CallerReference="grandparent",
            HealthCheckConfig={"Type": "CALCULATED", "HealthThreshold": 1, "ChildHealthChecks": [parent]},
        )


def test_address_can_be_changed_but_neither_added_nor_removed(harness: Route53Harness) -> None:
    named = create_check(harness)
    with harness.expect_error("InvalidInput", "IPAddress"):
        harness.client.update_health_check(HealthCheckId=named, IPAddress="8.8.8.8")
    addressed = harness.client.create_health_check(
        CallerReference="two", HealthCheckConfig={"Type": "TCP", "IPAddress": "8.8.8.8", "Port": 53}
    )["HealthCheck"]["Id"]
    updated = harness.client.update_health_check(HealthCheckId=addressed, IPAddress="8.8.4.4")
    assert updated["HealthCheck"]["HealthCheckConfig"]["IPAddress"] == "8.8.4.4"


def test_rejected_update_changes_nothing(harness: Route53Harness) -> None:
    check_id = create_check(harness)
    before = harness.client.get_health_check(HealthCheckId=check_id)["HealthCheck"]
    with harness.expect_error("InvalidInput", "failureThreshold", "less than or equal to 10"):
        harness.client.update_health_check(HealthCheckId=check_id, FailureThreshold=11)
    assert harness.client.get_health_check(HealthCheckId=check_id)["HealthCheck"] == before


def test_number_of_checks_per_account_is_limited(harness: Route53Harness) -> None:
    for number in range(200):
        create_check(harness, str(number))
    with harness.expect_error("TooManyHealthChecks", "200"):
        create_check(harness, "one too many")
    harness.client.delete_health_check(HealthCheckId=harness.client.list_health_checks()["HealthChecks"][0]["Id"])
    assert create_check(harness, "again")
