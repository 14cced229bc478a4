"""The four name servers, queried over the network."""

import asyncio
import socket

import dns.asyncquery
import dns.flags
import dns.message
import dns.opcode
import dns.rcode
import pytest

from sandbox.dns import DnsAddresses
from tests.integration.sandbox_dns.servers import TIMEOUT_SECONDS, read_data, run_in_event_loop, serve
from tests.unit.sandbox_route53.harness import Route53Harness, build_change, build_weighted_change

PRIMARY = ["primary.target.example.com.", "127.99.1.3"]
STANDBY = ["standby.target.example.com.", "127.99.2.3"]


@pytest.mark.parametrize("tcp", [False, True], ids=["UDP", "TCP"])
@run_in_event_loop
async def test_every_name_server_answers_with_authority(harness: Route53Harness, tcp: bool) -> None:
    async with serve(harness) as served:
        for server in served.addresses.name_servers:
            message = await served.query(server, "auth.example.com", tcp=tcp)
            assert read_data(message) == PRIMARY
            assert message.flags & dns.flags.AA
            assert not message.flags & dns.flags.RA


@run_in_event_loop
async def test_question_keeps_its_letter_case(harness: Route53Harness) -> None:
    async with serve(harness) as served:
        message = await served.query(served.name_server, "AuTh.eXample.com", "CNAME")
        assert message.question[0].name.to_text() == "AuTh.eXample.com."
        assert message.answer[0].name.to_text() == "AuTh.eXample.com."
        assert read_data(message)[0].lower() == PRIMARY[0]


@run_in_event_loop
async def test_unknown_name_is_nxdomain_with_soa(harness: Route53Harness) -> None:
    async with serve(harness) as served:
        message = await served.query(served.name_server, "nowhere.example.com")
        assert message.rcode() == dns.rcode.NXDOMAIN
        assert message.flags & dns.flags.AA
        assert [rrset.rdtype.name for rrset in message.authority] == ["SOA"]


@run_in_event_loop
async def test_another_zone_is_rejected(harness: Route53Harness) -> None:
    async with serve(harness) as served:
        message = await served.query(served.name_server, "example.org")
        assert message.rcode() == dns.rcode.REFUSED
        assert not message.flags & dns.flags.AA


@run_in_event_loop
async def test_long_answer_is_truncated_over_udp_and_complete_over_tcp(harness: Route53Harness) -> None:
    async with serve(harness) as served:
        short = await served.query(served.name_server, "long.example.com", "TXT")
        assert short.flags & dns.flags.TC
        whole = await served.query(served.name_server, "long.example.com", "TXT", tcp=True)
        assert len(read_data(whole)) == 10


@pytest.mark.parametrize(("payload_bytes", "expected_bytes"), [(512, 512), (1024, 1024), (4096, 1232)])
@run_in_event_loop
async def test_answer_length_follows_edns_limit(
    harness: Route53Harness, payload_bytes: int, expected_bytes: int
) -> None:
    async with serve(harness) as served:
        query = dns.message.make_query("long.example.com", "TXT", use_edns=0, payload=payload_bytes)
        message = await dns.asyncquery.udp(
            query, served.name_server, port=served.addresses.port, timeout=TIMEOUT_SECONDS
        )
        assert message.flags & dns.flags.TC
        assert len(message.wire or b"") <= expected_bytes
        assert message.edns == 0


@run_in_event_loop
async def test_unknown_edns_version_is_rejected(harness: Route53Harness) -> None:
    async with serve(harness) as served:
        query = dns.message.make_query("example.com", "SOA", use_edns=1)
        message = await dns.asyncquery.udp(
            query, served.name_server, port=served.addresses.port, timeout=TIMEOUT_SECONDS
        )
        assert message.rcode() == dns.rcode.BADVERS


@run_in_event_loop
async def test_notify_and_zone_transfer_are_rejected(harness: Route53Harness) -> None:
    async with serve(harness) as served:
        notify = dns.message.make_query("example.com", "SOA")
        notify.set_opcode(dns.opcode.NOTIFY)
        message = await dns.asyncquery.udp(
            notify, served.name_server, port=served.addresses.port, timeout=TIMEOUT_SECONDS
        )
        assert message.rcode() == dns.rcode.NOTIMP
        transfer = await served.query(served.name_server, "example.com", "AXFR")
        assert transfer.rcode() == dns.rcode.REFUSED


@run_in_event_loop
async def test_malformed_query_returns_format_error(harness: Route53Harness) -> None:
    async with serve(harness) as served:
        loop = asyncio.get_running_loop()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.setblocking(False)
            client.connect((served.name_server, served.addresses.port))
            await loop.sock_sendall(client, b"")
            await loop.sock_sendall(client, bytes.fromhex("1234010000010000000000000361"))
            answer = dns.message.from_wire(await asyncio.wait_for(loop.sock_recv(client, 512), TIMEOUT_SECONDS))
        assert (answer.id, answer.rcode()) == (0x1234, dns.rcode.FORMERR)


@run_in_event_loop
async def test_connection_answers_several_queries(harness: Route53Harness) -> None:
    async with serve(harness) as served:
        reader, writer = await asyncio.open_connection(served.name_server, served.addresses.port)
        for _ in range(3):
            wire = dns.message.make_query("auth.example.com", "CNAME").to_wire()
            writer.write(len(wire).to_bytes(2) + wire)
            length = int.from_bytes(await reader.readexactly(2))
            assert read_data(dns.message.from_wire(await reader.readexactly(length))) == PRIMARY[:1]
        writer.close()
        await writer.wait_closed()


@run_in_event_loop
async def test_move_reaches_the_name_servers_one_by_one(harness: Route53Harness) -> None:
    async with serve(harness) as served:
        swap = build_weighted_change("UPSERT", "ap-northeast-1", 0), build_weighted_change("UPSERT", "us-east-1", 255)
        swap[0]["ResourceRecordSet"]["ResourceRecords"] = [{"Value": "primary.target.example.com"}]
        swap[1]["ResourceRecordSet"]["ResourceRecords"] = [{"Value": "standby.target.example.com"}]
        await asyncio.to_thread(harness.change_records, *swap)
        moved = []
        for _ in range(41):
            answers = [
                read_data(await served.query(address, "auth.example.com")) for address in served.addresses.name_servers
            ]
            assert all(answer in (PRIMARY, STANDBY) for answer in answers)
            moved.append(answers.count(STANDBY))
            harness.clock.now += 0.5
        assert moved[0] == 0
        assert moved[-1] == 4
        assert moved == sorted(moved)
        assert {1, 2, 3} & set(moved)


@run_in_event_loop
async def test_answers_are_distributed_by_weight(harness: Route53Harness) -> None:
    harness.route53.propagation_seconds = 0.0
    async with serve(harness) as served:
        for number, weight in ((1, 1), (2, 3)):
            change = build_change(
                "CREATE", "w.example.com", "A", f"192.0.2.{number}", SetIdentifier=str(number), Weight=weight
            )
            await asyncio.to_thread(harness.change_records, change)
        first = [read_data(await served.query(served.name_server, "w.example.com")) for _ in range(400)].count(
            ["192.0.2.1"]
        )
        assert first / 400 == pytest.approx(0.25, abs=0.06)


@pytest.mark.parametrize("tcp", [False, True], ids=["UDP", "TCP"])
@run_in_event_loop
async def test_silenced_name_server_drops_queries_until_restored(harness: Route53Harness, tcp: bool) -> None:
    async with serve(harness) as served:
        served.servers.set_silenced(0, True)
        assert await served.is_silent(served.name_server, tcp=tcp)
        assert not await served.is_silent(served.addresses.name_servers[1], tcp=tcp)
        served.servers.set_silenced(0, False)
        assert not await served.is_silent(served.name_server, tcp=tcp)


@run_in_event_loop
async def test_silencing_unknown_name_server_is_rejected(harness: Route53Harness) -> None:
    async with serve(harness) as served:
        with pytest.raises(ValueError, match="0 to 3"):
            served.servers.set_silenced(4, True)


@run_in_event_loop
async def test_query_from_unreachable_source_is_dropped(harness: Route53Harness) -> None:
    async with serve(harness) as served:
        served.blocked_routes.add(("127.0.0.2", served.name_server))
        assert await served.is_silent(served.name_server, source="127.0.0.2")
        assert not await served.is_silent(served.name_server, source="127.0.0.3")


@run_in_event_loop
async def test_closed_servers_do_not_listen(harness: Route53Harness) -> None:
    async with serve(harness) as served:
        addresses = [*served.addresses.name_servers, served.resolver]
    for address in addresses:
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(address, served.addresses.port)


@run_in_event_loop
async def test_address_in_use_leaves_nothing_listening(harness: Route53Harness) -> None:
    async with serve(harness) as served:
        with pytest.raises(OSError, match="in use"):
            async with serve(harness):
                pytest.fail("two servers on one address")
        assert read_data(await served.query(served.name_server, "auth.example.com")) == PRIMARY


def test_every_name_server_needs_an_address() -> None:
    with pytest.raises(ValueError, match="1 addresses for 4 name servers"):
        DnsAddresses(name_servers=["127.0.0.1"], resolver="127.0.0.1")
