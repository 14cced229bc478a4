"""Records that the lever supports, and the refusals of others."""

from typing import Any

import pytest

from cognito_failover.common.errors import LeverRefusedError
from cognito_failover.common.region import PerRole
from cognito_failover.core.model.records import RecordSet, RecordsSnapshot
from cognito_failover.routing.record_set import are_equal, list_names_to
from tests.unit.routing.records.examples import (
    DOMAIN,
    REGION_RECORD_NAME,
    TOKYO,
    VIRGINIA,
    make_group,
    make_record,
    make_record_pair,
    make_region_record,
    make_region_record_pair,
)

ADDRESSES = PerRole(primary="192.0.2.1, 192.0.2.2, 2001:db8::1", standby="198.51.100.1,2001:db8::2")


def read_snapshot(*record_sets: RecordSet, zone_name: str = "example.com.", **group_changes: Any) -> RecordsSnapshot:
    return make_group(**group_changes).parse(record_sets, zone_name=zone_name)


def get_rejection(*record_sets: RecordSet, zone_name: str = "example.com.", **group_changes: Any) -> str:
    with pytest.raises(LeverRefusedError) as refused:
        read_snapshot(*record_sets, zone_name=zone_name, **group_changes)
    return str(refused.value)


def make_alias(identifier: str, weight: int, name: str, **changes: Any) -> RecordSet:
    target = {"HostedZoneId": "Z1", "DNSName": name, "EvaluateTargetHealth": False}
    return make_record(identifier, weight, Type="A", TTL=None, ResourceRecords=None, AliasTarget=target, **changes)


def make_address(kind: str, identifier: str, weight: int, *values: str) -> RecordSet:
    return make_record(identifier, weight, *values, Type=kind)


def test_pair_with_region_record_is_complete() -> None:
    snapshot = read_snapshot(*make_record_pair(200, 55), *make_region_record_pair(200, 55))
    assert snapshot.weights == PerRole(primary=200, standby=55)
    assert are_equal(snapshot.record_sets, [*make_record_pair(200, 55), *make_region_record_pair(200, 55)])
    assert snapshot.missing == ()
    assert snapshot.ttl_seconds == 60


def test_region_record_copies_weights_ttl_and_check_of_existing_pair() -> None:
    primary = make_record(TOKYO, 0, TTL=30, HealthCheckId="check-1")
    snapshot = read_snapshot(primary, make_record(VIRGINIA, 255, TTL=30))
    assert are_equal(
        snapshot.missing,
        [make_region_record(TOKYO, 0, TTL=30, HealthCheckId="check-1"), make_region_record(VIRGINIA, 255, TTL=30)],
    )


def test_identifiers_and_spelling_of_names_are_ignored() -> None:
    snapshot = read_snapshot(
        make_record("blue", 255, "D-TOKYO.example.net.", Name="Auth.Example.com"),
        make_record("green", 0, "d-virginia.example.net"),
    )
    assert snapshot.weights == PerRole(primary=255, standby=0)
    assert {record_set["SetIdentifier"] for record_set in snapshot.record_sets} == {"blue", "green"}


def test_missing_records_are_planned_as_cname_pair_on_primary() -> None:
    snapshot = read_snapshot()
    assert snapshot.record_sets == ()
    assert snapshot.weights == PerRole(primary=255, standby=0)
    assert are_equal(
        snapshot.missing,
        [
            make_record(TOKYO, 255, "d-tokyo.example.net."),
            make_record(VIRGINIA, 0, "d-virginia.example.net."),
            *make_region_record_pair(255, 0),
        ],
    )


def test_missing_records_for_addresses_are_planned_as_a_and_aaaa_pairs() -> None:
    snapshot = read_snapshot(targets=ADDRESSES)
    created = {(record_set["Type"], record_set["SetIdentifier"]): record_set for record_set in snapshot.missing}
    assert created["A", TOKYO]["ResourceRecords"] == [{"Value": "192.0.2.1"}, {"Value": "192.0.2.2"}]
    assert created["AAAA", VIRGINIA]["ResourceRecords"] == [{"Value": "2001:db8::2"}]
    assert len(created) == 6


def test_missing_records_for_zone_targets_are_planned_as_plain_aliases() -> None:
    snapshot = read_snapshot(target_zone_ids=PerRole(primary="Z1", standby="Z2"))
    domain_records = [record_set for record_set in snapshot.missing if record_set["Name"] == DOMAIN]
    assert [record_set["Type"] for record_set in domain_records] == ["A", "A"]
    assert [record_set["AliasTarget"]["HostedZoneId"] for record_set in domain_records] == ["Z1", "Z2"]
    assert not any(
        record_set["AliasTarget"]["EvaluateTargetHealth"] or "TTL" in record_set for record_set in domain_records
    )
    assert snapshot.ttl_seconds == 60


def test_existing_a_and_aaaa_aliases_are_adopted_together() -> None:
    records = [
        {**make_alias(identifier, weight, name), "Type": kind}
        for kind in ("A", "AAAA")
        for identifier, weight, name in (
            (TOKYO, 0, "dualstack.d-tokyo.example.net."),
            (VIRGINIA, 255, "d-virginia.example.net."),
        )
    ]
    snapshot = read_snapshot(*records)
    assert snapshot.weights == PerRole(primary=0, standby=255)
    assert are_equal(snapshot.record_sets, records)


def test_region_record_with_other_weights_is_a_problem_until_next_plan() -> None:
    group = make_group()
    snapshot = group.parse([*make_record_pair(255, 0), *make_region_record_pair(0, 255)], zone_name="example.com.")
    assert snapshot.weights == PerRole(primary=255, standby=0)
    assert (
        "_region.auth.example.com. has the weights 0 and 255, and the domain's records have 255 and 0"
        in snapshot.region_record_problem
    )
    after = group.plan(snapshot, PerRole(primary=255, standby=0)).after
    assert are_equal(after, [*make_record_pair(255, 0), *make_region_record_pair(255, 0)])
    assert not read_snapshot(*after).region_record_problem


@pytest.mark.parametrize("check", ["check-1", None])
def test_region_record_with_another_check_is_a_problem_until_next_plan(check: str | None) -> None:
    records = [make_record(TOKYO, 255, HealthCheckId=check), make_record(VIRGINIA, 0)]
    region_records = [make_region_record(TOKYO, 255, HealthCheckId="check-2"), make_region_record(VIRGINIA, 0)]
    group = make_group()
    snapshot = group.parse([*records, *region_records], zone_name="example.com.")
    assert (
        f"has the health checks check-2 (primary) and none (standby), and the domain's records have the health checks "
        f"{check or 'none'} (primary) and none (standby)" in snapshot.region_record_problem
    )
    after = group.plan(snapshot, PerRole(primary=0, standby=255)).after
    assert are_equal(
        after,
        [
            make_record(TOKYO, 0, HealthCheckId=check),
            make_record(VIRGINIA, 255),
            make_region_record(TOKYO, 0, HealthCheckId=check),
            make_region_record(VIRGINIA, 255),
        ],
    )
    assert not read_snapshot(*after).region_record_problem


def test_region_record_with_equal_shares_in_other_numbers_is_no_problem() -> None:
    assert not read_snapshot(*make_record_pair(100, 0), *make_region_record_pair(255, 0)).region_record_problem
    assert not read_snapshot(*make_record_pair(0, 0), *make_region_record_pair(5, 5)).region_record_problem


def test_missing_region_record_is_no_problem() -> None:
    assert not read_snapshot(*make_record_pair()).region_record_problem


def test_other_record_types_are_not_in_the_snapshot() -> None:
    mail = {"Name": DOMAIN, "Type": "MX", "TTL": 300, "ResourceRecords": [{"Value": "10 mail.example.com"}]}
    records = [make_address("A", TOKYO, 255, "192.0.2.1"), make_address("A", VIRGINIA, 0, "198.51.100.1")]
    snapshot = read_snapshot(*records, mail, targets=PerRole(primary="192.0.2.1", standby="198.51.100.1"))
    assert are_equal(snapshot.record_sets, records)


@pytest.mark.parametrize(
    ("field", "policy"),
    [
        ({}, "simple"),
        ({"Region": TOKYO}, "latency"),
        ({"Failover": "PRIMARY"}, "failover"),
        ({"GeoLocation": {"CountryCode": "JP"}}, "geolocation"),
        ({"GeoProximityLocation": {"AWSRegion": TOKYO}}, "geoproximity"),
        ({"MultiValueAnswer": True}, "multivalue answer"),
        ({"CidrRoutingConfig": {"CollectionId": "c", "LocationName": "l"}}, "IP-based"),
    ],
)
def test_other_routing_policy_is_rejected_by_name(field: dict[str, Any], policy: str) -> None:
    message = get_rejection(make_record(TOKYO, 0, Weight=None, **field))
    assert f"{policy} routing" in message
    assert "two weighted records" in message


def test_three_records_are_rejected_and_listed() -> None:
    message = get_rejection(*make_record_pair(), make_record("third", 0, "d-ireland.example.net"))
    assert message.startswith("3 weighted records share the name")
    assert "d-ireland.example.net." in message


def test_single_record_of_pair_is_rejected() -> None:
    assert "Only one half of the pair exists" in get_rejection(make_record(TOKYO, 255))


def test_unknown_target_is_rejected_with_expected_ones() -> None:
    message = get_rejection(make_record(TOKYO, 255), make_record("other", 0, "d-ireland.example.net"))
    assert "d-ireland.example.net. (weight 0) points at neither Region" in message
    assert "d-virginia.example.net (us-east-1)" in message


def test_two_records_with_same_target_are_rejected() -> None:
    message = get_rejection(make_record("a", 255, "d-tokyo.example.net"), make_record("b", 0, "d-tokyo.example.net"))
    assert "Both records point at the primary" in message


def test_different_ttls_in_pair_are_rejected() -> None:
    message = get_rejection(make_record(TOKYO, 255, TTL=60), make_record(VIRGINIA, 0, TTL=300))
    assert "TTLs differ, 60 and 300 s" in message


def test_a_and_aaaa_with_different_weights_are_rejected() -> None:
    message = get_rejection(
        make_address("A", TOKYO, 255, "192.0.2.1", "192.0.2.2"),
        make_address("A", VIRGINIA, 0, "198.51.100.1"),
        make_address("AAAA", TOKYO, 0, "2001:db8::1"),
        make_address("AAAA", VIRGINIA, 255, "2001:db8::2"),
        targets=ADDRESSES,
    )
    assert "have different weights" in message


def test_a_and_aaaa_with_equal_shares_in_other_numbers_are_one_group() -> None:
    snapshot = read_snapshot(
        make_address("A", TOKYO, 100, "192.0.2.1", "192.0.2.2"),
        make_address("A", VIRGINIA, 0, "198.51.100.1"),
        make_address("AAAA", TOKYO, 255, "2001:db8::1"),
        make_address("AAAA", VIRGINIA, 0, "2001:db8::2"),
        targets=ADDRESSES,
    )
    assert snapshot.weights == PerRole(primary=100, standby=0)


def test_traffic_policy_record_is_rejected() -> None:
    message = get_rejection(make_record(TOKYO, 255, TrafficPolicyInstanceId="policy-1"), make_record(VIRGINIA, 0))
    assert "traffic policy instance policy-1" in message


def test_cname_with_other_record_types_is_rejected() -> None:
    txt_record = {"Name": DOMAIN, "Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": '"v=spf1"'}]}
    assert "CNAME and TXT records" in get_rejection(*make_record_pair(), txt_record)


def test_cname_is_not_created_where_other_records_exist() -> None:
    txt_record = {"Name": DOMAIN, "Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": '"v=spf1"'}]}
    message = get_rejection(txt_record)
    assert "has TXT records" in message
    assert "PRIMARY_TARGET_ZONE_ID" in message


def test_cname_is_not_created_at_zone_apex() -> None:
    assert "is the zone's own name" in get_rejection(zone_name=DOMAIN)


def test_address_type_of_one_target_only_is_rejected() -> None:
    message = get_rejection(targets=PerRole(primary="192.0.2.1,2001:db8::1", standby="198.51.100.1"))
    assert "type AAAA" in message
    assert "standby's target, 198.51.100.1, has none" in message


def test_delegated_name_is_rejected() -> None:
    delegation = {"Name": DOMAIN, "Type": "NS", "TTL": 60, "ResourceRecords": [{"Value": "ns.example.org"}]}
    assert "delegated to another zone" in get_rejection(delegation)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("example.com.", ("example.com.",)),
        ("auth.example.com.", ("auth.example.com.",)),
        ("A.b.C.example.com", ("c.example.com.", "b.c.example.com.", "a.b.c.example.com.")),
    ],
)
def test_names_down_to_a_name_begin_below_the_apex(name: str, expected: tuple[str, ...]) -> None:
    assert list_names_to(name, zone_name="Example.com") == expected


def test_names_of_a_group_include_its_fence_and_region_record() -> None:
    assert make_group(domain_name="auth.login.example.com.").list_names("example.com.") == (
        "login.example.com.",
        "auth.login.example.com.",
        "_fence.auth.login.example.com.",
        "_region.auth.login.example.com.",
    )


def test_name_servers_at_the_apex_are_no_delegation() -> None:
    apex = {"Name": "example.com.", "Type": "NS", "TTL": 60, "ResourceRecords": [{"Value": "ns.example.org"}]}
    addresses = [make_address("A", TOKYO, 255, "192.0.2.1"), make_address("A", VIRGINIA, 0, "198.51.100.1")]
    at_apex = [{**record_set, "Name": "example.com."} for record_set in addresses]
    snapshot = read_snapshot(
        apex,
        *at_apex,
        domain_name="example.com.",
        targets=PerRole(primary="192.0.2.1", standby="198.51.100.1"),
    )
    assert are_equal(snapshot.record_sets, at_apex)


def test_region_record_of_another_region_is_rejected() -> None:
    message = get_rejection(*make_record_pair(), make_region_record(TOKYO, 255), make_region_record("eu-west-1", 0))
    assert "to eu-west-1 (weight 0) points at neither Region: the primary's target is ap-northeast-1" in message


def test_region_record_name_taken_by_cname_is_rejected() -> None:
    cname = make_record(TOKYO, 0, Name=REGION_RECORD_NAME, SetIdentifier=None, Weight=None)
    assert "A CNAME occupies the name of the region TXT record" in get_rejection(*make_record_pair(), cname)
