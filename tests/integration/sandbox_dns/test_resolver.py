"""The resolver of everything in the sandbox."""

import asyncio

import dns.flags
import dns.rcode
import pytest

from sandbox.route53 import NAME_SERVERS
from tests.integration.sandbox_dns.servers import API, API_ADDRESS, data, in_loop, serving
from tests.unit.sandbox_route53.world import World, entry

PRIMARY = ["primary.target.example.com.", "127.99.1.3"]
REPLACED = "192.0.2.1"


def replace(world: World) -> None:
    """Give the primary's target another address, everywhere at once."""
    world.route53.propagation_seconds = 0.0
    world.change(entry("UPSERT", "primary.target.example.com", "A", REPLACED))


@pytest.mark.parametrize("tcp", [False, True], ids=["UDP", "TCP"])
@in_loop
async def test_it_resolves_a_hosted_name_without_authority_of_its_own(world: World, tcp: bool) -> None:
    async with serving(world) as served:
        message = await served.ask(served.resolver, "auth.example.com", tcp=tcp)
        assert data(message) == PRIMARY
        assert message.flags & dns.flags.RA
        assert not message.flags & dns.flags.AA


@in_loop
async def test_it_knows_the_services_and_the_name_servers(world: World) -> None:
    async with serving(world) as served:
        assert data(await served.ask(served.resolver, API)) == [API_ADDRESS]
        assert data(await served.ask(served.resolver, API.upper())) == [API_ADDRESS]
        for name, address in zip(NAME_SERVERS, served.addresses.name_servers, strict=True):
            assert data(await served.ask(served.resolver, name)) == [address]


@in_loop
async def test_a_service_has_no_ipv6_address(world: World) -> None:
    async with serving(world) as served:
        message = await served.ask(served.resolver, API, "AAAA")
        assert message.rcode() == dns.rcode.NOERROR
        assert data(message) == []


@in_loop
async def test_it_follows_a_cname_into_another_zone_and_to_a_service(world: World) -> None:
    other = world.client
    zone_id = (await asyncio.to_thread(other.create_hosted_zone, Name="example.org", CallerReference="two"))[
        "HostedZone"
    ]["Id"]
    changes = (
        entry("CREATE", "a.example.org", "CNAME", "auth.example.com"),
        entry("CREATE", "b.example.org", "CNAME", API),
    )
    await asyncio.to_thread(world.change, *changes, zone_id=zone_id)
    world.settle()
    async with serving(world) as served:
        assert data(await served.ask(served.resolver, "a.example.org")) == ["auth.example.com.", *PRIMARY]
        assert data(await served.ask(served.resolver, "b.example.org")) == [f"{API}.", API_ADDRESS]


@in_loop
async def test_an_answer_is_kept_for_its_ttl_and_no_longer(world: World) -> None:
    async with serving(world) as served:
        await served.ask(served.resolver, "auth.example.com")
        await asyncio.to_thread(replace, world)
        world.clock.now += 59
        kept = await served.ask(served.resolver, "auth.example.com")
        assert data(kept) == PRIMARY
        assert {rrset.ttl for rrset in kept.answer} == {1}
        world.clock.now += 1
        assert data(await served.ask(served.resolver, "auth.example.com")) == [PRIMARY[0], REPLACED]


@in_loop
async def test_an_absence_is_kept_as_long_as_the_authority_says(world: World) -> None:
    async with serving(world) as served:
        assert (await served.ask(served.resolver, "new.example.com")).rcode() == dns.rcode.NXDOMAIN
        world.route53.propagation_seconds = 0.0
        await asyncio.to_thread(world.change, entry("CREATE", "new.example.com", "A", REPLACED))
        world.clock.now += 899
        assert (await served.ask(served.resolver, "new.example.com")).rcode() == dns.rcode.NXDOMAIN
        world.clock.now += 1
        assert data(await served.ask(served.resolver, "new.example.com")) == [REPLACED]


@in_loop
async def test_an_absent_type_at_the_end_of_a_chain_is_no_data(world: World) -> None:
    async with serving(world) as served:
        for _ in range(2):
            message = await served.ask(served.resolver, "auth.example.com", "AAAA")
            assert message.rcode() == dns.rcode.NOERROR
            assert data(message) == PRIMARY[:1]
            assert [rrset.rdtype.name for rrset in message.authority] == ["SOA"]


@in_loop
async def test_each_asker_has_a_cache_of_its_own(world: World) -> None:
    async with serving(world) as served:
        await served.ask(served.resolver, "auth.example.com", source="127.0.0.2")
        await asyncio.to_thread(replace, world)
        assert data(await served.ask(served.resolver, "auth.example.com", source="127.0.0.2")) == PRIMARY
        fresh = await served.ask(served.resolver, "auth.example.com", source="127.0.0.3")
        assert data(fresh) == [PRIMARY[0], REPLACED]


@in_loop
async def test_a_cache_can_be_emptied(world: World) -> None:
    async with serving(world) as served:
        await served.ask(served.resolver, "auth.example.com")
        await asyncio.to_thread(replace, world)
        served.servers.resolver.forget()
        assert data(await served.ask(served.resolver, "auth.example.com")) == [PRIMARY[0], REPLACED]


@in_loop
async def test_a_name_outside_the_sandbox_does_not_exist(world: World) -> None:
    async with serving(world) as served:
        assert (await served.ask(served.resolver, "example.org")).rcode() == dns.rcode.NXDOMAIN


@in_loop
async def test_one_name_server_left_is_enough(world: World) -> None:
    async with serving(world) as served:
        for index in (0, 1, 3):
            served.servers.silence(index, True)
        assert data(await served.ask(served.resolver, "auth.example.com")) == PRIMARY


@in_loop
async def test_with_no_name_server_left_it_fails_and_recovers_with_them(world: World) -> None:
    async with serving(world) as served:
        for index in range(4):
            served.servers.silence(index, True)
        assert (await served.ask(served.resolver, "auth.example.com")).rcode() == dns.rcode.SERVFAIL
        served.servers.silence(2, False)
        assert data(await served.ask(served.resolver, "auth.example.com")) == PRIMARY


@in_loop
async def test_an_asker_cut_off_from_the_name_servers_gets_a_failure(world: World) -> None:
    async with serving(world) as served:
        served.cut_off |= {("127.0.0.2", server) for server in served.addresses.name_servers}
        lost = await served.ask(served.resolver, "auth.example.com", source="127.0.0.2")
        assert lost.rcode() == dns.rcode.SERVFAIL
        assert data(await served.ask(served.resolver, "auth.example.com", source="127.0.0.3")) == PRIMARY


@in_loop
async def test_an_asker_cut_off_from_the_resolver_hears_nothing(world: World) -> None:
    async with serving(world) as served:
        served.cut_off.add(("127.0.0.2", served.resolver))
        assert await served.is_silent(served.resolver, source="127.0.0.2")


@in_loop
async def test_a_circle_of_cnames_across_zones_fails(world: World) -> None:
    client = world.client
    zone = await asyncio.to_thread(client.create_hosted_zone, Name="example.org", CallerReference="two")
    await asyncio.to_thread(
        world.change, entry("CREATE", "a.example.org", "CNAME", "b.example.com"), zone_id=zone["HostedZone"]["Id"]
    )
    await asyncio.to_thread(world.change, entry("CREATE", "b.example.com", "CNAME", "a.example.org"))
    world.settle()
    async with serving(world) as served:
        assert (await served.ask(served.resolver, "a.example.org")).rcode() == dns.rcode.SERVFAIL
