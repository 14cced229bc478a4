"""The whole records lever in the sandbox: Route 53's API, and its name servers over real sockets."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from cognito_failover.common.region import PerRole, RegionRole, route_all_to
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.location import Location
from cognito_failover.core.model.records import ChangeStatus, Confirmation, DnsWatch, Intent, RecordSet
from cognito_failover.core.user_location import confirm_users_on
from cognito_failover.routing.dns.authoritative_dns import AuthoritativeDnsClient
from cognito_failover.routing.dns.user_locator import DnsUserLocator
from cognito_failover.routing.records.record_group import RecordGroup
from cognito_failover.routing.records.route53_zone import Route53Zone
from cognito_failover.routing.records.weighted_records import WeightedRecords
from sandbox.dns import DnsServers
from sandbox.route53 import NAME_SERVERS
from tests.integration.routing.route53_session import Route53Session
from tests.integration.routing.served_zones import ADDRESSES, PORT, run_name_servers
from tests.unit.routing.records.examples import TOKYO, VIRGINIA, make_group, make_record

GROUP = make_group()
SERVICES = {
    "d-1.execute-api.ap-northeast-1.amazonaws.com": "192.0.2.1",
    "d-2.execute-api.us-east-1.amazonaws.com": "198.51.100.1",
}
SERVICE_GROUP = make_group(targets=PerRole(**dict(zip(("primary", "standby"), SERVICES, strict=True))))


@dataclass(frozen=True, kw_only=True)
class DnsWorld:
    """A sandbox with an empty zone and a lever for it."""

    route53_session: Route53Session
    zone_id: str
    servers: DnsServers
    group: RecordGroup = GROUP

    @property
    def lever(self) -> WeightedRecords:
        """The lever of the group."""
        zone = Route53Zone(self.zone_id, region="us-east-1", session=self.route53_session.session)
        return WeightedRecords(group=self.group, zone=zone)

    def submit_move(self, role: RegionRole) -> Intent:
        """Move all users to a Region and return the intent."""
        intent = self.lever.plan(self.lever.read_records(), route_all_to(role))
        self.lever.submit(intent, self.lever.read_records())
        return intent

    def confirm(self, intent: Intent) -> Confirmation:
        """Query the name servers for whether the intent is in effect."""
        watch = DnsWatch(record_sets=intent.after, name_servers=self.lever.read_records().name_servers)
        role = RegionRole.PRIMARY if intent.weights.primary else RegionRole.STANDBY
        return confirm_users_on(self.locate(watch), role, region=self.group.regions[role])

    def locate(self, watch: DnsWatch) -> Location:
        """Query the name servers for where users are."""
        locator = DnsUserLocator(self.group, authority=AuthoritativeDnsClient(port=PORT))
        return locator.locate(SteeredName.RECORDS, watch)

    def propagate(self) -> None:
        """Propagate the change to all name servers."""
        self.route53_session.now += 60


@pytest.fixture
def dns_world(monkeypatch: pytest.MonkeyPatch) -> Iterator[DnsWorld]:
    addresses = {**dict(zip(NAME_SERVERS, ADDRESSES, strict=False)), **SERVICES}

    def resolve(name: str, *_: object, family: int, **__: object) -> list[object]:
        if family == socket.AF_INET6:
            raise socket.gaierror(socket.EAI_NODATA, "No address associated with hostname")
        return [(family, socket.SOCK_DGRAM, 17, "", (addresses[name], 0))]

    session = Route53Session(service_addresses=SERVICES)
    zone_id = session.create_zone()
    with run_name_servers(session) as servers:
        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        yield DnsWorld(route53_session=session, zone_id=zone_id, servers=servers)


def test_records_are_created_and_confirmed(dns_world: DnsWorld) -> None:
    intent = dns_world.submit_move(RegionRole.PRIMARY)
    assert not dns_world.confirm(intent).moved
    dns_world.propagate()
    confirmation = dns_world.confirm(intent)
    assert confirmation.moved
    assert confirmation.detail == "4 of 4 name servers answer with ap-northeast-1 only."


def test_move_is_confirmed_when_last_name_server_is_current(dns_world: DnsWorld) -> None:
    dns_world.submit_move(RegionRole.PRIMARY)
    dns_world.propagate()
    intent = dns_world.submit_move(RegionRole.STANDBY)
    assert dns_world.lever.get_change_status(intent, dns_world.lever.read_records()) is ChangeStatus.APPLIED
    confirmation = dns_world.confirm(intent)
    assert not confirmation.moved
    assert set(confirmation.stale) == set(NAME_SERVERS)
    dns_world.propagate()
    assert dns_world.confirm(intent).moved


def test_silent_name_server_is_named(dns_world: DnsWorld) -> None:
    intent = dns_world.submit_move(RegionRole.PRIMARY)
    dns_world.propagate()
    dns_world.servers.set_silenced(1, True)
    confirmation = dns_world.confirm(intent)
    assert confirmation.unresponsive == (NAME_SERVERS[1],)
    assert confirmation.moved


def test_round_trip_leaves_records_unchanged(dns_world: DnsWorld) -> None:
    dns_world.submit_move(RegionRole.PRIMARY)
    first = dns_world.lever.read_records()
    dns_world.submit_move(RegionRole.STANDBY)
    dns_world.submit_move(RegionRole.PRIMARY)
    assert dns_world.lever.read_records().record_sets == first.record_sets


def make_service_records(*types: str) -> list[RecordSet]:
    """Build alias pairs to the services, or service bindings with their names, with all users on the primary."""

    def make(record_type: str, identifier: str, weight: int, name: str) -> RecordSet:
        if record_type == "HTTPS":
            return make_record(identifier, weight, f"1 {name}. alpn=h2", Type="HTTPS")
        alias = {"HostedZoneId": "Z1UJRXOUMOOFQ8", "DNSName": name, "EvaluateTargetHealth": False}
        return make_record(identifier, weight, Type=record_type, TTL=None, ResourceRecords=None, AliasTarget=alias)

    return [
        make(record_type, identifier, weight, name)
        for record_type in types
        for identifier, weight, name in zip((TOKYO, VIRGINIA), (255, 0), SERVICES, strict=True)
    ]


@pytest.mark.parametrize("types", [("A", "AAAA"), ("A", "AAAA", "HTTPS"), ("AAAA", "HTTPS")], ids="+".join)
def test_move_of_aliases_to_ipv4_services_is_confirmed(dns_world: DnsWorld, types: tuple[str, ...]) -> None:
    dns_world = replace(dns_world, group=SERVICE_GROUP)
    dns_world.route53_session.change(dns_world.zone_id, "CREATE", *make_service_records(*types))
    dns_world.submit_move(RegionRole.PRIMARY)
    dns_world.propagate()
    intent = dns_world.submit_move(RegionRole.STANDBY)
    assert set(dns_world.confirm(intent).stale) == set(NAME_SERVERS)
    dns_world.propagate()
    confirmation = dns_world.confirm(intent)
    assert (confirmation.moved, confirmation.unresponsive) == (True, ())


def test_aliases_without_any_address_confirm_nothing(dns_world: DnsWorld) -> None:
    dns_world = replace(dns_world, group=SERVICE_GROUP)
    dns_world.route53_session.change(dns_world.zone_id, "CREATE", *make_service_records("AAAA"))
    intent = dns_world.submit_move(RegionRole.STANDBY)
    dns_world.propagate()
    confirmation = dns_world.confirm(intent)
    assert (confirmation.moved, set(confirmation.unresponsive)) == (False, set(NAME_SERVERS))
