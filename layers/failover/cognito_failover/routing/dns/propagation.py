"""Whether the authoritative name servers' answers show that a move has arrived."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cognito_failover.common.region import PerRole, RegionRole
from cognito_failover.core.model.records import Confirmation, RecordSet
from cognito_failover.routing.dns.question import DnsAnswer, DnsAnswers, DnsQuestion
from cognito_failover.routing.record_set import ADDRESS_TYPES, get_alias_name, get_values


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What a question's answers have to look like once the move has arrived.

    Attributes
    ----------
    old, new
        What the side moved from and the side moved to answer with.
    exact
        Whether an answer must be of the new values only. An alias's addresses change from answer to answer, so there
        only one that is the old side's alone tells.

    """

    question: DnsQuestion
    old: frozenset[str]
    new: frozenset[str]
    exact: bool

    def is_met_by(self, answer: DnsAnswer) -> bool:
        """Tell whether an answer is not the old target's, and not nothing."""
        if not answer:
            return False
        return answer <= self.new if self.exact else not answer & (self.old - self.new)


def build_questions(pairs: Iterable[PerRole[RecordSet]]) -> tuple[DnsQuestion, ...]:
    """Return what to ask the name servers to see which side each pair answers with."""
    return tuple(DnsQuestion(name=pair.primary["Name"], record_type=pair.primary["Type"]) for pair in pairs)


def list_alias_hosts(pairs: Iterable[PerRole[RecordSet]]) -> tuple[DnsQuestion, ...]:
    """Return the alias targets whose addresses must be known to read the answers."""
    return tuple(
        DnsQuestion(name=get_alias_name(record_set), record_type=record_set["Type"])
        for pair in pairs
        for _, record_set in pair
        if "AliasTarget" in record_set and record_set["Type"] in ADDRESS_TYPES
    )


def build_expectations(
    pairs: Iterable[PerRole[RecordSet]], new_role: RegionRole, addresses: Mapping[DnsQuestion, frozenset[str]]
) -> tuple[Expectation, ...]:
    """Return what each pair's answers have to look like once everybody is on the new side."""

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


def evaluate_answers(dns_answers: DnsAnswers, expected: Sequence[Expectation], *, new_region: str) -> Confirmation:
    """Read the name servers' answers.

    A server that left a question without any answer is silent; one of whose answers fails an expectation is stale.
    """
    silent = tuple(
        server
        for server, answers in dns_answers.answers.items()
        if any(not answers[each.question] for each in expected)
    )
    stale = tuple(
        server
        for server, answers in dns_answers.answers.items()
        if any(not each.is_met_by(answer) for each in expected for answer in answers[each.question])
    )
    agreeing = len(dns_answers.answers) - len({*silent, *stale})
    return Confirmation(
        moved=bool(agreeing) and not stale,
        unresponsive=silent,
        stale=stale,
        detail=_format_detail(len(dns_answers.answers), agreeing, silent, stale, new_region),
    )


def _format_detail(total: int, agreeing: int, silent: Sequence[str], stale: Sequence[str], new_region: str) -> str:
    parts = [f"{agreeing} of {total} name servers answer with {new_region} only"]
    if stale:
        parts.append(f"not yet: {', '.join(stale)}")
    if silent:
        parts.append(f"no answer from {', '.join(silent)}")
    return "; ".join(parts) + "."
