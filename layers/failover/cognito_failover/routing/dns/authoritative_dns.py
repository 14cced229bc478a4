"""Queries to a zone's authoritative name servers."""

import socket
from collections.abc import Sequence
from concurrent.futures import Future, wait
from functools import partial
from typing import Protocol

from cognito_failover.common.deadlines import Deadline, run_in_thread
from cognito_failover.routing.dns.question import DnsAnswer, DnsAnswers, DnsQuestion
from cognito_failover.routing.record_set import to_canonical_value

QUERIES_PER_NAME_SERVER = 3
"""Queries of each question to each server per call. While a change propagates, answers of one server may differ."""

QUERY_TIMEOUT_SECONDS = 0.7


class AuthoritativeDns(Protocol):
    """Queries authoritative name servers."""

    def query(
        self,
        name_servers: Sequence[str],
        questions: Sequence[DnsQuestion],
        *,
        hosts: Sequence[DnsQuestion],
        budget_seconds: float,
    ) -> DnsAnswers:
        """Query every server for every question several times, and resolve the hosts with the system's resolver."""
        ...


def preload_dnspython() -> None:
    """Import dnspython. Call it before a move: the confirmation of a move cannot wait for the import."""
    from cognito_failover.routing.dns import delegation_walk, query  # noqa: F401, PLC0415 - slow, so not at module import


class AuthoritativeDnsClient:
    """Queries authoritative name servers over the network, within a time budget.

    Parameters
    ----------
    port
        The name servers' port.

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
        """Query all servers at the same time; see `AuthoritativeDns.query`."""
        deadline = Deadline(budget_seconds)
        collected = {server: {question: list[DnsAnswer]() for question in questions} for server in name_servers}
        queries = [
            run_in_thread(partial(self._query_server, server, answers, deadline), name=f"query {server}")
            for server, answers in collected.items()
        ]
        resolving = {host: run_in_thread(partial(resolve, host), name=f"resolve {host.name}") for host in hosts}
        # An error in one thread counts as silence of that server or host. The other answers stay.
        wait(queries, timeout=deadline.remaining_seconds)
        wait(resolving.values(), timeout=deadline.remaining_seconds)
        addresses = {
            host: found for host, future in resolving.items() if (found := _get_result_or_none(future)) is not None
        }
        # A copy, because a thread that is still running may add answers.
        answers = {
            server: {question: tuple(received) for question, received in by_question.items()}
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
            # Its address may have changed: resolve its name again at the next query.
            self._cached_addresses.pop(server, None)

    def _resolve_server(self, server: str) -> str | None:
        if server not in self._cached_addresses:
            addresses = resolve(DnsQuestion(name=server, record_type="A"))
            if not addresses:
                return None
            self._cached_addresses[server] = min(addresses)
        return self._cached_addresses[server]


def _get_result_or_none(resolving: Future[frozenset[str] | None]) -> frozenset[str] | None:
    failed = not resolving.done() or resolving.exception() is not None
    return None if failed else resolving.result()


_NO_ADDRESS_CODES = {socket.EAI_NONAME, socket.EAI_NODATA, socket.EAI_ADDRFAMILY}
"""The resolver's answers that a name has no address of the type, or does not exist."""


def resolve(host: DnsQuestion) -> frozenset[str] | None:
    """Return a host's addresses of one type from the system's resolver; None if it can't answer."""
    family = socket.AF_INET6 if host.record_type == "AAAA" else socket.AF_INET
    try:
        address_infos = socket.getaddrinfo(host.name.rstrip("."), None, family=family, type=socket.SOCK_DGRAM)
    except socket.gaierror as error:
        return frozenset() if error.errno in _NO_ADDRESS_CODES else None
    except (OSError, UnicodeError):  # UnicodeError for an invalid name, such as one with an empty label
        return None
    return frozenset(
        to_canonical_value(str(socket_address[0]), host.record_type) for *_, socket_address in address_infos
    )
