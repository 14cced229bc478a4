"""Delegation: by the zone above, and by NS record sets within a zone. The resolver follows both."""

import asyncio

import dns.flags
import dns.message
import dns.rcode
import pytest

from sandbox.domain_registrar import DomainRegistrar
from sandbox.route53 import ALL_NAME_SERVERS, NAME_SERVERS
from tests.integration.sandbox_dns.servers import ServedDns, read_data, run_in_event_loop, serve
from tests.unit.sandbox_route53.harness import Route53Harness, build_change

PRIMARY = ["primary.target.example.com.", "127.99.1.3"]
CHILD_ADDRESS = "192.0.2.7"
CHILD_SERVERS = ALL_NAME_SERVERS[4:]


@pytest.fixture
def registrar(harness: Route53Harness) -> DomainRegistrar:
    return DomainRegistrar(harness.route53.list_name_servers)


async def create_child_zone(harness: Route53Harness) -> None:
    """Create the zone child.example.com with one address."""

    def create() -> None:
        zone = harness.client.create_hosted_zone(Name="child.example.com", CallerReference="child")
        change = build_change("CREATE", "a.child.example.com", "A", CHILD_ADDRESS)
        harness.change_records(change, zone_id=zone["HostedZone"]["Id"])
        harness.wait_until_in_sync()

    await asyncio.to_thread(create)


async def delegate_child_zone(harness: Route53Harness, *servers: str) -> None:
    """Delegate child.example.com in its parent zone."""
    await asyncio.to_thread(harness.change_records, build_change("CREATE", "child.example.com", "NS", *servers))
    harness.wait_until_in_sync()


def get_registry(served: ServedDns) -> str:
    assert served.addresses.registry
    return served.addresses.registry


def read_referral(message: dns.message.Message) -> list[str]:
    assert not message.flags & dns.flags.AA
    assert not message.answer
    return sorted(rdata.to_text() for rrset in message.authority for rdata in rrset)


@run_in_event_loop
async def test_registry_refers_to_name_servers_of_the_zone(harness: Route53Harness, registrar: DomainRegistrar) -> None:
    async with serve(harness, registrar) as served:
        for name, record_type in (("example.com", "NS"), ("auth.example.com", "A")):
            message = await served.query(get_registry(served), name, record_type)
            assert read_referral(message) == sorted(f"{server}." for server in NAME_SERVERS)


@run_in_event_loop
async def test_registry_answers_for_names_above_the_zones(harness: Route53Harness, registrar: DomainRegistrar) -> None:
    async with serve(harness, registrar) as served:
        message = await served.query(get_registry(served), "com", "NS")
        assert message.flags & dns.flags.AA
        assert read_data(message) == ["a.registry-servers.net."]
        assert read_data(await served.query(get_registry(served), "com", "A")) == []
        assert (await served.query(get_registry(served), "org", "NS")).rcode() == dns.rcode.NXDOMAIN


@run_in_event_loop
async def test_registry_gives_glue_of_white_label_name_servers(
    harness: Route53Harness, registrar: DomainRegistrar
) -> None:
    async with serve(harness, registrar) as served:
        registrar.set_delegation("example.com", [{"Name": "ns1.example.com", "GlueIps": [served.name_server]}])
        message = await served.query(get_registry(served), "example.com", "NS")
        assert [(rrset.name.to_text(), rrset[0].to_text()) for rrset in message.additional] == [
            ("ns1.example.com.", served.name_server)
        ]
        assert read_data(await served.query(served.resolver, "auth.example.com")) == PRIMARY


@run_in_event_loop
async def test_resolver_does_not_find_a_zone_that_is_delegated_elsewhere(
    harness: Route53Harness, registrar: DomainRegistrar
) -> None:
    async with serve(harness, registrar) as served:
        registrar.set_delegation("example.com", [{"Name": "ns1.elsewhere.example"}])
        assert (await served.query(served.resolver, "auth.example.com")).rcode() == dns.rcode.SERVFAIL
        assert read_data(await served.query(served.name_server, "auth.example.com")) == PRIMARY


@run_in_event_loop
async def test_delegation_to_name_servers_without_the_zone_fails(
    harness: Route53Harness, registrar: DomainRegistrar
) -> None:
    async with serve(harness, registrar) as served:
        registrar.set_delegation("example.com", [{"Name": CHILD_SERVERS[0]}])
        assert (await served.query(served.resolver, "auth.example.com")).rcode() == dns.rcode.SERVFAIL


@run_in_event_loop
async def test_resolver_finds_a_child_zone_only_once_it_is_delegated(
    harness: Route53Harness, registrar: DomainRegistrar
) -> None:
    await create_child_zone(harness)
    async with serve(harness, registrar) as served:
        assert (await served.query(served.resolver, "a.child.example.com")).rcode() == dns.rcode.NXDOMAIN
        await delegate_child_zone(harness, *CHILD_SERVERS)
        served.servers.resolver.clear_cache()
        assert read_data(await served.query(served.resolver, "a.child.example.com")) == [CHILD_ADDRESS]


@run_in_event_loop
async def test_records_below_a_delegation_are_not_answered(harness: Route53Harness, registrar: DomainRegistrar) -> None:
    await asyncio.to_thread(harness.change_records, build_change("CREATE", "a.child.example.com", "A", "192.0.2.8"))
    await delegate_child_zone(harness, *CHILD_SERVERS)
    async with serve(harness, registrar) as served:
        message = await served.query(served.name_server, "a.child.example.com")
        assert read_referral(message) == sorted(f"{server}." for server in CHILD_SERVERS)
        assert (await served.query(served.resolver, "a.child.example.com")).rcode() == dns.rcode.SERVFAIL


@run_in_event_loop
async def test_delegation_circle_fails(harness: Route53Harness, registrar: DomainRegistrar) -> None:
    await delegate_child_zone(harness, *NAME_SERVERS)
    async with serve(harness, registrar) as served:
        assert (await served.query(served.resolver, "a.child.example.com")).rcode() == dns.rcode.SERVFAIL
