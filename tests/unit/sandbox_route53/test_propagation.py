"""A change is PENDING, reaches the name servers one by one, and is then INSYNC."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.route53 import Route53
from sandbox.route53.changes import Changes
from sandbox.route53.ids import IdGenerator
from sandbox.route53.in_process import connect
from tests.unit.sandbox_route53.harness import Route53Clock, Route53Harness, build_change

NAME = "a.example.com"


def read_status(harness: Route53Harness, change_id: str) -> str:
    return harness.client.get_change(Id=change_id)["ChangeInfo"]["Status"]


def count_updated_name_servers(harness: Route53Harness) -> int:
    """Return the number of name servers with the new address."""
    return sum(harness.query_data(NAME, name_server=index) == ["192.0.2.1"] for index in range(4))


def test_change_is_pending_until_propagation_time_ends(harness: Route53Harness) -> None:
    change_id = harness.change_records(build_change("CREATE", NAME, "A", "192.0.2.1"))
    assert read_status(harness, change_id) == "PENDING"
    harness.clock.now += 19.9
    assert read_status(harness, change_id) == "PENDING"
    harness.clock.now += 0.1
    assert read_status(harness, change_id) == "INSYNC"


def test_name_servers_follow_gradually_and_all_before_insync(harness: Route53Harness) -> None:
    change_id = harness.change_records(build_change("CREATE", NAME, "A", "192.0.2.1"))
    seen = []
    while read_status(harness, change_id) == "PENDING":
        seen.append(count_updated_name_servers(harness))
        harness.clock.now += 0.25
    assert seen == sorted(seen)
    assert set(seen) == {0, 1, 2, 3, 4}


def test_listing_shows_a_change_that_is_still_pending(harness: Route53Harness) -> None:
    harness.change_records(build_change("CREATE", NAME, "A", "192.0.2.1"))
    assert count_updated_name_servers(harness) == 0
    assert [record["Name"] for record in harness.list_records()] == ["a.example.com."]


def test_change_has_comment_and_time(harness: Route53Harness) -> None:
    answer = harness.client.change_resource_record_sets(
        HostedZoneId=harness.zone_id,
        ChangeBatch={"Comment": "why", "Changes": [build_change("CREATE", NAME, "A", "192.0.2.1")]},  # type: ignore[list-item] # an entry's shape
    )
    info = harness.client.get_change(Id=answer["ChangeInfo"]["Id"])["ChangeInfo"]
    assert info["Comment"] == "why"
    assert info["SubmittedAt"].timestamp() == harness.clock.now


def test_propagation_time_can_be_changed_at_run_time(harness: Route53Harness) -> None:
    harness.route53.propagation_seconds = 0.0
    change_id = harness.change_records(build_change("CREATE", NAME, "A", "192.0.2.1"))
    assert read_status(harness, change_id) == "INSYNC"
    assert count_updated_name_servers(harness) == 4


def test_new_zone_is_unknown_to_the_name_servers_at_first(harness: Route53Harness) -> None:
    harness.client.create_hosted_zone(Name="example.org", CallerReference="two")
    assert harness.query("example.org", "SOA").rcode.name == "REFUSED"
    harness.wait_until_in_sync()
    assert harness.query("example.org", "SOA").rcode.name == "NOERROR"


@pytest.mark.parametrize("seed", [1, 2])
def test_same_seed_gives_same_propagation_times(seed: int) -> None:
    def list_visible_times() -> tuple[float, ...]:
        changes = Changes(clock=Route53Clock(), ids=IdGenerator(seed), propagation_seconds=20.0, seed=seed)
        return changes.accept("123456789012").visible_at

    assert list_visible_times() == list_visible_times()
    assert len(set(list_visible_times())) == 4


@given(st.lists(st.tuples(st.floats(0, 30), st.floats(0, 60)), min_size=1, max_size=8))
def test_name_servers_never_revert_and_follow_before_insync(steps: list[tuple[float, float]]) -> None:
    clock = Route53Clock()
    changes = Changes(clock=clock, ids=IdGenerator(0), propagation_seconds=20.0, seed=0)
    previous = None
    for pause_seconds, propagation_seconds in steps:
        clock.now += pause_seconds
        changes.propagation_seconds = propagation_seconds
        change = changes.accept("123456789012", after=previous)
        assert max(change.visible_at) <= change.in_sync_at
        assert min(change.visible_at) >= (0 if previous is None else min(previous.visible_at))
        if previous is not None:
            assert all(new >= old for new, old in zip(change.visible_at, previous.visible_at, strict=True))
        previous = change


def test_change_is_unknown_to_another_account(harness: Route53Harness) -> None:
    change_id = harness.change_records(build_change("CREATE", NAME, "A", "192.0.2.1"))
    other_account = connect(harness.route53, "999999999999")
    with pytest.raises(other_account.exceptions.NoSuchChange):
        other_account.get_change(Id=change_id)


def test_same_seed_gives_same_ids() -> None:
    def zone_id() -> str:
        client = connect(Route53(clock=Route53Clock(), seed=7))
        return client.create_hosted_zone(Name="example.com", CallerReference="one")["HostedZone"]["Id"]

    assert zone_id() == zone_id()
