"""Hosted zones through the API."""

import pytest

from sandbox.route53.in_process import connect
from tests.unit.sandbox_route53.harness import Route53Harness, build_change


def test_zone_has_four_name_servers_which_its_ns_record_names(harness: Route53Harness) -> None:
    servers = harness.client.get_hosted_zone(Id=harness.zone_id)["DelegationSet"]["NameServers"]
    listed = harness.client.list_resource_record_sets(HostedZoneId=harness.zone_id)["ResourceRecordSets"]
    named = [
        record["Value"]
        for record_set in listed
        if record_set["Type"] == "NS"
        for record in record_set["ResourceRecords"]
    ]
    assert len(servers) == 4
    assert named == [f"{server}." for server in servers]


def test_zone_is_described_as_created(harness: Route53Harness) -> None:
    zone = harness.client.create_hosted_zone(
        Name="Example.ORG", CallerReference="two", HostedZoneConfig={"Comment": "why", "PrivateZone": False}
    )
    assert zone["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert zone["Location"].endswith(zone["HostedZone"]["Id"].removeprefix("/hostedzone"))
    described = harness.client.get_hosted_zone(Id=zone["HostedZone"]["Id"])["HostedZone"]
    assert described["Name"] == "example.org."
    assert described["Config"] == {"Comment": "why", "PrivateZone": False}
    assert described["ResourceRecordSetCount"] == 2


def test_private_zone_is_marked_and_not_served(harness: Route53Harness) -> None:
    zone_id = harness.client.create_hosted_zone(
        Name="internal.example.com",
        CallerReference="two",
        VPC={"VPCRegion": "us-east-1", "VPCId": "vpc-1"},
    )["HostedZone"]["Id"]
    described = harness.client.get_hosted_zone(Id=zone_id)
    assert described["HostedZone"]["Config"]["PrivateZone"] is True
    assert described["VPCs"] == [{"VPCRegion": "us-east-1", "VPCId": "vpc-1"}]
    harness.change_records(build_change("CREATE", "a.internal.example.com", "A", "192.0.2.1"), zone_id=zone_id)
    harness.wait_until_in_sync()
    assert harness.query("a.internal.example.com").rcode.name == "NXDOMAIN"


def test_private_zone_without_vpc_is_rejected(harness: Route53Harness) -> None:
    with harness.expect_error("InvalidInput", "VPC"):
        harness.client.create_hosted_zone(
            Name="example.org", CallerReference="two", HostedZoneConfig={"PrivateZone": True}
        )


def test_caller_reference_used_before_is_rejected(harness: Route53Harness) -> None:
    with harness.expect_error("HostedZoneAlreadyExists"):
        harness.client.create_hosted_zone(Name="example.org", CallerReference="one")


@pytest.mark.parametrize("name", ["a..org", ".", "x" * 64 + ".org"])
def test_zone_with_an_invalid_name_is_rejected(harness: Route53Harness, name: str) -> None:
    with harness.expect_error("InvalidDomainName"):
        harness.client.create_hosted_zone(Name=name, CallerReference="two")


def test_zone_with_records_cannot_be_deleted(harness: Route53Harness) -> None:
    created = build_change("CREATE", "a.example.com", "A", "192.0.2.1")
    harness.change_records(created)
    with harness.expect_error("HostedZoneNotEmpty"):
        harness.client.delete_hosted_zone(Id=harness.zone_id)
    harness.change_records(created | {"Action": "DELETE"})
    harness.client.delete_hosted_zone(Id=harness.zone_id)
    with pytest.raises(harness.client.exceptions.NoSuchHostedZone):
        harness.client.get_hosted_zone(Id=harness.zone_id)


def test_zones_belong_to_their_account(harness: Route53Harness) -> None:
    other_account = connect(harness.route53, "999999999999")
    assert other_account.list_hosted_zones()["HostedZones"] == []
    with pytest.raises(other_account.exceptions.NoSuchHostedZone):
        other_account.get_hosted_zone(Id=harness.zone_id)


def test_zones_are_listed_in_pages(harness: Route53Harness) -> None:
    for number in range(4):
        harness.client.create_hosted_zone(Name=f"n{number}.example.org", CallerReference=f"n{number}")
    paginator = harness.client.get_paginator("list_hosted_zones")
    pages = list(paginator.paginate(PaginationConfig={"PageSize": 2}))
    assert [len(page["HostedZones"]) for page in pages] == [2, 2, 1]
    assert harness.client.get_hosted_zone_count()["HostedZoneCount"] == 5


def test_zones_are_listed_by_name_from_a_start_name(harness: Route53Harness) -> None:
    for name in ("b.org", "a.org", "b.com"):
        harness.client.create_hosted_zone(Name=name, CallerReference=name)
    listed = harness.client.list_hosted_zones_by_name(DNSName="a.org", MaxItems="1")
    assert [zone["Name"] for zone in listed["HostedZones"]] == ["a.org."]
    assert listed["NextDNSName"] == "b.org."
    everything = harness.client.list_hosted_zones_by_name()
    assert [zone["Name"] for zone in everything["HostedZones"]] == ["b.com.", "example.com.", "a.org.", "b.org."]


def test_comment_can_be_changed(harness: Route53Harness) -> None:
    harness.client.update_hosted_zone_comment(Id=harness.zone_id, Comment="new")
    assert harness.client.get_hosted_zone(Id=harness.zone_id)["HostedZone"]["Config"]["Comment"] == "new"


def test_tags_are_kept_per_resource(harness: Route53Harness) -> None:
    bare = harness.zone_id.removeprefix("/hostedzone/")
    harness.client.change_tags_for_resource(
        ResourceType="hostedzone",
        ResourceId=bare,
        AddTags=[{"Key": "team", "Value": "identity"}, {"Key": "old", "Value": "1"}],
    )
    harness.client.change_tags_for_resource(ResourceType="hostedzone", ResourceId=bare, RemoveTagKeys=["old"])
    tags = harness.client.list_tags_for_resource(ResourceType="hostedzone", ResourceId=bare)["ResourceTagSet"]["Tags"]
    assert tags == [{"Key": "team", "Value": "identity"}]
    sets = harness.client.list_tags_for_resources(ResourceType="hostedzone", ResourceIds=[bare])["ResourceTagSets"]
    assert sets[0]["Tags"] == tags
    with harness.expect_error("NoSuchHealthCheck"):
        harness.client.list_tags_for_resource(ResourceType="healthcheck", ResourceId="unknown")


def test_unsupported_operation_is_rejected_by_name(harness: Route53Harness) -> None:
    with harness.expect_error("InvalidInput", "The sandbox does not support GetDNSSEC"):
        harness.client.get_dnssec(HostedZoneId=harness.zone_id)
