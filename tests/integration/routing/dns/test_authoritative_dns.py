"""DNS queries over real sockets: UDP, TCP for a long answer, and silence."""

import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rrset
import pytest

from cognito_failover.common.deadlines import Deadline
from cognito_failover.routing.dns.authoritative_dns import QUERIES_PER_NAME_SERVER, AuthoritativeDnsClient, resolve
from cognito_failover.routing.dns.question import DnsQuestion
from cognito_failover.timeline.public_resolvers import QUERIES_PER_RESOLVER, PublicResolvers
from tests.support import load_scaling

BUDGET_SECONDS = load_scaling.scale_seconds(5)
"""Enough time for all answers of a server that answers."""

CNAME = DnsQuestion(name="auth.example.com.", record_type="CNAME")
TEXT = DnsQuestion(name="_region.auth.example.com.", record_type="TXT")
HOST = DnsQuestion(name="d-tokyo.example.net.", record_type="A")


class FakeNameServer:
    """An authoritative server with one answer per type. It can truncate, refuse or stay silent."""

    def __init__(self) -> None:
        self.values = {"CNAME": ["D-Virginia.example.net."], "TXT": ['"us-east-1"']}
        self.chain: list[str] = []
        self.authoritative = True
        self.truncates = False
        self.is_silent = False
        self.closes_connection = False
        self.rcode = dns.rcode.NOERROR
        self.recursion_requested = False
        self.asked_over_tcp = 0

    def answer(self, wire: bytes, *, tcp: bool) -> bytes | None:
        """Return the answer to a query, or None for silence."""
        if self.is_silent:
            return None
        self.asked_over_tcp += tcp
        if tcp and self.closes_connection:
            return None
        query = dns.message.from_wire(wire)
        assert bool(query.flags & dns.flags.RD) is self.recursion_requested
        response = dns.message.make_response(query)
        response.set_rcode(self.rcode)
        if self.authoritative:
            response.flags |= dns.flags.AA
        if self.truncates and not tcp:
            response.flags |= dns.flags.TC
            return response.to_wire()
        owner, kind = query.question[0].name, query.question[0].rdtype.name
        for alias in self.chain:
            response.answer.append(dns.rrset.from_text(owner, 60, "IN", "CNAME", alias))
            owner = dns.name.from_text(alias)
        if values := self.values.get(kind):
            response.answer.append(dns.rrset.from_text(owner, 60, "IN", kind, *values))
        return response.to_wire()


@contextmanager
def run_name_server(server: FakeNameServer) -> Iterator[int]:
    """Serve on a loopback port over UDP and TCP; yield the port."""

    class UdpHandler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            wire, sock = self.request
            if answer := server.answer(wire, tcp=False):
                sock.sendto(answer, self.client_address)

    class TcpHandler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            length = int.from_bytes(self.request.recv(2))
            if answer := server.answer(self.request.recv(length), tcp=True):
                self.request.sendall(len(answer).to_bytes(2) + answer)

    tcp, udp = bind_sockets(TcpHandler, UdpHandler)
    with tcp, udp:
        threads = [
            threading.Thread(target=socket_server.serve_forever, args=(0.01,), daemon=True)
            for socket_server in (udp, tcp)
        ]
        for thread in threads:
            thread.start()
        yield int(tcp.server_address[1])
        udp.shutdown()
        tcp.shutdown()


type HandlerClass = type[socketserver.BaseRequestHandler]


def bind_sockets(tcp: HandlerClass, udp: HandlerClass) -> tuple[socketserver.TCPServer, socketserver.UDPServer]:
    """Listen on one port for both protocols. Retry if a port that is free for TCP is in use for UDP."""
    for _ in range(50):
        by_tcp = socketserver.ThreadingTCPServer(("127.0.0.1", 0), tcp)
        try:
            return by_tcp, socketserver.ThreadingUDPServer(("127.0.0.1", int(by_tcp.server_address[1])), udp)
        except OSError:
            by_tcp.server_close()
    raise AssertionError("No port is free for both TCP and UDP.")


@pytest.fixture
def server() -> FakeNameServer:
    return FakeNameServer()


@pytest.fixture
def authoritative_dns(server: FakeNameServer) -> Iterator[AuthoritativeDnsClient]:
    with run_name_server(server) as port:
        yield AuthoritativeDnsClient(port=port)


def test_question_is_asked_several_times_and_names_are_canonical(authoritative_dns: AuthoritativeDnsClient) -> None:
    dns_answers = authoritative_dns.query(["localhost"], [CNAME, TEXT], budget_seconds=BUDGET_SECONDS)
    assert dns_answers.answers["localhost"] == {
        CNAME: (frozenset({"d-virginia.example.net."}),) * QUERIES_PER_NAME_SERVER,
        TEXT: (frozenset({"us-east-1"}),) * QUERIES_PER_NAME_SERVER,
    }


def test_truncated_answer_is_fetched_over_tcp(
    authoritative_dns: AuthoritativeDnsClient, server: FakeNameServer
) -> None:
    server.truncates = True
    dns_answers = authoritative_dns.query(["localhost"], [TEXT], budget_seconds=BUDGET_SECONDS)
    assert dns_answers.answers["localhost"][TEXT] == (frozenset({"us-east-1"}),) * QUERIES_PER_NAME_SERVER
    assert server.asked_over_tcp == QUERIES_PER_NAME_SERVER


def test_missing_record_is_an_empty_answer(authoritative_dns: AuthoritativeDnsClient, server: FakeNameServer) -> None:
    server.values.clear()
    server.rcode = dns.rcode.NXDOMAIN
    assert (
        authoritative_dns.query(["localhost"], [TEXT], budget_seconds=BUDGET_SECONDS).answers["localhost"][TEXT]
        == (frozenset(),) * QUERIES_PER_NAME_SERVER
    )


def test_refused_query_is_no_answer(authoritative_dns: AuthoritativeDnsClient, server: FakeNameServer) -> None:
    server.rcode = dns.rcode.REFUSED
    assert (
        authoritative_dns.query(["localhost"], [TEXT], budget_seconds=BUDGET_SECONDS).answers["localhost"][TEXT] == ()
    )


def test_non_authoritative_answer_is_no_answer(
    authoritative_dns: AuthoritativeDnsClient, server: FakeNameServer
) -> None:
    server.authoritative = False
    assert (
        authoritative_dns.query(["localhost"], [TEXT], budget_seconds=BUDGET_SECONDS).answers["localhost"][TEXT] == ()
    )


def test_silent_server_stays_within_budget(authoritative_dns: AuthoritativeDnsClient, server: FakeNameServer) -> None:
    server.is_silent = True
    started_at = time.monotonic()
    dns_answers = authoritative_dns.query(["localhost"], [CNAME, TEXT], budget_seconds=0.3)
    assert dns_answers.answers["localhost"] == {CNAME: (), TEXT: ()}
    assert time.monotonic() - started_at < load_scaling.scale_seconds(2)


def test_hanging_resolver_stays_within_budget(
    authoritative_dns: AuthoritativeDnsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()

    def hang(*_: object, **__: object) -> list[object]:
        released.wait()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    started_at = time.monotonic()
    dns_answers = authoritative_dns.query(["ns-1.example.net"], [TEXT], hosts=[HOST], budget_seconds=0.3)
    released.set()
    assert dns_answers.answers["ns-1.example.net"][TEXT] == ()
    assert dns_answers.addresses == {}
    assert time.monotonic() - started_at < load_scaling.scale_seconds(2)


def test_hosts_are_resolved_by_system_resolver(
    authoritative_dns: AuthoritativeDnsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def resolve(name: str, *_: object, family: int, **__: object) -> list[object]:
        assert (name, family) == ("d-tokyo.example.net", socket.AF_INET)
        return [
            (family, socket.SOCK_DGRAM, 17, "", ("192.0.2.1", 0)),
            (family, socket.SOCK_DGRAM, 17, "", ("192.0.2.2", 0)),
        ]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    dns_answers = authoritative_dns.query([], [], hosts=[HOST], budget_seconds=BUDGET_SECONDS)
    assert dns_answers.addresses == {HOST: frozenset({"192.0.2.1", "192.0.2.2"})}


def test_name_server_without_address_is_silent(
    authoritative_dns: AuthoritativeDnsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def raise_unknown_host(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", raise_unknown_host)
    assert (
        authoritative_dns.query(["ns-1.example.net"], [TEXT], budget_seconds=BUDGET_SECONDS).answers[
            "ns-1.example.net"
        ][TEXT]
        == ()
    )


def test_resolver_may_answer_from_cache() -> None:
    resolver = FakeNameServer()
    resolver.authoritative, resolver.recursion_requested = False, True
    with run_name_server(resolver) as port:
        answers = PublicResolvers(["127.0.0.1"], port=port).query([CNAME, TEXT], Deadline(BUDGET_SECONDS))
    assert answers["127.0.0.1"] == {
        CNAME: (frozenset({"d-virginia.example.net."}),) * QUERIES_PER_RESOLVER,
        TEXT: (frozenset({"us-east-1"}),) * QUERIES_PER_RESOLVER,
    }


def test_silent_resolver_is_abandoned_at_deadline() -> None:
    resolver = FakeNameServer()
    resolver.is_silent = True
    with run_name_server(resolver) as port:
        started_at = time.monotonic()
        answers = PublicResolvers(["127.0.0.1"], port=port).query([CNAME], Deadline(0.2))
        took_seconds = time.monotonic() - started_at
    assert not any(answers["127.0.0.1"].values())
    assert took_seconds < load_scaling.scale_seconds(2)


def test_server_that_closes_tcp_after_truncation_is_silent(
    authoritative_dns: AuthoritativeDnsClient, server: FakeNameServer
) -> None:
    server.truncates = server.closes_connection = True
    dns_answers = authoritative_dns.query(["localhost"], [CNAME, TEXT], budget_seconds=BUDGET_SECONDS)
    assert dns_answers.answers["localhost"] == {CNAME: (), TEXT: ()}
    assert server.asked_over_tcp == 2 * QUERIES_PER_NAME_SERVER


def test_unreadable_answer_is_no_answer(
    authoritative_dns: AuthoritativeDnsClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> str:
        raise KeyError("value")

    monkeypatch.setattr("cognito_failover.routing.dns.query.to_steering_value", fail)
    assert authoritative_dns.query(["localhost"], [TEXT], budget_seconds=BUDGET_SECONDS).answers["localhost"] == {
        TEXT: ()
    }
    assert "The answer of 127.0.0.1 could not be read: KeyError" in caplog.text


def test_thread_exhaustion_yields_no_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse_thread(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse_thread)
    dns_answers = AuthoritativeDnsClient().query(["localhost"], [TEXT], hosts=[HOST], budget_seconds=BUDGET_SECONDS)
    assert dns_answers.answers == {"localhost": {TEXT: ()}}
    assert dns_answers.addresses == {}


@pytest.mark.parametrize("name", ["a..example.com.", f"{64 * 'a'}.example.com."])
def test_invalid_name_can_not_be_resolved(name: str) -> None:
    assert resolve(DnsQuestion(name=name, record_type="A")) is None


@pytest.mark.parametrize(
    ("code", "expected"),
    [(socket.EAI_NONAME, frozenset()), (socket.EAI_NODATA, frozenset()), (socket.EAI_AGAIN, None)],
    ids=["no such name", "no address of the type", "no answer in time"],
)
def test_host_without_addresses_differs_from_an_unresolved_one(
    monkeypatch: pytest.MonkeyPatch, code: int, expected: frozenset[str] | None
) -> None:
    def fail(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(code, "scripted")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    assert resolve(HOST) == expected


def test_answer_of_a_service_binding_is_its_target_name(
    authoritative_dns: AuthoritativeDnsClient, server: FakeNameServer
) -> None:
    server.values = {"HTTPS": ['1 D-Virginia.example.net. alpn="h2,h3" ipv4hint=192.0.2.1'], "SVCB": ["1 . port=8443"]}
    bindings = [DnsQuestion(name="auth.example.com.", record_type=kind) for kind in ("HTTPS", "SVCB")]
    answers = authoritative_dns.query(["localhost"], bindings, budget_seconds=BUDGET_SECONDS).answers["localhost"]
    assert [set(answers[question]) for question in bindings] == [
        {frozenset({"d-virginia.example.net."})},
        {frozenset({"."})},
    ]


def test_cname_chain_to_an_address_is_part_of_its_answer(
    authoritative_dns: AuthoritativeDnsClient, server: FakeNameServer
) -> None:
    server.chain = ["D-Virginia.example.net."]
    server.values = {"A": ["192.0.2.1"], "CNAME": ["Else.example.net."]}
    address = DnsQuestion(name="auth.example.com.", record_type="A")
    answers = authoritative_dns.query(["localhost"], [address, CNAME], budget_seconds=BUDGET_SECONDS).answers
    assert set(answers["localhost"][address]) == {frozenset({"d-virginia.example.net.", "192.0.2.1"})}
    assert set(answers["localhost"][CNAME]) == {frozenset({"d-virginia.example.net."})}
