"""What the name servers' answers prove."""

from typing import Any

import pytest

from failover.levers.lever import Confirmation, RecordSet, Sight
from failover.levers.weighted_records import WeightedRecords
from failover.levers.zone_memory import MemoryZone
from failover.region import Side, all_to
from tests.unit.lever.examples import TOKYO, VIRGINIA, Servers, beacon_of, group, pair, record

ONE, TWO = "ns-1.example.net", "ns-2.example.org"
OLD, NEW = ["d-tokyo.example.net."], ["d-virginia.example.net."]


def confirmed(servers: Servers, records: list[RecordSet], **group_changes: Any) -> Confirmation:
    zone = MemoryZone("example.com", [*records, *beacon_of()])
    lever = WeightedRecords(group=group(**group_changes), zone=zone, authority=servers)
    survey = lever.survey()
    intent = lever.plan(survey, all_to(Side.STANDBY))
    return lever.answers(Sight(record_sets=intent.after, name_servers=survey.name_servers), Side.STANDBY)


def moved_beacon(servers: Servers) -> None:
    for server in (ONE, TWO):
        servers.say(server, "TXT", [VIRGINIA], [VIRGINIA])


def test_one_old_answer_among_several_keeps_a_server_stale(servers: Servers) -> None:
    moved_beacon(servers)
    servers.say(ONE, "CNAME", NEW, OLD, NEW)
    servers.say(TWO, "CNAME", NEW)
    found = confirmed(servers, pair())
    assert (found.moved, found.stale, found.silent) == (False, (ONE,), ())
    assert ONE in found.detail


def test_a_silent_server_is_reported_and_does_not_deny_the_move(servers: Servers) -> None:
    servers.say(ONE, "CNAME", NEW)
    servers.say(ONE, "TXT", [VIRGINIA])
    found = confirmed(servers, pair())
    assert (found.moved, found.stale, found.silent) == (True, (), (TWO,))
    assert found.detail == "1 of 2 name servers answer with us-east-1 only; no answer from ns-2.example.org."


def test_a_server_that_answers_for_the_name_and_not_for_the_beacon_is_silent(servers: Servers) -> None:
    servers.say(ONE, "CNAME", NEW)
    found = confirmed(servers, pair())
    assert (found.moved, found.silent) == (False, (ONE, TWO))


def test_where_nobody_answers_nothing_is_confirmed(servers: Servers) -> None:
    assert not confirmed(servers, pair()).moved


def test_a_server_that_does_not_know_the_record_yet_is_stale(servers: Servers) -> None:
    moved_beacon(servers)
    servers.say(ONE, "CNAME", [])
    servers.say(TWO, "CNAME", NEW)
    assert confirmed(servers, pair()).stale == (ONE,)


def test_an_old_beacon_denies_the_move(servers: Servers) -> None:
    moved_beacon(servers)
    servers.say(TWO, "TXT", [TOKYO])
    for server in (ONE, TWO):
        servers.say(server, "CNAME", NEW)
    assert confirmed(servers, pair()).stale == (TWO,)


def aliases() -> list[RecordSet]:
    def alias(identifier: str, weight: int, name: str) -> RecordSet:
        target = {"HostedZoneId": "Z1", "DNSName": name, "EvaluateTargetHealth": False}
        return record(identifier, weight, Type="A", TTL=None, ResourceRecords=None, AliasTarget=target)

    return [alias(TOKYO, 255, OLD[0]), alias(VIRGINIA, 0, NEW[0])]


def test_an_alias_is_judged_by_what_both_targets_resolve_to(servers: Servers) -> None:
    moved_beacon(servers)
    servers.addresses = {OLD[0]: frozenset({"192.0.2.1"}), NEW[0]: frozenset({"198.51.100.1"})}
    servers.say(ONE, "A", ["192.0.2.1"])
    servers.say(TWO, "A", ["198.51.100.7"])
    assert confirmed(servers, aliases()).stale == (ONE,)


@pytest.mark.parametrize("old_addresses", [{"192.0.2.1"}, set[str]()])
def test_where_addresses_can_not_tell_the_sides_apart_the_beacon_decides(
    servers: Servers, old_addresses: set[str]
) -> None:
    servers.addresses = {OLD[0]: frozenset(old_addresses), NEW[0]: frozenset({"192.0.2.1"})}
    for server in (ONE, TWO):
        servers.say(server, "A", ["192.0.2.1"])
    servers.say(ONE, "TXT", [VIRGINIA])
    servers.say(TWO, "TXT", [TOKYO])
    found = confirmed(servers, aliases())
    assert (found.moved, found.stale) == (False, (TWO,))
    servers.say(TWO, "TXT", [VIRGINIA])
    assert confirmed(servers, aliases()).moved
