"""The delegation, read from parent name servers of which some answer badly."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.resolver
import dns.rrset
import pytest

from cognito_failover.preflight.delegation import DnsDelegationReader
from cognito_failover.routing.dns.delegation_walk import DelegationUnavailableError

type Answer = Callable[[dns.message.Message], bytes]

ZONE = "example.com."


def delegate(query: dns.message.Message) -> bytes:
    response = dns.message.make_response(query)
    response.authority.append(dns.rrset.from_text(ZONE, 60, "IN", "NS", "NS1.x.", "ns2.x."))
    return response.to_wire()


def deny(query: dns.message.Message, rcode: dns.rcode.Rcode = dns.rcode.NXDOMAIN) -> bytes:
    response = dns.message.make_response(query)
    response.flags |= dns.flags.AA
    response.set_rcode(rcode)
    return response.to_wire()


def truncate(query: dns.message.Message) -> bytes:
    response = dns.message.make_response(query)
    response.flags |= dns.flags.TC
    return response.to_wire()


def refer_upward(query: dns.message.Message) -> bytes:
    response = dns.message.make_response(query)
    response.authority.append(dns.rrset.from_text(".", 60, "IN", "NS", "a.root-servers.net."))
    return response.to_wire()


def answer_another_question(_query: dns.message.Message) -> bytes:
    return delegate(dns.message.make_query("example.org.", "NS"))


def bind_both() -> tuple[socket.socket, socket.socket]:
    """Return a UDP and a TCP socket on one port. A port that is free for one may be in use for the other."""
    while True:
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        udp.bind(("127.0.0.1", 0))
        try:
            tcp.bind(udp.getsockname())
        except OSError:
            udp.close()
            tcp.close()
        else:
            return udp, tcp


@contextmanager
def run_server(answer: Answer) -> Iterator[int]:
    """Run a name server on a free port. Over TCP it closes after half of a length."""
    udp, tcp = bind_both()
    with udp, tcp:
        tcp.listen()

        def serve_udp() -> None:
            wire, client = udp.recvfrom(4096)
            udp.sendto(answer(dns.message.from_wire(wire)), client)

        def serve_tcp() -> None:
            connection, _ = tcp.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"\0")

        for serve in (serve_udp, serve_tcp):
            threading.Thread(target=serve, daemon=True).start()
        yield udp.getsockname()[1]


@pytest.fixture
def read_from(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., frozenset[str]]]:
    """Return a function that reads the delegation from parent name servers with these answers, in this order."""
    with ExitStack() as servers:

        def read(*answers: Answer) -> frozenset[str]:
            ports = {f"127.0.1.{index}": servers.enter_context(run_server(each)) for index, each in enumerate(answers)}
            by_name = {f"ns{index}.parent.": address for index, address in enumerate(ports)}

            def resolve(name: Any, record_type: Any, **_: Any) -> Any:
                values = [by_name[str(name)]] if record_type == dns.rdatatype.A else list(by_name)
                return dns.rrset.from_text("x.", 60, "IN", record_type, *values)

            original = dns.query.udp_with_fallback

            def query(message: Any, address: str, **arguments: Any) -> Any:
                return original(message, "127.0.0.1", **{**arguments, "port": ports[address]})

            monkeypatch.setattr(dns.resolver, "resolve", resolve)
            monkeypatch.setattr(dns.query, "udp_with_fallback", query)
            return DnsDelegationReader().read_delegation(ZONE)

        yield read


FLAWED: list[Answer] = [
    truncate,
    refer_upward,
    answer_another_question,
    partial(deny, rcode=dns.rcode.SERVFAIL),
    partial(deny, rcode=dns.rcode.REFUSED),
    lambda query: query.to_wire()[:5],
    lambda query: delegate(query) + b"more",
    lambda query: delegate(query)[:-3],
    lambda query: delegate(query)[:2] + b"\xff" * 30,
    lambda _: b"",
]


@pytest.mark.parametrize("flawed", FLAWED, ids=range(len(FLAWED)))
def test_next_name_server_is_asked_after_a_flawed_answer(read_from: Any, flawed: Answer) -> None:
    assert read_from(flawed, delegate) == {"ns1.x.", "ns2.x."}


def test_authoritative_denial_is_no_delegation(read_from: Any) -> None:
    assert read_from(truncate, deny, delegate) == frozenset()


def test_flawed_answers_of_all_name_servers_are_reported(read_from: Any) -> None:
    with pytest.raises(DelegationUnavailableError, match=r"ns0\.parent\., ns1\.parent\."):
        read_from(truncate, refer_upward)
