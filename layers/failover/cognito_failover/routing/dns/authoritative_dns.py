"""What a zone's authoritative name servers answer at this moment."""

import socket
from collections.abc import Sequence
from concurrent.futures import Future, wait
from functools import partial
from typing import Protocol

from cognito_failover.common.deadlines import Deadline, run_in_thread
from cognito_failover.routing.dns.question import DnsAnswer, DnsAnswers, DnsQuestion

QUERIES_PER_NAME_SERVER = 3
"""How often each server is asked each question in one look: half-way through a change answers may differ."""

QUERY_TIMEOUT_SECONDS = 0.7


class AuthoritativeDns(Protocol):
    """Asks authoritative name servers."""

    def query(
        self,
        name_servers: Sequence[str],
        questions: Sequence[DnsQuestion],
        *,
        hosts: Sequence[DnsQuestion],
        budget_seconds: float,
    ) -> DnsAnswers:
        """Ask every server every question several times, and the system's resolver for the hosts' addresses."""
        ...


def preload_dnspython() -> None:
    """Import what asking takes. To be called while all is well: a move that is to be confirmed can't wait for it."""
    from cognito_failover.routing.dns import query  # noqa: F401, PLC0415 - the import is the point, and slow: not at the start


class AuthoritativeDnsClient:
    """Asks authoritative name servers over the network, never longer than it is given.

    Parameters
    ----------
    port
        Where name servers listen.

    """

    def __init__(self, *, port: int = 53) -> None:
        self._port = port
        self._cached_addresses: dict[str, str] = {}

    def query(
        self,
        name_servers: Sequence[str],
        questions: Sequence[DnsQuestion],
        *,
        hosts: Sequence[DnsQuestion] = (),
        budget_seconds: float,
    ) -> DnsAnswers:
        """Ask every server every question several times, all servers at once; see `Authority.look`."""
        deadline = Deadline(budget_seconds)
        collected = {server: {question: list[DnsAnswer]() for question in questions} for server in name_servers}
        queries = [
            run_in_thread(partial(self._query_server, server, answers, deadline), name=f"ask {server}")
            for server, answers in collected.items()
        ]
        resolving = {host: run_in_thread(partial(resolve, host), name=f"resolve {host.name}") for host in hosts}
        # A fault in asking one is silence of that one, and in resolving no address: neither costs the others' answers.
        wait(queries, timeout=deadline.remaining_seconds)
        wait(resolving.values(), timeout=deadline.remaining_seconds)
        addresses = {host: _get_addresses(future) for host, future in resolving.items()}
        # A copy, since a thread left behind may still add to what has been gathered.
        answers = {
            server: {question: tuple(given) for question, given in by_question.items()}
            for server, by_question in collected.items()
        }
        return DnsAnswers(answers=answers, addresses=addresses)

    def _query_server(self, server: str, answers: dict[DnsQuestion, list[DnsAnswer]], deadline: Deadline) -> None:
        address = self._resolve_server(server)
        if address is None:
            return
        from cognito_failover.routing.dns.query import send_dns_query  # noqa: PLC0415 - slow to import; see `preload_dnspython`

        for question in list(answers) * QUERIES_PER_NAME_SERVER:
            timeout_seconds = min(QUERY_TIMEOUT_SECONDS, deadline.remaining_seconds)
            if not timeout_seconds:
                break
            answer = send_dns_query(address, question, port=self._port, timeout_seconds=timeout_seconds)
            if answer is not None:
                answers[question].append(answer)
        if not any(answers.values()):
            # It may have moved: resolve its name again at the next look.
            self._cached_addresses.pop(server, None)

    def _resolve_server(self, server: str) -> str | None:
        if server not in self._cached_addresses:
            addresses = resolve(DnsQuestion(name=server, record_type="A"))
            if not addresses:
                return None
            self._cached_addresses[server] = min(addresses)
        return self._cached_addresses[server]


def _get_addresses(resolving: Future[frozenset[str]]) -> frozenset[str]:
    failed = not resolving.done() or resolving.exception() is not None
    return frozenset() if failed else resolving.result()


def resolve(host: DnsQuestion) -> frozenset[str]:
    """Return the addresses of one type that the system's resolver has for a name; none if it can't say."""
    family = socket.AF_INET6 if host.record_type == "AAAA" else socket.AF_INET
    try:
        address_infos = socket.getaddrinfo(host.name.rstrip("."), None, family=family, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError):  # the latter for a name that can be none, such as one with an empty label
        return frozenset()
    return frozenset(str(socket_address[0]) for *_, socket_address in address_infos)
