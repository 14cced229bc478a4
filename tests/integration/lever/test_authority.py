"""Asking name servers over real sockets: UDP, TCP where an answer is long, and silence."""

import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from failover.bounded import Deadline
from failover.levers.authority import QUERIES, DnsAuthority, Question, resolve
from failover.outside.resolvers import TIMES_ASKED, PublicResolvers
from tests.support import patience

BUDGET_SECONDS = patience.scale(5)
"""Enough for every answer of a server that gives one."""

CNAME = Question(name="auth.example.com.", record_type="CNAME")
TEXT = Question(name="_region.auth.example.com.", record_type="TXT")
HOST = Question(name="d-tokyo.example.net.", record_type="A")


class NameServer:
    """An authoritative server that gives one answer per type; it may truncate, refuse, or keep silent."""

    def __init__(self) -> None:
        self.values = {"CNAME": ["D-Virginia.example.net."], "TXT": ['"us-east-1"']}
        self.authoritative = True
        self.truncates = False
        self.silent = False
        self.hangs_up = False
        self.rcode = dns.rcode.NOERROR
        self.asked_to_recurse = False
        self.asked_by_tcp = 0

    def answer(self, wire: bytes, *, tcp: bool) -> bytes | None:
        """Answer a query, or don't."""
        if self.silent:
            return None
        self.asked_by_tcp += tcp
        if tcp and self.hangs_up:
            return None
        query = dns.message.from_wire(wire)
        assert bool(query.flags & dns.flags.RD) is self.asked_to_recurse
        response = dns.message.make_response(query)
        response.set_rcode(self.rcode)
        if self.authoritative:
            response.flags |= dns.flags.AA
        if self.truncates and not tcp:
            response.flags |= dns.flags.TC
            return response.to_wire()
        question = query.question[0]
        kind = question.rdtype.name
        if values := self.values.get(kind):
            response.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *values))
        return response.to_wire()


@contextmanager
def serving(server: NameServer) -> Iterator[int]:
    """Serve on a loopback port, over UDP and TCP."""

    class Udp(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            wire, sock = self.request
            if answer := server.answer(wire, tcp=False):
                sock.sendto(answer, self.client_address)

    class Tcp(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            length = int.from_bytes(self.request.recv(2))
            if answer := server.answer(self.request.recv(length), tcp=True):
                self.request.sendall(len(answer).to_bytes(2) + answer)

    tcp, udp = listening(Tcp, Udp)
    with tcp, udp:
        threads = [threading.Thread(target=each.serve_forever, args=(0.01,), daemon=True) for each in (udp, tcp)]
        for thread in threads:
            thread.start()
        yield int(tcp.server_address[1])
        udp.shutdown()
        tcp.shutdown()


type Handler = type[socketserver.BaseRequestHandler]


def listening(tcp: Handler, udp: Handler) -> tuple[socketserver.TCPServer, socketserver.UDPServer]:
    """Listen on a port that is free for both protocols: one that the system picks for one may be taken in the other."""
    for _ in range(50):
        by_tcp = socketserver.ThreadingTCPServer(("127.0.0.1", 0), tcp)
        try:
            return by_tcp, socketserver.ThreadingUDPServer(("127.0.0.1", int(by_tcp.server_address[1])), udp)
        except OSError:
            by_tcp.server_close()
    raise AssertionError("no port is free for both TCP and UDP")


@pytest.fixture
def server() -> NameServer:
    return NameServer()


@pytest.fixture
def authority(server: NameServer) -> Iterator[DnsAuthority]:
    with serving(server) as port:
        yield DnsAuthority(port=port)


def test_every_question_is_asked_several_times_and_names_come_in_one_spelling(authority: DnsAuthority) -> None:
    look = authority.look(["localhost"], [CNAME, TEXT], budget_seconds=BUDGET_SECONDS)
    assert look.answers["localhost"] == {
        CNAME: (frozenset({"d-virginia.example.net."}),) * QUERIES,
        TEXT: (frozenset({"us-east-1"}),) * QUERIES,
    }


def test_a_truncated_answer_is_fetched_over_tcp(authority: DnsAuthority, server: NameServer) -> None:
    server.truncates = True
    look = authority.look(["localhost"], [TEXT], budget_seconds=BUDGET_SECONDS)
    assert look.answers["localhost"][TEXT] == (frozenset({"us-east-1"}),) * QUERIES
    assert server.asked_by_tcp == QUERIES


def test_no_such_record_is_an_answer_and_an_empty_one(authority: DnsAuthority, server: NameServer) -> None:
    server.values.clear()
    server.rcode = dns.rcode.NXDOMAIN
    assert (
        authority.look(["localhost"], [TEXT], budget_seconds=BUDGET_SECONDS).answers["localhost"][TEXT]
        == (frozenset(),) * QUERIES
    )


def test_a_refusal_is_no_answer(authority: DnsAuthority, server: NameServer) -> None:
    server.rcode = dns.rcode.REFUSED
    assert authority.look(["localhost"], [TEXT], budget_seconds=BUDGET_SECONDS).answers["localhost"][TEXT] == ()


def test_what_a_cache_answers_is_no_answer(authority: DnsAuthority, server: NameServer) -> None:
    server.authoritative = False
    assert authority.look(["localhost"], [TEXT], budget_seconds=BUDGET_SECONDS).answers["localhost"][TEXT] == ()


def test_a_silent_server_takes_no_longer_than_the_budget(authority: DnsAuthority, server: NameServer) -> None:
    server.silent = True
    began = time.monotonic()
    look = authority.look(["localhost"], [CNAME, TEXT], budget_seconds=0.3)
    assert look.answers["localhost"] == {CNAME: (), TEXT: ()}
    assert time.monotonic() - began < patience.scale(2)


def test_a_resolver_that_hangs_takes_no_longer_than_the_budget(
    authority: DnsAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()

    def hang(*_: object, **__: object) -> list[object]:
        released.wait()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    began = time.monotonic()
    look = authority.look(["ns-1.example.net"], [TEXT], hosts=[HOST], budget_seconds=0.3)
    released.set()
    assert look.answers["ns-1.example.net"][TEXT] == ()
    assert look.addresses == {HOST: frozenset()}
    assert time.monotonic() - began < patience.scale(2)


def test_hosts_are_resolved_by_the_systems_resolver(authority: DnsAuthority, monkeypatch: pytest.MonkeyPatch) -> None:
    def resolver(name: str, *_: object, family: int, **__: object) -> list[object]:
        assert (name, family) == ("d-tokyo.example.net", socket.AF_INET)
        return [
            (family, socket.SOCK_DGRAM, 17, "", ("192.0.2.1", 0)),
            (family, socket.SOCK_DGRAM, 17, "", ("192.0.2.2", 0)),
        ]

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    look = authority.look([], [], hosts=[HOST], budget_seconds=BUDGET_SECONDS)
    assert look.addresses == {HOST: frozenset({"192.0.2.1", "192.0.2.2"})}


def test_a_name_server_without_an_address_is_silent(authority: DnsAuthority, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert (
        authority.look(["ns-1.example.net"], [TEXT], budget_seconds=BUDGET_SECONDS).answers["ns-1.example.net"][TEXT]
        == ()
    )


def test_a_resolver_may_answer_from_its_cache() -> None:
    resolver = NameServer()
    resolver.authoritative, resolver.asked_to_recurse = False, True
    with serving(resolver) as port:
        answers = PublicResolvers(["127.0.0.1"], port=port).look([CNAME, TEXT], Deadline(BUDGET_SECONDS))
    assert answers["127.0.0.1"] == {
        CNAME: (frozenset({"d-virginia.example.net."}),) * TIMES_ASKED,
        TEXT: (frozenset({"us-east-1"}),) * TIMES_ASKED,
    }


def test_a_silent_resolver_is_left_behind_when_the_time_is_up() -> None:
    resolver = NameServer()
    resolver.silent = True
    with serving(resolver) as port:
        began = time.monotonic()
        answers = PublicResolvers(["127.0.0.1"], port=port).look([CNAME], Deadline(0.2))
        took_seconds = time.monotonic() - began
    assert not any(answers["127.0.0.1"].values())
    assert took_seconds < patience.scale(2)


def test_a_server_that_truncates_and_then_hangs_up_is_silent_and_silences_no_other(
    authority: DnsAuthority, server: NameServer
) -> None:
    server.truncates = server.hangs_up = True
    look = authority.look(["localhost"], [CNAME, TEXT], budget_seconds=BUDGET_SECONDS)
    assert look.answers["localhost"] == {CNAME: (), TEXT: ()}
    assert server.asked_by_tcp == 2 * QUERIES


def test_an_answer_that_cannot_be_read_is_no_answer(
    authority: DnsAuthority, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> str:
        raise KeyError("whatever")

    monkeypatch.setattr("failover.levers.dns_query.comparable", fail)
    assert authority.look(["localhost"], [TEXT], budget_seconds=BUDGET_SECONDS).answers["localhost"] == {TEXT: ()}
    assert "What 127.0.0.1 answered could not be read: KeyError" in caplog.text


def test_a_process_out_of_threads_has_heard_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    look = DnsAuthority().look(["localhost"], [TEXT], hosts=[HOST], budget_seconds=BUDGET_SECONDS)
    assert look.answers == {"localhost": {TEXT: ()}}
    assert look.addresses == {HOST: frozenset()}


@pytest.mark.parametrize("name", ["a..example.com.", f"{64 * 'a'}.example.com."])
def test_a_name_that_can_be_none_has_no_address(name: str) -> None:
    assert resolve(Question(name=name, record_type="A")) == frozenset()
