"""A change batch is atomic."""

import contextlib

import botocore.exceptions
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from sandbox.route53.batch import ZoneContext, ZoneRecords, apply_batch
from sandbox.route53.errors import Route53ServiceError
from sandbox.route53.records import from_api, to_api
from sandbox.route53.zones import build_initial_records
from tests.unit.sandbox_route53.harness import Route53Harness, build_change, build_weighted_change

ZONE = ZoneContext(
    id="Z1",
    name="example.com.",
    hosted_zone_ids=frozenset({"Z1"}),
    protections={},
    health_check_ids=frozenset(),
)

actions = st.sampled_from(["CREATE", "DELETE", "UPSERT"])
names = st.sampled_from(["a.example.com", "b.example.com", "b.a.example.com"])
addresses = st.builds(
    build_change,
    actions,
    names,
    st.just("A"),
    st.sampled_from(["192.0.2.1", "192.0.2.2"]),
    TTL=st.sampled_from([60, 300]),
)
aliases = st.builds(build_change, actions, names, st.just("CNAME"), st.sampled_from(["c.example.net", "d.example.net"]))
groups = st.builds(
    build_weighted_change, actions, st.sampled_from(["one", "two"]), st.integers(0, 300), TTL=st.sampled_from([60, 300])
)
batches = st.lists(addresses | aliases | groups, min_size=1, max_size=5)


def apply_batches(batch_list: list[list[dict[str, object]]]) -> ZoneRecords:
    """Apply batches in sequence. Rejected batches change nothing."""
    records: ZoneRecords = build_initial_records(ZONE.name)
    for batch in batch_list:
        try:
            records = apply_batch(ZONE, records, batch)
        except Route53ServiceError:
            continue
    return records


@given(st.lists(batches, max_size=6), batches)
def test_batch_does_not_modify_its_input(
    earlier: list[list[dict[str, object]]], batch: list[dict[str, object]]
) -> None:
    records = apply_batches(earlier)
    before = dict(records)
    with contextlib.suppress(Route53ServiceError):
        apply_batch(ZONE, records, batch)
    assert records == before


@given(st.lists(batches, max_size=6), batches)
def test_accepted_batch_changes_only_the_record_sets_it_names(
    earlier: list[list[dict[str, object]]], batch: list[dict[str, object]]
) -> None:
    records = apply_batches(earlier)
    try:
        after = apply_batch(ZONE, records, batch)
    except Route53ServiceError:
        reject()
    named = {from_api(change["ResourceRecordSet"]).key for change in batch}  # type: ignore[arg-type] # an entry's shape
    assert {key: record_set for key, record_set in after.items() if key not in named} == {
        key: record_set for key, record_set in records.items() if key not in named
    }


@given(st.lists(batches, max_size=8))
def test_no_sequence_of_batches_reaches_a_zone_that_breaks_the_rules(
    batch_list: list[list[dict[str, object]]],
) -> None:
    records = apply_batches(batch_list)
    by_name_and_type: dict[tuple[str, str], list[str | None]] = {}
    for (name, record_type, _), record_set in records.items():
        by_name_and_type.setdefault((name, record_type), []).append(record_set.policy)
        if record_type == "CNAME":
            assert {key[1] for key in records if key[0] == name} == {"CNAME"}
    for policies in by_name_and_type.values():
        assert len(set(policies)) == 1
        assert len(policies) == 1 or policies[0] is not None
    assert len({one.ttl_seconds for one in records.values() if one.policy == "Weight"}) <= 1


@given(st.lists(batches, max_size=6))
def test_deleting_a_record_set_as_read_always_succeeds(batch_list: list[list[dict[str, object]]]) -> None:
    records = apply_batches(batch_list)
    for key, record_set in records.items():
        if key[0] != ZONE.name:
            after = apply_batch(ZONE, records, [{"Action": "DELETE", "ResourceRecordSet": to_api(record_set)}])
            assert after == {other: kept for other, kept in records.items() if other != key}


def test_rejected_change_rejects_whole_batch(paired: Route53Harness) -> None:
    with paired.expect_error("InvalidChangeBatch", "already exists"):
        paired.change_records(
            build_change("CREATE", "new.example.com", "A", "192.0.2.1"),
            build_weighted_change("DELETE", "ap-northeast-1", 255),
            build_weighted_change("CREATE", "us-east-1", 255),
        )


def test_delete_and_create_in_one_batch_is_a_compare_and_set(paired: Route53Harness) -> None:
    move = [
        build_weighted_change("DELETE", "ap-northeast-1", 255),
        build_weighted_change("DELETE", "us-east-1", 0),
        build_weighted_change("CREATE", "ap-northeast-1", 0),
        build_weighted_change("CREATE", "us-east-1", 255),
    ]
    paired.change_records(*move)
    assert {record["SetIdentifier"]: record["Weight"] for record in paired.list_records()} == {
        "ap-northeast-1": 0,
        "us-east-1": 255,
    }
    with paired.expect_error("InvalidChangeBatch", "do not match the current values"):
        paired.change_records(*move)


def test_upsert_replaces_the_whole_record_set(harness: Route53Harness) -> None:
    check = harness.client.create_health_check(
        CallerReference="one", HealthCheckConfig={"Type": "HTTPS", "FullyQualifiedDomainName": "a.example.net"}
    )["HealthCheck"]["Id"]
    harness.change_records(build_weighted_change("CREATE", "one", 255, HealthCheckId=check))
    harness.change_records(build_weighted_change("UPSERT", "one", 0))
    assert "HealthCheckId" not in harness.list_records()[0]


def test_simple_record_set_becomes_a_weighted_group_in_one_batch(harness: Route53Harness) -> None:
    simple = build_change("CREATE", "auth.example.com", "CNAME", "c.example.net")
    harness.change_records(simple)
    harness.change_records(simple | {"Action": "DELETE"}, build_weighted_change("CREATE", "one", 1))
    assert [record["SetIdentifier"] for record in harness.list_records()] == ["one"]


def test_values_in_another_order_are_the_same_values(harness: Route53Harness) -> None:
    harness.change_records(build_change("CREATE", "a.example.com", "A", "192.0.2.1", "192.0.2.2"))
    harness.change_records(build_change("DELETE", "A.EXAMPLE.com.", "A", "192.0.2.2", "192.0.2.1"))
    assert harness.list_records() == []


@pytest.mark.parametrize("deleted", [True, False])
def test_deleted_health_check_can_be_detached_but_not_attached(harness: Route53Harness, deleted: bool) -> None:
    check = harness.client.create_health_check(
        CallerReference="one", HealthCheckConfig={"Type": "HTTPS", "FullyQualifiedDomainName": "a.example.net"}
    )["HealthCheck"]["Id"]
    harness.change_records(build_weighted_change("CREATE", "one", 1, HealthCheckId=check))
    swap = (
        build_weighted_change("DELETE", "one", 1, HealthCheckId=check),
        build_weighted_change("CREATE", "one", 2, HealthCheckId=check),
    )
    if deleted:
        harness.client.delete_health_check(HealthCheckId=check)
        with pytest.raises(botocore.exceptions.ClientError, match="NoSuchHealthCheck"):
            harness.change_records(*swap)
        swap[1]["ResourceRecordSet"].pop("HealthCheckId")
    harness.change_records(*swap)
    assert [record["Weight"] for record in harness.list_records()] == [2]
