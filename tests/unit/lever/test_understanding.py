"""Which records the lever touches, and how it says what it won't."""

from typing import Any

import pytest

from failover.errors import LeverRefusedError
from failover.levers.lever import RecordSet, Survey
from failover.levers.records import same
from failover.region import PerSide
from tests.unit.lever.examples import (
    BEACON,
    DOMAIN,
    TOKYO,
    VIRGINIA,
    beacon,
    beacon_of,
    group,
    pair,
    record,
)

ADDRESSES = PerSide(primary="192.0.2.1, 192.0.2.2, 2001:db8::1", standby="198.51.100.1,2001:db8::2")


def survey(*record_sets: RecordSet, zone_name: str = "example.com.", **group_changes: Any) -> Survey:
    return group(**group_changes).understand(record_sets, zone_name=zone_name)


def refusal(*record_sets: RecordSet, zone_name: str = "example.com.", **group_changes: Any) -> str:
    with pytest.raises(LeverRefusedError) as refused:
        survey(*record_sets, zone_name=zone_name, **group_changes)
    return str(refused.value)


def alias(identifier: str, weight: int, name: str, **changes: Any) -> RecordSet:
    target = {"HostedZoneId": "Z1", "DNSName": name, "EvaluateTargetHealth": False}
    return record(identifier, weight, Type="A", TTL=None, ResourceRecords=None, AliasTarget=target, **changes)


def addresses(kind: str, identifier: str, weight: int, *values: str) -> RecordSet:
    return record(identifier, weight, *values, Type=kind)


def test_a_pair_with_its_beacon_is_understood_and_lacks_nothing() -> None:
    found = survey(*pair(200, 55), *beacon_of(200, 55))
    assert found.weights == PerSide(primary=200, standby=55)
    assert same(found.record_sets, [*pair(200, 55), *beacon_of(200, 55)])
    assert found.lacking == ()
    assert found.ttl_seconds == 60


def test_an_adopted_pair_without_beacon_lacks_one_at_its_weights_ttl_and_health_check() -> None:
    primary = record(TOKYO, 0, TTL=30, HealthCheckId="check-1")
    found = survey(primary, record(VIRGINIA, 255, TTL=30))
    assert same(found.lacking, [beacon(TOKYO, 0, TTL=30, HealthCheckId="check-1"), beacon(VIRGINIA, 255, TTL=30)])


def test_identifiers_and_spelling_of_existing_records_do_not_matter() -> None:
    found = survey(
        record("blue", 255, "D-TOKYO.example.net.", Name="Auth.Example.com"),
        record("green", 0, "d-virginia.example.net"),
    )
    assert found.weights == PerSide(primary=255, standby=0)
    assert {each["SetIdentifier"] for each in found.record_sets} == {"blue", "green"}


def test_where_nothing_is_a_cname_pair_to_host_names_is_to_be_created_with_everybody_on_the_primary() -> None:
    found = survey()
    assert found.record_sets == ()
    assert found.weights == PerSide(primary=255, standby=0)
    assert same(
        found.lacking,
        [
            record(TOKYO, 255, "d-tokyo.example.net."),
            record(VIRGINIA, 0, "d-virginia.example.net."),
            *beacon_of(255, 0),
        ],
    )


def test_where_nothing_is_address_targets_give_a_and_aaaa_pairs() -> None:
    found = survey(targets=ADDRESSES)
    created = {(each["Type"], each["SetIdentifier"]): each for each in found.lacking}
    assert created["A", TOKYO]["ResourceRecords"] == [{"Value": "192.0.2.1"}, {"Value": "192.0.2.2"}]
    assert created["AAAA", VIRGINIA]["ResourceRecords"] == [{"Value": "2001:db8::2"}]
    assert len(created) == 6


def test_where_nothing_is_targets_with_zones_give_aliases_that_do_not_evaluate_health() -> None:
    found = survey(target_zone_ids=PerSide(primary="Z1", standby="Z2"))
    domain_records = [each for each in found.lacking if each["Name"] == DOMAIN]
    assert [each["Type"] for each in domain_records] == ["A", "A"]
    assert [each["AliasTarget"]["HostedZoneId"] for each in domain_records] == ["Z1", "Z2"]
    assert not any(each["AliasTarget"]["EvaluateTargetHealth"] or "TTL" in each for each in domain_records)
    assert found.ttl_seconds == 60


def test_existing_a_and_aaaa_aliases_are_adopted_together() -> None:
    records = [
        {**alias(identifier, weight, name), "Type": kind}
        for kind in ("A", "AAAA")
        for identifier, weight, name in (
            (TOKYO, 0, "dualstack.d-tokyo.example.net."),
            (VIRGINIA, 255, "d-virginia.example.net."),
        )
    ]
    found = survey(*records)
    assert found.weights == PerSide(primary=0, standby=255)
    assert same(found.record_sets, records)


def test_a_beacon_with_other_weights_is_ours_and_follows_at_the_next_plan() -> None:
    steering = group()
    found = steering.understand([*pair(255, 0), *beacon_of(0, 255)], zone_name="example.com.")
    assert found.weights == PerSide(primary=255, standby=0)
    after = steering.plan(found, PerSide(primary=255, standby=0)).after
    assert same(after, [*pair(255, 0), *beacon_of(255, 0)])


def test_other_records_of_the_name_are_left_alone() -> None:
    mail = {"Name": DOMAIN, "Type": "MX", "TTL": 300, "ResourceRecords": [{"Value": "10 mail.example.com"}]}
    records = [addresses("A", TOKYO, 255, "192.0.2.1"), addresses("A", VIRGINIA, 0, "198.51.100.1")]
    found = survey(*records, mail, targets=PerSide(primary="192.0.2.1", standby="198.51.100.1"))
    assert same(found.record_sets, records)


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
def test_any_other_routing_policy_is_refused_by_name(field: dict[str, Any], policy: str) -> None:
    message = refusal(record(TOKYO, 0, Weight=None, **field))
    assert f"{policy} routing" in message
    assert "two weighted records" in message


def test_three_records_are_refused_and_listed() -> None:
    message = refusal(*pair(), record("third", 0, "d-ireland.example.net"))
    assert message.startswith("3 weighted records share the name")
    assert "d-ireland.example.net." in message


def test_one_half_of_a_pair_is_refused() -> None:
    assert "Only one half of the pair exists" in refusal(record(TOKYO, 255))


def test_an_unknown_target_is_refused_with_the_expected_ones() -> None:
    message = refusal(record(TOKYO, 255), record("other", 0, "d-ireland.example.net"))
    assert "d-ireland.example.net. (weight 0) points at neither side" in message
    assert "d-virginia.example.net (us-east-1)" in message


def test_two_records_with_one_target_are_refused() -> None:
    message = refusal(record("a", 255, "d-tokyo.example.net"), record("b", 0, "d-tokyo.example.net"))
    assert "Both records point at the primary" in message


def test_different_ttls_in_a_pair_are_refused() -> None:
    message = refusal(record(TOKYO, 255, TTL=60), record(VIRGINIA, 0, TTL=300))
    assert "TTLs differ, 60 and 300 s" in message


def test_a_and_aaaa_that_contradict_each_other_are_refused() -> None:
    message = refusal(
        addresses("A", TOKYO, 255, "192.0.2.1", "192.0.2.2"),
        addresses("A", VIRGINIA, 0, "198.51.100.1"),
        addresses("AAAA", TOKYO, 0, "2001:db8::1"),
        addresses("AAAA", VIRGINIA, 255, "2001:db8::2"),
        targets=ADDRESSES,
    )
    assert "contradict each other" in message


def test_a_record_of_a_traffic_policy_is_refused() -> None:
    message = refusal(record(TOKYO, 255, TrafficPolicyInstanceId="policy-1"), record(VIRGINIA, 0))
    assert "traffic policy instance policy-1" in message


def test_a_cname_beside_others_is_refused() -> None:
    text = {"Name": DOMAIN, "Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": '"v=spf1"'}]}
    assert "CNAME beside TXT" in refusal(*pair(), text)


def test_a_cname_is_not_created_beside_other_records() -> None:
    text = {"Name": DOMAIN, "Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": '"v=spf1"'}]}
    message = refusal(text)
    assert "has TXT records" in message
    assert "PRIMARY_TARGET_ZONE_ID" in message


def test_a_cname_is_not_created_at_the_zones_own_name() -> None:
    assert "is the zone's own name" in refusal(zone_name=DOMAIN)


def test_addresses_of_a_kind_that_only_one_side_has_are_not_created() -> None:
    message = refusal(targets=PerSide(primary="192.0.2.1,2001:db8::1", standby="198.51.100.1"))
    assert "type AAAA" in message
    assert "standby's, 198.51.100.1, has none" in message


def test_a_delegated_name_is_refused() -> None:
    delegation = {"Name": DOMAIN, "Type": "NS", "TTL": 60, "ResourceRecords": [{"Value": "ns.example.org"}]}
    assert "delegated to another zone" in refusal(delegation)


def test_a_beacon_that_names_another_region_is_refused() -> None:
    message = refusal(*pair(), beacon(TOKYO, 255), beacon("eu-west-1", 0))
    assert "to eu-west-1 (weight 0) points at neither side: the primary's is ap-northeast-1" in message


def test_a_beacons_name_taken_by_a_cname_is_refused() -> None:
    taken = record(TOKYO, 0, Name=BEACON, SetIdentifier=None, Weight=None)
    assert "The beacon's name is taken" in refusal(*pair(), taken)
