"""The whole records lever in the sandbox: Route 53's API, and its name servers over real sockets."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from cognito_failover.common.region import RegionRole, route_all_to
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.records import ChangeStatus, Confirmation, DnsWatch, Intent
from cognito_failover.core.user_location import confirm_users_on
from cognito_failover.routing.dns.authoritative_dns import AuthoritativeDnsClient
from cognito_failover.routing.dns.user_locator import DnsUserLocator
from cognito_failover.routing.records.route53_zone import Route53Zone
from cognito_failover.routing.records.weighted_records import WeightedRecords
from sandbox.dns import DnsServers
from sandbox.route53 import NAME_SERVERS
from tests.integration.routing.route53_session import Route53Session
from tests.integration.routing.served_zones import ADDRESSES, PORT, run_name_servers
from tests.unit.routing.records.examples import make_group

GROUP = make_group()


@dataclass(frozen=True, kw_only=True)
class DnsWorld:
    """A sandbox with an empty zone and a lever for it."""

    route53_session: Route53Session
    servers: DnsServers
    lever: WeightedRecords

    def submit_move(self, role: RegionRole) -> Intent:
        """Move all users to a Region and return the intent."""
        intent = self.lever.plan(self.lever.read_records(), route_all_to(role))
        self.lever.submit(intent, self.lever.read_records())
        return intent

    def confirm(self, intent: Intent) -> Confirmation:
        """Query the name servers for whether the intent is in effect."""
        watch = DnsWatch(record_sets=intent.after, name_servers=self.lever.read_records().name_servers)
        role = RegionRole.PRIMARY if intent.weights.primary else RegionRole.STANDBY
        locator = DnsUserLocator(GROUP, authority=AuthoritativeDnsClient(port=PORT))
        return confirm_users_on(locator.locate(SteeredName.RECORDS, watch), role, region=GROUP.regions[role])

    def propagate(self) -> None:
        """Propagate the change to all name servers."""
        self.route53_session.now += 60


@pytest.fixture
def dns_world(monkeypatch: pytest.MonkeyPatch) -> Iterator[DnsWorld]:
    addresses = dict(zip(NAME_SERVERS, ADDRESSES, strict=False))

    def resolve(name: str, *_: object, **__: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_DGRAM, 17, "", (addresses[name], 0))]

    session = Route53Session()
    zone = Route53Zone(session.create_zone(), region="us-east-1", session=session.session)
    with run_name_servers(session) as servers:
        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        yield DnsWorld(
            route53_session=session,
            servers=servers,
            lever=WeightedRecords(group=GROUP, zone=zone),
        )


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
