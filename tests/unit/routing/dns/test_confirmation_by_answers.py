"""Confirmation of a move by the name servers' answers."""

from typing import Any

import pytest

from cognito_failover.common.region import RegionRole, route_all_to
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.records import Confirmation, DnsWatch, RecordSet
from cognito_failover.core.user_location import confirm_users_on
from cognito_failover.routing.dns.user_locator import DnsUserLocator
from cognito_failover.routing.records.weighted_records import WeightedRecords
from cognito_failover_testing.memory_hosted_zone import MemoryZone
from tests.unit.routing.records.examples import (
    TOKYO,
    VIRGINIA,
    ScriptedAuthoritativeDns,
    make_group,
    make_record,
    make_record_pair,
    make_region_record_pair,
)

ONE, TWO = "ns-1.example.net", "ns-2.example.org"
OLD, NEW = ["d-tokyo.example.net."], ["d-virginia.example.net."]


def confirm_move(servers: ScriptedAuthoritativeDns, records: list[RecordSet], **group_changes: Any) -> Confirmation:
    zone = MemoryZone("example.com", [*records, *make_region_record_pair()])
    group = make_group(**group_changes)
    lever = WeightedRecords(group=group, zone=zone)
    snapshot = lever.read_records()
    intent = lever.plan(snapshot, route_all_to(RegionRole.STANDBY))
    watch = DnsWatch(record_sets=intent.after, name_servers=snapshot.name_servers)
    location = DnsUserLocator(group, authority=servers).locate(SteeredName.RECORDS, watch)
    return confirm_users_on(location, RegionRole.STANDBY, region=VIRGINIA)


def set_moved_region_record(servers: ScriptedAuthoritativeDns) -> None:
    for server in (ONE, TWO):
        servers.set_answers(server, "TXT", [VIRGINIA], [VIRGINIA])


def test_one_old_answer_makes_server_stale(name_servers: ScriptedAuthoritativeDns) -> None:
    set_moved_region_record(name_servers)
    name_servers.set_answers(ONE, "CNAME", NEW, OLD, NEW)
    name_servers.set_answers(TWO, "CNAME", NEW)
    confirmation = confirm_move(name_servers, make_record_pair())
    assert (confirmation.moved, confirmation.stale, confirmation.unresponsive) == (False, (ONE,), ())
    assert ONE in confirmation.detail


def test_silent_server_is_reported_without_denying_move(name_servers: ScriptedAuthoritativeDns) -> None:
    name_servers.set_answers(ONE, "CNAME", NEW)
    name_servers.set_answers(ONE, "TXT", [VIRGINIA])
    confirmation = confirm_move(name_servers, make_record_pair())
    assert (confirmation.moved, confirmation.stale, confirmation.unresponsive) == (True, (), (TWO,))
    assert confirmation.detail == "1 of 2 name servers answer with us-east-1 only; no answer from ns-2.example.org."


def test_name_needs_no_answer_of_its_region_record(name_servers: ScriptedAuthoritativeDns) -> None:
    name_servers.set_answers(ONE, "CNAME", NEW)
    confirmation = confirm_move(name_servers, make_record_pair())
    assert (confirmation.moved, confirmation.unresponsive) == (True, (TWO,))


def test_full_move_is_confirmed_by_all_name_servers(name_servers: ScriptedAuthoritativeDns) -> None:
    for server in (ONE, TWO):
        name_servers.set_answers(server, "CNAME", NEW, NEW)
    confirmation = confirm_move(name_servers, make_record_pair())
    assert confirmation.moved
    assert confirmation.detail == "2 of 2 name servers answer with us-east-1 only."


def test_no_answers_confirm_nothing(name_servers: ScriptedAuthoritativeDns) -> None:
    assert not confirm_move(name_servers, make_record_pair()).moved


def test_empty_answer_is_no_witness(name_servers: ScriptedAuthoritativeDns) -> None:
    set_moved_region_record(name_servers)
    name_servers.set_answers(ONE, "CNAME", [])
    name_servers.set_answers(TWO, "CNAME", NEW)
    confirmation = confirm_move(name_servers, make_record_pair())
    assert (confirmation.moved, confirmation.stale, confirmation.unresponsive) == (True, (), (ONE,))


def test_empty_answers_of_all_servers_confirm_nothing(name_servers: ScriptedAuthoritativeDns) -> None:
    set_moved_region_record(name_servers)
    for server in (ONE, TWO):
        name_servers.set_answers(server, "CNAME", [])
    confirmation = confirm_move(name_servers, make_record_pair())
    assert (confirmation.moved, confirmation.unresponsive) == (False, (ONE, TWO))


def make_alias_pairs(*types: str) -> list[RecordSet]:
    def make_alias(record_type: str, identifier: str, weight: int, name: str) -> RecordSet:
        target = {"HostedZoneId": "Z1", "DNSName": name, "EvaluateTargetHealth": False}
        return make_record(identifier, weight, Type=record_type, TTL=None, ResourceRecords=None, AliasTarget=target)

    return [
        make_alias(record_type, identifier, weight, name)
        for record_type in types
        for identifier, weight, name in ((TOKYO, 255, OLD[0]), (VIRGINIA, 0, NEW[0]))
    ]


def test_alias_is_judged_by_resolved_targets(name_servers: ScriptedAuthoritativeDns) -> None:
    set_moved_region_record(name_servers)
    name_servers.addresses = {OLD[0]: frozenset({"192.0.2.1"}), NEW[0]: frozenset({"198.51.100.1"})}
    name_servers.set_answers(ONE, "A", ["192.0.2.1"])
    name_servers.set_answers(TWO, "A", ["198.51.100.7"])
    assert confirm_move(name_servers, make_alias_pairs("A")).stale == (ONE,)


def test_move_of_dual_stack_aliases_with_ipv4_targets_is_confirmed(name_servers: ScriptedAuthoritativeDns) -> None:
    name_servers.addresses = {OLD[0]: frozenset({"192.0.2.1"}), NEW[0]: frozenset({"198.51.100.1"})}
    for server in (ONE, TWO):
        name_servers.set_answers(server, "A", ["198.51.100.1"])
        name_servers.set_answers(server, "AAAA", [])
    confirmation = confirm_move(name_servers, make_alias_pairs("A", "AAAA"))
    assert (confirmation.moved, confirmation.unresponsive) == (True, ())


def test_one_family_at_the_old_target_denies_the_move(name_servers: ScriptedAuthoritativeDns) -> None:
    name_servers.addresses = {OLD[0]: frozenset({"192.0.2.1"}), NEW[0]: frozenset({"198.51.100.1"})}
    for server in (ONE, TWO):
        name_servers.set_answers(server, "A", ["198.51.100.1"], ["192.0.2.1"])
        name_servers.set_answers(server, "AAAA", [])
    assert confirm_move(name_servers, make_alias_pairs("A", "AAAA")).stale == (ONE, TWO)


@pytest.mark.parametrize("addresses", [{OLD[0]: {"192.0.2.1"}, NEW[0]: {"192.0.2.1"}}, {NEW[0]: {"192.0.2.1"}}, {}])
def test_region_record_decides_for_ambiguous_addresses(
    name_servers: ScriptedAuthoritativeDns, addresses: dict[str, set[str]]
) -> None:
    name_servers.addresses = {name: frozenset(found) for name, found in addresses.items()}
    for server in (ONE, TWO):
        name_servers.set_answers(server, "A", ["192.0.2.1"])
    name_servers.set_answers(ONE, "TXT", [VIRGINIA])
    name_servers.set_answers(TWO, "TXT", [TOKYO])
    confirmation = confirm_move(name_servers, make_alias_pairs("A"))
    assert (confirmation.moved, confirmation.stale) == (False, (TWO,))
    name_servers.set_answers(TWO, "TXT", [VIRGINIA])
    assert confirm_move(name_servers, make_alias_pairs("A")).moved
