"""Records as other teams have them, deployed: dual-stack aliases with weights 100 and 0, and white-label name servers.

The standby's target has only IPv4 addresses. At first the owner's health check is on the primary's records. The tests
share one deployment: each starts in the state in which the previous one ends.
"""

import json
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import dns.message
import dns.query
import pytest

from sandbox.client import SandboxClient
from sandbox.reference_setup import setup
from tests.e2e.deployed_system import DOMAIN, SHORT_TIMING_PARAMETERS, DeployedSystem, deploy_system
from tests.e2e.inbox import read_moment
from tests.support import load_scaling

ZONE = DOMAIN.partition(".")[2]
NAME_SERVERS = tuple(f"ns{number}.{ZONE}" for number in range(1, 5))

ADDRESS_TYPES = ("A", "AAAA")
PRIMARY_IPV6_ADDRESS = "2001:db8::1"
STANDBY_TARGET, STANDBY_TARGET_ZONE_ID = "d-abc.execute-api.us-east-1.amazonaws.com", "Z1UJRXOUMOOFQ8"
"""A Regional domain name of API Gateway: Route 53 answers an AAAA alias to it without a record."""

REPORT_LIMIT_SECONDS = 130
"""Two looks, a minute apart, and the hand-over between two invocations. The test scales it by the measured load."""


def create_records(sandbox: SandboxClient, set_up: setup.SetupResult) -> None:
    """Create the domain's pairs with the owner's health check, and delegate the zone to white-label name servers."""
    primary, standby = sandbox.description["primary"], sandbox.description["standby"]
    route53, zone_id = sandbox.client("route53", standby), set_up.zone.id
    primary_target = set_up.targets[primary]
    address_by_name = dict(zip(NAME_SERVERS, sandbox.description["name_servers"], strict=True))
    check_id = create_owner_check(route53, primary_target)
    change_records(
        route53,
        zone_id,
        [
            make_record(primary_target, "AAAA", PRIMARY_IPV6_ADDRESS),
            make_record(ZONE, "NS", *(f"{name}." for name in NAME_SERVERS)),
            *(make_record(name, "A", address) for name, address in address_by_name.items()),
        ],
    )
    aliases = [
        {
            "Name": DOMAIN,
            "Type": record_type,
            "SetIdentifier": region,
            "Weight": weight,
            "AliasTarget": {"HostedZoneId": target_zone_id, "DNSName": target, "EvaluateTargetHealth": False},
            **({"HealthCheckId": check_id} if region == primary else {}),
        }
        for record_type in ADDRESS_TYPES
        for region, weight, target, target_zone_id in (
            (primary, 100, primary_target, zone_id),
            (standby, 0, STANDBY_TARGET, STANDBY_TARGET_ZONE_ID),
        )
    ]
    change_records(route53, zone_id, aliases)
    sandbox.client("route53domains", standby).update_domain_nameservers(
        DomainName=ZONE,
        Nameservers=[{"Name": name, "GlueIps": [address]} for name, address in address_by_name.items()],
    )


def create_owner_check(route53: Any, target: str) -> str:
    """Create a health check of a target, and return its id."""
    config = {"Type": "TCP", "FullyQualifiedDomainName": target, "Port": 443, "RequestInterval": 10}
    created = route53.create_health_check(CallerReference=uuid4().hex, HealthCheckConfig=config)
    return str(created["HealthCheck"]["Id"])


def make_record(name: str, record_type: str, *values: str) -> dict[str, Any]:
    return {"Name": name, "Type": record_type, "TTL": 60, "ResourceRecords": [{"Value": value} for value in values]}


def change_records(route53: Any, zone_id: str, records: list[dict[str, Any]]) -> None:
    changes = [{"Action": "UPSERT", "ResourceRecordSet": record} for record in records]
    route53.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch={"Changes": changes})


@pytest.fixture(scope="module")
def stage() -> Iterator[DeployedSystem]:
    with deploy_system(
        overrides={**SHORT_TIMING_PARAMETERS, "StandbyTarget": STANDBY_TARGET}, records=False, prepare=create_records
    ) as deployed:
        deployed.start_controller()
        deployed.wait_until_steady()
        yield deployed


def query_ipv6_addresses(stage: DeployedSystem) -> set[str]:
    """Return the domain's IPv6 addresses in the answers of all name servers that answer."""
    description = stage.sandbox.description
    answers = (
        dns.query.udp(
            dns.message.make_query(DOMAIN, "AAAA"),
            server,
            port=description["ports"]["dns"],
            timeout=load_scaling.scale_seconds(5),
        )
        for server in description["name_servers"]
    )
    return {item.to_text() for answer in answers for rrset in answer.answer for item in rrset}


def find_owner_check_id(stage: DeployedSystem) -> str:
    """Return the id of the health check that is on the domain's records; empty if there is none."""
    return next((record["HealthCheckId"] for record in stage.list_records() if "HealthCheckId" in record), "")


def users_are_home_without_the_owners_check(stage: DeployedSystem) -> None:
    remove_owner_check(stage)
    stage.restore()


def remove_owner_check(stage: DeployedSystem) -> None:
    """Remove the owner's health check from all records, as the answer to `attach` says."""
    route53, zone_id = stage.get_client("route53"), stage.set_up.zone.id
    records = route53.list_resource_record_sets(HostedZoneId=zone_id)["ResourceRecordSets"]
    checked = [record for record in records if record.pop("HealthCheckId", "")]
    if checked:
        change_records(route53, zone_id, checked)


def test_unhealthy_check_of_the_owner_is_reported_by_its_effect(stage: DeployedSystem) -> None:
    route53, check_id = stage.get_client("route53"), find_owner_check_id(stage)
    # Nothing listens on this port.
    route53.update_health_check(HealthCheckId=check_id, Port=444)
    moved_at = stage.wait_until_dns_sends_users_to(stage.standby)

    found = stage.inbox.wait_for_event("location-differs", since=moved_at, at_most_seconds=REPORT_LIMIT_SECONDS)
    status = stage.wait_for_status_answer()

    assert read_moment(found) - moved_at <= load_scaling.scale_seconds(REPORT_LIMIT_SECONDS)
    for text in (found["message"], status["reason"]):
        assert f"to {stage.standby}" in text
        assert f"{stage.primary} is decided" in text
    assert status["active_region"] == stage.primary


@pytest.mark.looks_back
def test_recovered_check_of_the_owner_is_reported(stage: DeployedSystem) -> None:
    recovered_at = time.time()
    stage.get_client("route53").update_health_check(HealthCheckId=find_owner_check_id(stage), Port=443)
    stage.wait_until_dns_sends_users_to(stage.primary)

    restored = stage.inbox.wait_for_event("location-restored", since=recovered_at, at_most_seconds=REPORT_LIMIT_SECONDS)

    assert f"to {stage.primary} again" in restored["message"]
    stage.wait_for_status("the status is calm", lambda status: "is decided" not in status["reason"])
    remove_owner_check(stage)


@pytest.mark.begins(by=users_are_home_without_the_owners_check)
def test_latch_attaches_to_dual_stack_aliases(stage: DeployedSystem) -> None:
    stage.deployment.invoke_until_done("acknowledge", reason="The owner's check is removed")
    began_at = time.time()

    said = stage.attach_or_detach("attach")

    assert "no users were moved" in said
    stage.wait_until("the latch is attached", stage.are_latches_attached)
    assert stage.dns_monitor.list_since(began_at) == [stage.primary]
    assert query_ipv6_addresses(stage) == {PRIMARY_IPV6_ADDRESS}


@pytest.mark.begins(by=users_are_home_without_the_owners_check)
def test_preflight_accepts_white_label_name_servers(stage: DeployedSystem) -> None:
    answer = stage.get_client("lambda").invoke(
        FunctionName=stage.get_output("PreflightFunctionName"), Payload=json.dumps({"active": False})
    )
    findings = json.load(answer["Payload"])["findings"]

    outcomes = {finding["check"]: finding["outcome"] for finding in findings if finding["severity"] == "high"}
    assert outcomes["zone-delegated"] == "passed"
    assert "failed" not in outcomes.values(), outcomes


@pytest.mark.begins(by=users_are_home_without_the_owners_check)
def test_drill_moves_users_of_dual_stack_aliases(stage: DeployedSystem) -> None:
    stage.wait_until_drill_is_possible()
    began_at = time.time()
    drill = stage.deployment.invoke_until_done(
        "drill", kind="switchover", reason="Drill", token="e2e-switchover", mode="all-at-once", hold_seconds=0
    )["drill"]

    last = stage.wait_for_status("the drill is over", lambda status: (status["last_drill"] or {}).get("id") == drill)[
        "last_drill"
    ]

    assert last["outcome"] == "succeeded"
    assert stage.dns_monitor.list_since(began_at)[-1] == stage.primary


@pytest.mark.begins(by=users_are_home_without_the_owners_check)
def test_failover_to_the_ipv4_target_is_confirmed(stage: DeployedSystem) -> None:
    failed_at = stage.inject_fault("primary", effect="dead", region=stage.primary)

    stage.wait_until_dns_sends_users_to(stage.standby)

    headline = f"Sign-in moved to {stage.standby} (automatic)"
    stage.inbox.wait_for_headline(headline, since=failed_at, at_most_seconds=60)
    assert query_ipv6_addresses(stage) == set()
    stage.clear_fault("primary")
    stage.wait_until_steady()


def users_are_on_the_standby(stage: DeployedSystem) -> None:
    users_are_home_without_the_owners_check(stage)
    stage.restore(users_on=stage.standby)


@pytest.mark.begins(by=users_are_on_the_standby)
def test_failback_to_the_dual_stack_target_is_confirmed(stage: DeployedSystem) -> None:
    stage.deployment.invoke_until_done("failback", reason="The primary is healthy", mode="all-at-once")

    stage.wait_for_status(
        "users are on the primary",
        lambda status: status["move"] is None and status["active_region"] == stage.primary,
    )
    assert stage.dns_monitor.current_regions == stage.primary
    assert query_ipv6_addresses(stage) == {PRIMARY_IPV6_ADDRESS}
