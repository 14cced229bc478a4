"""The delegation of names, followed through the sandbox's registry and name servers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from cognito_failover.common.deadlines import Deadline
from cognito_failover.common.errors import LeverRefusedError
from cognito_failover.common.region import PerRole, RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.location import Location
from cognito_failover.core.model.records import DnsWatch
from cognito_failover.core.user_location import confirm_users_on
from cognito_failover.routing.dns.authoritative_dns import AuthoritativeDnsClient
from cognito_failover.routing.dns.delegation import FollowedDelegation, ServerAddresses
from cognito_failover.routing.dns.delegation_walk import DelegationUnavailableError, DelegationWalk
from cognito_failover.routing.dns.user_locator import DnsUserLocator
from cognito_failover.routing.records.route53_zone import Route53Zone
from cognito_failover.routing.records.weighted_records import WeightedRecords
from sandbox.dns import DnsServers
from sandbox.domain_registrar import DomainRegistrar
from sandbox.route53 import ALL_NAME_SERVERS, NAME_SERVERS
from tests.integration.routing.route53_session import Route53Session
from tests.integration.routing.served_zones import ADDRESSES, NETWORK, PORT, make_resolver, run_name_servers
from tests.support import load_scaling
from tests.unit.routing.records.examples import TOKYO, VIRGINIA, make_group, make_record, make_region_record

DOMAIN = "auth.login.example.com."
BUDGET_SECONDS = load_scaling.scale_seconds(5)
OWN = dict(zip(NAME_SERVERS, ADDRESSES, strict=False))
CHILD = dict(zip(ALL_NAME_SERVERS[4:], ADDRESSES[4:], strict=True))
GROUP = make_group(domain_name=DOMAIN)
RECORDS = [
    *(make_record(region, weight, Name=DOMAIN) for region, weight in ((TOKYO, 255), (VIRGINIA, 0))),
    *(
        {**make_region_record(region, weight), "Name": f"_region.{DOMAIN}"}
        for region, weight in ((TOKYO, 255), (VIRGINIA, 0))
    ),
]


@dataclass(frozen=True, kw_only=True)
class DelegatedZone:
    """A zone with the records of a name, its registrar, and its servers."""

    session: Route53Session
    zone_id: str
    registrar: DomainRegistrar
    servers: DnsServers

    def follow(self, name: str = DOMAIN) -> ServerAddresses:
        """Return the name servers that the delegation leads to."""
        deadline = Deadline(BUDGET_SECONDS)
        return DelegationWalk(deadline=deadline, resolver=make_resolver(), port=PORT).follow(name)

    def locate(self) -> Location:
        """Return where the name's users are, with a new look at the delegation."""
        delegation = FollowedDelegation(self.follow)
        # The locator waits for a short time only, which may be too short for a busy machine.
        delegation.find_servers([DOMAIN, f"_region.{DOMAIN}"], budget_seconds=BUDGET_SECONDS)
        locator = DnsUserLocator(
            GROUP,
            authority=AuthoritativeDnsClient(port=PORT),
            delegation=delegation,
            budget_seconds=BUDGET_SECONDS,
        )
        watch = DnsWatch(record_sets=tuple(RECORDS), name_servers=NAME_SERVERS)
        return locator.locate(SteeredName.RECORDS, watch)

    def delegate(self, name: str, *servers: str) -> None:
        """Create an NS record set in the zone, with effect at once."""
        values = [{"Value": server} for server in servers]
        self.session.change(self.zone_id, "CREATE", {"Name": name, "Type": "NS", "TTL": 60, "ResourceRecords": values})
        self.session.now += 60

    def create_child_zone(self, name: str, role: RegionRole) -> None:
        """Create a zone on other name servers that sends the users of its name to a Region."""
        child_id = self.session.create_zone(name)
        [values] = [each["ResourceRecords"] for each in RECORDS if each["SetIdentifier"] == GROUP.regions[role]][:1]
        record = {"Name": DOMAIN, "Type": "CNAME", "TTL": 60, "ResourceRecords": values}
        self.session.change(child_id, "CREATE", record)
        self.session.now += 60


@pytest.fixture
def delegated_zone() -> Iterator[DelegatedZone]:
    session = Route53Session()
    zone_id = session.create_zone()
    session.change(zone_id, "CREATE", *RECORDS)
    session.now += 60
    registrar = DomainRegistrar(session.route53.list_name_servers)
    with run_name_servers(session, registrar) as servers:
        yield DelegatedZone(session=session, zone_id=zone_id, registrar=registrar, servers=servers)


def register_servers(zone: DelegatedZone, servers: Mapping[str, str]) -> None:
    """Delegate the zone to these name servers at the registrar. Those with an address get a glue record."""
    given = [{"Name": name, **({"GlueIps": [address]} if address else {})} for name, address in servers.items()]
    zone.registrar.set_delegation("example.com", given)


def test_walk_ends_at_name_servers_of_the_zone(delegated_zone: DelegatedZone) -> None:
    assert delegated_zone.follow() == OWN
    assert delegated_zone.follow(f"_region.{DOMAIN}") == OWN


def test_walk_to_a_name_that_does_not_exist_ends_at_its_zone(delegated_zone: DelegatedZone) -> None:
    assert delegated_zone.follow("a.b.nowhere.example.com") == OWN


@pytest.mark.parametrize("cut", ["login.example.com", f"_region.{DOMAIN}"])
def test_walk_follows_name_servers_records_within_the_zone(delegated_zone: DelegatedZone, cut: str) -> None:
    delegated_zone.delegate(cut, *CHILD)
    assert delegated_zone.follow(f"_region.{DOMAIN}") == CHILD
    assert delegated_zone.follow("example.com") == OWN


def test_walk_keeps_a_name_server_without_address(delegated_zone: DelegatedZone) -> None:
    first = NAME_SERVERS[0]
    register_servers(delegated_zone, {"ns1.elsewhere.example": "", first: ""})
    assert delegated_zone.follow() == {"ns1.elsewhere.example": "ns1.elsewhere.example.", first: OWN[first]}


def test_walk_uses_glue_of_name_servers_below_the_zone(delegated_zone: DelegatedZone) -> None:
    white_label = {f"ns{number}.example.com": address for number, address in enumerate(ADDRESSES[:4])}
    register_servers(delegated_zone, white_label)
    assert delegated_zone.follow() == white_label


def test_walk_asks_further_name_servers_when_some_are_silent(delegated_zone: DelegatedZone) -> None:
    for index in (0, 1, 2):
        delegated_zone.servers.set_silenced(index, True)
    delegated_zone.delegate("login.example.com", *CHILD)
    assert delegated_zone.follow() == CHILD


def test_walk_to_silent_name_servers_ends_at_them(delegated_zone: DelegatedZone) -> None:
    for index in range(4):
        delegated_zone.servers.set_silenced(index, True)
    assert delegated_zone.follow() == OWN


@pytest.mark.usefixtures("delegated_zone")
def test_walk_without_answer_of_the_top_level_domain_says_so() -> None:
    walk = DelegationWalk(deadline=Deadline(BUDGET_SECONDS), resolver=make_resolver(), port=PORT + 1)
    with pytest.raises(DelegationUnavailableError, match=r"about example\.com\.: a\.registry-servers\.net\."):
        walk.follow(DOMAIN)


def test_walk_without_resolver_says_so() -> None:
    walk = DelegationWalk(deadline=Deadline(0.3), resolver=make_resolver(f"{NETWORK}.99"), port=PORT)
    with pytest.raises(DelegationUnavailableError, match=r"The name servers of com\. could not be resolved"):
        walk.follow(DOMAIN)


def test_walk_after_its_deadline_says_so() -> None:
    walk = DelegationWalk(deadline=Deadline(0), resolver=make_resolver(), port=PORT)
    with pytest.raises(DelegationUnavailableError, match="The time was over"):
        walk.follow(DOMAIN)


def test_users_are_located_by_name_servers_of_the_zone(delegated_zone: DelegatedZone) -> None:
    location = delegated_zone.locate()
    assert location.role is RegionRole.PRIMARY
    assert set(location.servers) == set(NAME_SERVERS)


def test_white_label_name_servers_are_asked_by_address(delegated_zone: DelegatedZone) -> None:
    register_servers(delegated_zone, {f"ns{number}.example.com": ADDRESSES[number] for number in (0, 1)})
    location = delegated_zone.locate()
    assert (location.role, location.answering_count) == (RegionRole.PRIMARY, 2)
    assert set(location.servers) == {"ns0.example.com", "ns1.example.com"}


def test_users_of_a_delegated_name_are_where_the_child_zone_sends_them(delegated_zone: DelegatedZone) -> None:
    delegated_zone.delegate("login.example.com", *CHILD)
    delegated_zone.create_child_zone("login.example.com", RegionRole.STANDBY)
    location = delegated_zone.locate()
    assert location.role is RegionRole.STANDBY
    assert set(location.servers) == set(CHILD)


def test_delegation_to_silent_name_servers_confirms_no_region(delegated_zone: DelegatedZone) -> None:
    delegated_zone.delegate("login.example.com", "ns1.elsewhere.example")
    location = delegated_zone.locate()
    assert location.role is None
    assert location.silent_servers == ("ns1.elsewhere.example",)
    assert not any(confirm_users_on(location, role, region="x").moved for role in RegionRole)


def test_zone_that_is_delegated_elsewhere_locates_no_users(delegated_zone: DelegatedZone) -> None:
    register_servers(delegated_zone, {"ns1.elsewhere.example": ""})
    assert delegated_zone.locate().answering_count == 0


@pytest.mark.parametrize("cut", ["login.example.com.", f"_region.{DOMAIN}"])
def test_records_below_a_delegation_are_refused(delegated_zone: DelegatedZone, cut: str) -> None:
    session = delegated_zone.session
    if cut.startswith("_region"):
        session.change(delegated_zone.zone_id, "DELETE", *RECORDS[2:])
    delegated_zone.delegate(cut, *CHILD)
    zone = Route53Zone(delegated_zone.zone_id, region="us-east-1", session=session.session)
    lever = WeightedRecords(group=GROUP, zone=zone)
    with pytest.raises(LeverRefusedError, match="is delegated to another zone by an NS record") as refused:
        lever.read_records()
    assert str(refused.value).startswith(cut)
    assert "Or delete the NS record" in str(refused.value)


def test_weights_and_targets_of_the_example_are_those_of_the_group() -> None:
    assert GROUP.parse(RECORDS, zone_name="example.com.").weights == PerRole(primary=255, standby=0)
