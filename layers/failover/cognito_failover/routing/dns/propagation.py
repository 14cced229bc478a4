"""Evaluation of name servers' answers: whether a move is in effect."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cognito_failover.common.region import PerRole, RegionRole
from cognito_failover.core.model.records import Confirmation, RecordSet
from cognito_failover.routing.dns.question import DnsAnswer, DnsAnswers, DnsQuestion
from cognito_failover.routing.record_set import ADDRESS_TYPES, get_alias_name, get_values


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """The expected answer to a question once a move is in effect.

    Attributes
    ----------
    old, new
        The values of the Region that users move from, and of the Region that they move to.
    exact
        Whether an answer must contain only new values. False for an alias: its addresses change between answers, so
        only an address that belongs to the old Region alone proves that the answer is old.

    """

    question: DnsQuestion
    old: frozenset[str]
    new: frozenset[str]
    exact: bool

    def is_met_by(self, answer: DnsAnswer) -> bool:
        """Return whether an answer has values, and none that proves the old Region."""
        if not answer:
            return False
        return answer <= self.new if self.exact else not answer & (self.old - self.new)


def build_questions(pairs: Iterable[PerRole[RecordSet]]) -> tuple[DnsQuestion, ...]:
    """Return one question per pair. Its answer shows the Region that the pair sends users to."""
    return tuple(DnsQuestion(name=pair.primary["Name"], record_type=pair.primary["Type"]) for pair in pairs)


def list_alias_hosts(pairs: Iterable[PerRole[RecordSet]]) -> tuple[DnsQuestion, ...]:
    """Return the alias targets that must be resolved to evaluate the answers."""
    return tuple(
        DnsQuestion(name=get_alias_name(record_set), record_type=record_set["Type"])
        for pair in pairs
        for _, record_set in pair
        if "AliasTarget" in record_set and record_set["Type"] in ADDRESS_TYPES
    )


def build_expectations(
    pairs: Iterable[PerRole[RecordSet]], new_role: RegionRole, addresses: Mapping[DnsQuestion, frozenset[str]]
) -> tuple[Expectation, ...]:
    """Return the expected answer of each pair once all users are in the new Region."""

    def list_values(record_set: RecordSet) -> frozenset[str]:
        if "AliasTarget" not in record_set:
            return get_values(record_set)
        host = DnsQuestion(name=get_alias_name(record_set), record_type=record_set["Type"])
        return addresses.get(host, frozenset())

    return tuple(
        Expectation(
            question=DnsQuestion(name=pair.primary["Name"], record_type=pair.primary["Type"]),
            old=list_values(pair[new_role.opposite]),
            new=list_values(pair[new_role]),
            exact=not any("AliasTarget" in record_set for _, record_set in pair),
        )
        for pair in pairs
    )


def evaluate_answers(dns_answers: DnsAnswers, expectations: Sequence[Expectation], *, new_region: str) -> Confirmation:
    """Return the confirmation that the name servers' answers give.

    A server without an answer to one of the questions is unresponsive. A server with an unexpected answer is stale.
    """
    unresponsive = tuple(
        server
        for server, answers in dns_answers.answers.items()
        if any(not answers[expectation.question] for expectation in expectations)
    )
    stale = tuple(
        server
        for server, answers in dns_answers.answers.items()
        if any(
            not expectation.is_met_by(answer)
            for expectation in expectations
            for answer in answers[expectation.question]
        )
    )
    agreeing = len(dns_answers.answers) - len({*unresponsive, *stale})
    return Confirmation(
        moved=bool(agreeing) and not stale,
        unresponsive=unresponsive,
        stale=stale,
        detail=_format_detail(len(dns_answers.answers), agreeing, unresponsive, stale, new_region),
    )


def _format_detail(
    total: int, agreeing: int, unresponsive: Sequence[str], stale: Sequence[str], new_region: str
) -> str:
    parts = [f"{agreeing} of {total} name servers answer with {new_region} only"]
    if stale:
        parts.append(f"not yet: {', '.join(stale)}")
    if unresponsive:
        parts.append(f"no answer from {', '.join(unresponsive)}")
    return "; ".join(parts) + "."
