"""A change batch is done whole or not at all."""

import contextlib

import botocore.exceptions
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from sandbox.route53.batch import Records, Zone, apply_batch
from sandbox.route53.errors import Refusal
from sandbox.route53.records import from_api, to_api
from sandbox.route53.zones import first_records
from tests.unit.sandbox_route53.world import World, entry, weighted

ZONE = Zone(
    id="Z1",
    name="example.com.",
    hosted_zone_ids=frozenset({"Z1"}),
    protections={},
    health_check_ids=frozenset(),
)

actions = st.sampled_from(["CREATE", "DELETE", "UPSERT"])
names = st.sampled_from(["a.example.com", "b.example.com", "b.a.example.com"])
addresses = st.builds(
    entry, actions, names, st.just("A"), st.sampled_from(["192.0.2.1", "192.0.2.2"]), TTL=st.sampled_from([60, 300])
)
aliases = st.builds(entry, actions, names, st.just("CNAME"), st.sampled_from(["c.example.net", "d.example.net"]))
groups = st.builds(
    weighted, actions, st.sampled_from(["one", "two"]), st.integers(0, 300), TTL=st.sampled_from([60, 300])
)
batches = st.lists(addresses | aliases | groups, min_size=1, max_size=5)


def run(batch_list: list[list[dict[str, object]]]) -> Records:
    """Apply batches one after the other; those refused leave nothing."""
    records: Records = first_records(ZONE.name)
    for batch in batch_list:
        try:
            records = apply_batch(ZONE, records, batch)
        except Refusal:
            continue
    return records


@given(st.lists(batches, max_size=6), batches)
def test_a_batch_never_touches_the_record_sets_it_was_given(
    earlier: list[list[dict[str, object]]], batch: list[dict[str, object]]
) -> None:
    records = run(earlier)
    before = dict(records)
    with contextlib.suppress(Refusal):
        apply_batch(ZONE, records, batch)
    assert records == before


@given(st.lists(batches, max_size=6), batches)
def test_an_accepted_batch_changes_only_the_record_sets_it_names(
    earlier: list[list[dict[str, object]]], batch: list[dict[str, object]]
) -> None:
    records = run(earlier)
    try:
        after = apply_batch(ZONE, records, batch)
    except Refusal:
        reject()
    named = {from_api(change["ResourceRecordSet"]).key for change in batch}  # type: ignore[arg-type] # an entry's shape
    assert {key: one for key, one in after.items() if key not in named} == {
        key: one for key, one in records.items() if key not in named
    }


@given(st.lists(batches, max_size=8))
def test_no_sequence_of_batches_reaches_a_zone_that_breaks_the_rules(
    batch_list: list[list[dict[str, object]]],
) -> None:
    records = run(batch_list)
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
    records = run(batch_list)
    for key, record_set in records.items():
        if key[0] != ZONE.name:
            after = apply_batch(ZONE, records, [{"Action": "DELETE", "ResourceRecordSet": to_api(record_set)}])
            assert after == {other: kept for other, kept in records.items() if other != key}


def test_one_refused_change_keeps_the_others_of_its_batch_out(paired: World) -> None:
    with paired.refusal("InvalidChangeBatch", "already exists"):
        paired.change(
            entry("CREATE", "new.example.com", "A", "192.0.2.1"),
            weighted("DELETE", "ap-northeast-1", 255),
            weighted("CREATE", "us-east-1", 255),
        )


def test_delete_and_create_in_one_batch_is_a_compare_and_set(paired: World) -> None:
    move = [
        weighted("DELETE", "ap-northeast-1", 255),
        weighted("DELETE", "us-east-1", 0),
        weighted("CREATE", "ap-northeast-1", 0),
        weighted("CREATE", "us-east-1", 255),
    ]
    paired.change(*move)
    assert {record["SetIdentifier"]: record["Weight"] for record in paired.records()} == {
        "ap-northeast-1": 0,
        "us-east-1": 255,
    }
    with paired.refusal("InvalidChangeBatch", "do not match the current values"):
        paired.change(*move)


def test_upsert_replaces_the_whole_record_set(world: World) -> None:
    check = world.client.create_health_check(
        CallerReference="one", HealthCheckConfig={"Type": "HTTPS", "FullyQualifiedDomainName": "a.example.net"}
    )["HealthCheck"]["Id"]
    world.change(weighted("CREATE", "one", 255, HealthCheckId=check))
    world.change(weighted("UPSERT", "one", 0))
    assert "HealthCheckId" not in world.records()[0]


def test_a_simple_record_set_becomes_a_weighted_group_in_one_batch(world: World) -> None:
    simple = entry("CREATE", "auth.example.com", "CNAME", "c.example.net")
    world.change(simple)
    world.change(simple | {"Action": "DELETE"}, weighted("CREATE", "one", 1))
    assert [record["SetIdentifier"] for record in world.records()] == ["one"]


def test_values_in_another_order_are_the_same_values(world: World) -> None:
    world.change(entry("CREATE", "a.example.com", "A", "192.0.2.1", "192.0.2.2"))
    world.change(entry("DELETE", "A.EXAMPLE.com.", "A", "192.0.2.2", "192.0.2.1"))
    assert world.records() == []


@pytest.mark.parametrize("deleted", [True, False])
def test_a_deleted_health_check_can_be_taken_off_but_not_attached_again(world: World, deleted: bool) -> None:
    check = world.client.create_health_check(
        CallerReference="one", HealthCheckConfig={"Type": "HTTPS", "FullyQualifiedDomainName": "a.example.net"}
    )["HealthCheck"]["Id"]
    world.change(weighted("CREATE", "one", 1, HealthCheckId=check))
    swap = weighted("DELETE", "one", 1, HealthCheckId=check), weighted("CREATE", "one", 2, HealthCheckId=check)
    if deleted:
        world.client.delete_health_check(HealthCheckId=check)
        with pytest.raises(botocore.exceptions.ClientError, match="NoSuchHealthCheck"):
            world.change(*swap)
        swap[1]["ResourceRecordSet"].pop("HealthCheckId")
    world.change(*swap)
    assert [record["Weight"] for record in world.records()] == [2]
