"""The location of users: by which name servers, and by what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from cognito_failover.common.region import RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.location import Location, LocationSource
from cognito_failover.core.model.records import DnsWatch, RecordSet
from cognito_failover.routing.dns.alias_addresses import ADDRESS_MEMORY_SECONDS
from cognito_failover.routing.dns.delegation import ServerAddresses
from cognito_failover.routing.dns.user_locator import DELEGATION_BUDGET_SECONDS, DnsUserLocator
from tests.unit.routing.records.examples import (
    DOMAIN,
    REGION_RECORD_NAME,
    TOKYO,
    VIRGINIA,
    ScriptedAuthoritativeDns,
    make_group,
    make_record,
    make_record_pair,
    make_region_record_pair,
)

LISTED = ("ns-1.example.net", "ns-2.example.org")
NEW = ["d-virginia.example.net."]
OBSERVED_AT = 1_800_000_000.0


@dataclass
class KnownDelegation:
    """Delegations that are known at once."""

    servers: dict[str, ServerAddresses] = field(default_factory=dict)
    budgets: list[float] = field(default_factory=list)

    def find_servers(self, names: Sequence[str], *, budget_seconds: float) -> Mapping[str, ServerAddresses]:
        self.budgets.append(budget_seconds)
        return {name: self.servers[name] for name in names if name in self.servers}


def make_alias_pair() -> list[RecordSet]:
    def make_alias(identifier: str, weight: int) -> RecordSet:
        name = "d-tokyo.example.net" if identifier == TOKYO else "d-virginia.example.net"
        alias = {"HostedZoneId": "Z1", "DNSName": name, "EvaluateTargetHealth": False}
        return make_record(identifier, weight, Type="A", TTL=None, ResourceRecords=None, AliasTarget=alias)

    return [make_alias(TOKYO, 255), make_alias(VIRGINIA, 0)]


def locate(
    name_servers: ScriptedAuthoritativeDns,
    record_sets: Sequence[RecordSet] = (),
    *,
    delegation: KnownDelegation | None = None,
    name: SteeredName = SteeredName.RECORDS,
) -> Location:
    locator = DnsUserLocator(
        make_group(), authority=name_servers, delegation=delegation, clock=lambda: OBSERVED_AT, budget_seconds=2.5
    )
    watch = DnsWatch(record_sets=tuple(record_sets or make_record_pair()), name_servers=LISTED)
    return locator.locate(name, watch)


def test_location_says_when_and_by_what_it_was_observed(name_servers: ScriptedAuthoritativeDns) -> None:
    name_servers.set_answers(LISTED[0], "CNAME", NEW)
    location = locate(name_servers)
    assert (location.observed_at, location.source) == (OBSERVED_AT, LocationSource.NAME)
    assert location.role is RegionRole.STANDBY
    assert location.silent_servers == (LISTED[1],)


def test_one_server_that_shows_no_region_makes_the_region_record_the_source(
    name_servers: ScriptedAuthoritativeDns,
) -> None:
    name_servers.addresses = {
        "d-tokyo.example.net.": frozenset({"192.0.2.1"}),
        "d-virginia.example.net.": frozenset({"192.0.2.2"}),
    }
    name_servers.set_answers(LISTED[0], "A", ["192.0.2.2"])
    name_servers.set_answers(LISTED[1], "A", ["192.0.2.77"])
    name_servers.set_answers(LISTED[1], "TXT", [VIRGINIA])
    location = locate(name_servers, [*make_alias_pair(), *make_region_record_pair()])
    assert (location.source, location.role) == (LocationSource.REGION_RECORD, RegionRole.STANDBY)
    assert location.answering_count == 2


def test_text_alone_is_the_record_of_a_check(name_servers: ScriptedAuthoritativeDns) -> None:
    name_servers.set_answers(LISTED[0], "TXT", [VIRGINIA])
    for name in SteeredName:
        location = locate(name_servers, make_region_record_pair(), name=name)
        assert (location.source, location.role) == (LocationSource.CHECK_RECORD, RegionRole.STANDBY)


def test_delegated_name_servers_are_asked_instead_of_listed_ones(name_servers: ScriptedAuthoritativeDns) -> None:
    name_servers.set_answers("192.0.2.53", "CNAME", NEW)
    delegation = KnownDelegation({DOMAIN: {"ns1.example.com": "192.0.2.53"}})
    location = locate(name_servers, delegation=delegation)
    assert location.role is RegionRole.STANDBY
    assert tuple(location.servers) == ("ns1.example.com",)
    assert delegation.budgets == [DELEGATION_BUDGET_SECONDS]


def test_two_names_of_one_name_server_are_one_witness(name_servers: ScriptedAuthoritativeDns) -> None:
    name_servers.set_answers("192.0.2.53", "CNAME", NEW)
    delegation = KnownDelegation({DOMAIN: {"ns1.example.com": "192.0.2.53", "ns-1.example.net": "192.0.2.53"}})
    assert locate(name_servers, delegation=delegation).answering_count == 1


def test_listed_name_servers_are_asked_while_the_delegation_is_unknown(name_servers: ScriptedAuthoritativeDns) -> None:
    name_servers.set_answers(LISTED[0], "CNAME", NEW)
    location = locate(name_servers, delegation=KnownDelegation())
    assert location.role is RegionRole.STANDBY
    assert set(location.servers) == set(LISTED)


@pytest.mark.parametrize("region_servers", [{"ns9.example.org": "192.0.2.9"}, None], ids=["elsewhere", "unknown"])
def test_region_record_on_other_name_servers_decides_nothing(
    name_servers: ScriptedAuthoritativeDns, region_servers: ServerAddresses | None
) -> None:
    name_servers.set_answers("192.0.2.53", "A", ["192.0.2.1"])
    name_servers.set_answers("192.0.2.53", "TXT", [VIRGINIA])
    own = {"ns1.example.com": "192.0.2.53"}
    records = [*make_alias_pair(), *make_region_record_pair()]
    known = KnownDelegation({DOMAIN: own, REGION_RECORD_NAME: own})
    assert locate(name_servers, records, delegation=known).role is RegionRole.STANDBY
    other = KnownDelegation({DOMAIN: own, **({REGION_RECORD_NAME: region_servers} if region_servers else {})})
    location = locate(name_servers, records, delegation=other)
    assert (location.role, location.unknown_share) == (None, 1.0)


def test_watch_without_records_locates_nobody(name_servers: ScriptedAuthoritativeDns) -> None:
    foreign = [make_record("other", 255, "d-ireland.example.net")]
    delegation = KnownDelegation({DOMAIN: {"ns1.example.com": "192.0.2.53"}})
    location = locate(name_servers, foreign, delegation=delegation)
    assert location.answering_count == 0
    assert delegation.budgets == []


@dataclass
class RotatingAliases:
    """Aliases whose targets show other addresses from answer to answer, seen by one locator."""

    name_servers: ScriptedAuthoritativeDns
    now: float = OBSERVED_AT

    def __post_init__(self) -> None:
        self.locator = DnsUserLocator(make_group(), authority=self.name_servers, clock=lambda: self.now)

    def locate(self, answer: str, **addresses: str) -> Location:
        """Return the location when both servers answer with one address, and each target resolves to one or none."""
        for server in LISTED:
            self.name_servers.set_answers(server, "A", [answer])
        names = {"tokyo": "d-tokyo.example.net.", "virginia": "d-virginia.example.net."}
        self.name_servers.addresses = {names[each]: frozenset({found}) for each, found in addresses.items()}
        return self.locator.locate(
            SteeredName.RECORDS, DnsWatch(record_sets=tuple(make_alias_pair()), name_servers=LISTED)
        )


def test_addresses_of_earlier_looks_show_their_region(name_servers: ScriptedAuthoritativeDns) -> None:
    world = RotatingAliases(name_servers)
    world.locate("192.0.2.1", tokyo="192.0.2.1", virginia="198.51.100.1")
    world.now += 60
    assert world.locate("198.51.100.1", tokyo="192.0.2.2", virginia="198.51.100.2").role is RegionRole.STANDBY
    assert world.locate("192.0.2.2").role is RegionRole.PRIMARY


def test_address_of_both_targets_in_two_looks_shows_no_region(name_servers: ScriptedAuthoritativeDns) -> None:
    world = RotatingAliases(name_servers)
    world.locate("192.0.2.1", tokyo="192.0.2.1", virginia="198.51.100.1")
    assert world.locate("192.0.2.1", tokyo="192.0.2.9", virginia="192.0.2.1").role is None


def test_address_is_forgotten_after_an_hour(name_servers: ScriptedAuthoritativeDns) -> None:
    world = RotatingAliases(name_servers)
    world.locate("192.0.2.1", tokyo="192.0.2.1", virginia="198.51.100.1")
    world.now += ADDRESS_MEMORY_SECONDS - 1
    assert world.locate("192.0.2.1").role is RegionRole.PRIMARY
    world.now += 1
    assert world.locate("192.0.2.1", tokyo="192.0.2.9", virginia="198.51.100.1").role is None
    world.now += ADDRESS_MEMORY_SECONDS
    assert world.locate("192.0.2.9", virginia="198.51.100.1").role is None
