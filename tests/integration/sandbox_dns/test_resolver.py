"""The sandbox's recursive resolver."""

import asyncio

import dns.flags
import dns.rcode
import pytest

from sandbox.route53 import NAME_SERVERS
from tests.integration.sandbox_dns.servers import API, API_ADDRESS, read_data, run_in_event_loop, serve
from tests.unit.sandbox_route53.harness import Route53Harness, build_change

PRIMARY = ["primary.target.example.com.", "127.99.1.3"]
REPLACED = "192.0.2.1"


def change_target_address(harness: Route53Harness) -> None:
    """Change the address of the primary's target on all name servers at once."""
    harness.route53.propagation_seconds = 0.0
    harness.change_records(build_change("UPSERT", "primary.target.example.com", "A", REPLACED))


@pytest.mark.parametrize("tcp", [False, True], ids=["UDP", "TCP"])
@run_in_event_loop
async def test_resolver_resolves_hosted_name_without_authoritative_flag(harness: Route53Harness, tcp: bool) -> None:
    async with serve(harness) as served:
        message = await served.query(served.resolver, "auth.example.com", tcp=tcp)
        assert read_data(message) == PRIMARY
        assert message.flags & dns.flags.RA
        assert not message.flags & dns.flags.AA


@run_in_event_loop
async def test_resolver_resolves_services_and_name_servers(harness: Route53Harness) -> None:
    async with serve(harness) as served:
        assert read_data(await served.query(served.resolver, API)) == [API_ADDRESS]
        assert read_data(await served.query(served.resolver, API.upper())) == [API_ADDRESS]
        for name, address in zip(NAME_SERVERS, served.addresses.name_servers, strict=True):
            assert read_data(await served.query(served.resolver, name)) == [address]


@run_in_event_loop
async def test_service_has_no_ipv6_address(harness: Route53Harness) -> None:
    async with serve(harness) as served:
        message = await served.query(served.resolver, API, "AAAA")
        assert message.rcode() == dns.rcode.NOERROR
        assert read_data(message) == []


@run_in_event_loop
async def test_resolver_follows_cname_to_another_zone_and_to_service(harness: Route53Harness) -> None:
    other = harness.client
    zone_id = (await asyncio.to_thread(other.create_hosted_zone, Name="example.org", CallerReference="two"))[
        "HostedZone"
    ]["Id"]
    changes = (
        build_change("CREATE", "a.example.org", "CNAME", "auth.example.com"),
        build_change("CREATE", "b.example.org", "CNAME", API),
    )
    await asyncio.to_thread(harness.change_records, *changes, zone_id=zone_id)
    harness.wait_until_in_sync()
    async with serve(harness) as served:
        assert read_data(await served.query(served.resolver, "a.example.org")) == ["auth.example.com.", *PRIMARY]
        assert read_data(await served.query(served.resolver, "b.example.org")) == [f"{API}.", API_ADDRESS]


@run_in_event_loop
async def test_answer_is_cached_for_its_ttl(harness: Route53Harness) -> None:
    async with serve(harness) as served:
        await served.query(served.resolver, "auth.example.com")
        await asyncio.to_thread(change_target_address, harness)
        harness.clock.now += 59
        cached = await served.query(served.resolver, "auth.example.com")
        assert read_data(cached) == PRIMARY
        assert {rrset.ttl for rrset in cached.answer} == {1}
        harness.clock.now += 1
        assert read_data(await served.query(served.resolver, "auth.example.com")) == [PRIMARY[0], REPLACED]


@run_in_event_loop
async def test_negative_answer_is_cached_for_soa_ttl(harness: Route53Harness) -> None:
    async with serve(harness) as served:
        assert (await served.query(served.resolver, "new.example.com")).rcode() == dns.rcode.NXDOMAIN
        harness.route53.propagation_seconds = 0.0
        await asyncio.to_thread(harness.change_records, build_change("CREATE", "new.example.com", "A", REPLACED))
        harness.clock.now += 899
        assert (await served.query(served.resolver, "new.example.com")).rcode() == dns.rcode.NXDOMAIN
        harness.clock.now += 1
        assert read_data(await served.query(served.resolver, "new.example.com")) == [REPLACED]


@run_in_event_loop
async def test_absent_type_at_the_end_of_a_chain_is_no_data(harness: Route53Harness) -> None:
    async with serve(harness) as served:
        for _ in range(2):
            message = await served.query(served.resolver, "auth.example.com", "AAAA")
            assert message.rcode() == dns.rcode.NOERROR
            assert read_data(message) == PRIMARY[:1]
            assert [rrset.rdtype.name for rrset in message.authority] == ["SOA"]


@run_in_event_loop
async def test_each_client_has_its_own_cache(harness: Route53Harness) -> None:
    async with serve(harness) as served:
        await served.query(served.resolver, "auth.example.com", source="127.0.0.2")
        await asyncio.to_thread(change_target_address, harness)
        assert read_data(await served.query(served.resolver, "auth.example.com", source="127.0.0.2")) == PRIMARY
        fresh = await served.query(served.resolver, "auth.example.com", source="127.0.0.3")
        assert read_data(fresh) == [PRIMARY[0], REPLACED]


@run_in_event_loop
async def test_cache_can_be_emptied(harness: Route53Harness) -> None:
    async with serve(harness) as served:
        await served.query(served.resolver, "auth.example.com")
        await asyncio.to_thread(change_target_address, harness)
        served.servers.resolver.clear_cache()
        assert read_data(await served.query(served.resolver, "auth.example.com")) == [PRIMARY[0], REPLACED]


@run_in_event_loop
async def test_name_outside_the_sandbox_does_not_exist(harness: Route53Harness) -> None:
    async with serve(harness) as served:
        assert (await served.query(served.resolver, "example.org")).rcode() == dns.rcode.NXDOMAIN


@run_in_event_loop
async def test_one_name_server_left_is_enough(harness: Route53Harness) -> None:
    async with serve(harness) as served:
        for index in (0, 1, 3):
            served.servers.set_silenced(index, True)
        assert read_data(await served.query(served.resolver, "auth.example.com")) == PRIMARY


@run_in_event_loop
async def test_resolver_fails_without_name_servers_and_recovers(harness: Route53Harness) -> None:
    async with serve(harness) as served:
        for index in range(4):
            served.servers.set_silenced(index, True)
        assert (await served.query(served.resolver, "auth.example.com")).rcode() == dns.rcode.SERVFAIL
        served.servers.set_silenced(2, False)
        assert read_data(await served.query(served.resolver, "auth.example.com")) == PRIMARY


@run_in_event_loop
async def test_client_cut_off_from_name_servers_gets_servfail(harness: Route53Harness) -> None:
    async with serve(harness) as served:
        served.blocked_routes |= {("127.0.0.2", server) for server in served.addresses.name_servers}
        lost = await served.query(served.resolver, "auth.example.com", source="127.0.0.2")
        assert lost.rcode() == dns.rcode.SERVFAIL
        assert read_data(await served.query(served.resolver, "auth.example.com", source="127.0.0.3")) == PRIMARY


@run_in_event_loop
async def test_client_cut_off_from_resolver_times_out(harness: Route53Harness) -> None:
    async with serve(harness) as served:
        served.blocked_routes.add(("127.0.0.2", served.resolver))
        assert await served.is_silent(served.resolver, source="127.0.0.2")


@run_in_event_loop
async def test_cname_loop_across_zones_fails(harness: Route53Harness) -> None:
    client = harness.client
    zone = await asyncio.to_thread(client.create_hosted_zone, Name="example.org", CallerReference="two")
    await asyncio.to_thread(
        harness.change_records,
        build_change("CREATE", "a.example.org", "CNAME", "b.example.com"),
        zone_id=zone["HostedZone"]["Id"],
    )
    await asyncio.to_thread(harness.change_records, build_change("CREATE", "b.example.com", "CNAME", "a.example.org"))
    harness.wait_until_in_sync()
    async with serve(harness) as served:
        assert (await served.query(served.resolver, "a.example.org")).rcode() == dns.rcode.SERVFAIL
