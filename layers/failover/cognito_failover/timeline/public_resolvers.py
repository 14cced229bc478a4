"""Queries public DNS resolvers, which may answer from their caches."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Protocol

from cognito_failover.common.deadlines import Deadline, run_in_thread, wait_for_result
from cognito_failover.routing.dns.question import DnsAnswer, DnsQuestion, ServerAnswers

QUERIES_PER_RESOLVER = 2
"""How often each resolver gets each question in one sample, because one address has many caches."""

QUERY_TIMEOUT_SECONDS = 1.0


class DnsResolvers(Protocol):
    """Interface for DNS resolvers."""

    def query(self, questions: Sequence[DnsQuestion], deadline: Deadline) -> Mapping[str, ServerAnswers]:
        """Return the answers that arrive before the deadline, by resolver address and question."""
        ...


class PublicResolvers:
    """Queries resolvers over the network, in parallel.

    Parameters
    ----------
    addresses
        The addresses of the resolvers.
    port
        Their port.

    """

    def __init__(self, addresses: Sequence[str], *, port: int = 53) -> None:
        self._addresses = addresses
        self._port = port

    def query(self, questions: Sequence[DnsQuestion], deadline: Deadline) -> Mapping[str, ServerAnswers]:
        """Send every question `QUERIES_PER_RESOLVER` times to every resolver; see `DnsResolvers.query`."""
        queries = {
            address: run_in_thread(partial(self._query_resolver, address, questions, deadline), name=f"query {address}")
            for address in self._addresses
        }
        return {address: wait_for_result(deadline, future, default={}) for address, future in queries.items()}

    def _query_resolver(self, address: str, questions: Sequence[DnsQuestion], deadline: Deadline) -> ServerAnswers:
        from cognito_failover.routing.dns.query import send_dns_query  # noqa: PLC0415 - slow to import

        answers: dict[DnsQuestion, list[DnsAnswer]] = {question: [] for question in questions}
        for question in list(answers) * QUERIES_PER_RESOLVER:
            timeout_seconds = min(QUERY_TIMEOUT_SECONDS, deadline.remaining_seconds)
            if not timeout_seconds:
                break
            answer = send_dns_query(address, question, port=self._port, timeout_seconds=timeout_seconds, recursive=True)
            if answer is not None:
                answers[question].append(answer)
        return {question: tuple(received) for question, received in answers.items()}
