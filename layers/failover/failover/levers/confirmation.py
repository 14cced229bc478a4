"""Whether the authoritative name servers' answers show that a move has arrived."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from failover.levers.authority import Answer, Look, Question
from failover.levers.lever import Confirmation, RecordSet
from failover.levers.records import ADDRESS_TYPES, alias_name, values_of
from failover.region import PerSide, Side


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

    question: Question
    old: frozenset[str]
    new: frozenset[str]
    exact: bool

    def met_by(self, answer: Answer) -> bool:
        """Tell whether an answer is not the old target's, and not nothing."""
        if not answer:
            return False
        return answer <= self.new if self.exact else not answer & (self.old - self.new)


def questions_for(pairs: Iterable[PerSide[RecordSet]]) -> tuple[Question, ...]:
    """Return what to ask the name servers to see which side each pair answers with."""
    return tuple(Question(name=pair.primary["Name"], record_type=pair.primary["Type"]) for pair in pairs)


def alias_hosts(pairs: Iterable[PerSide[RecordSet]]) -> tuple[Question, ...]:
    """Return the alias targets whose addresses must be known to read the answers."""
    return tuple(
        Question(name=alias_name(record_set), record_type=record_set["Type"])
        for pair in pairs
        for _, record_set in pair
        if "AliasTarget" in record_set and record_set["Type"] in ADDRESS_TYPES
    )


def expectations(
    pairs: Iterable[PerSide[RecordSet]], new_side: Side, addresses: Mapping[Question, frozenset[str]]
) -> tuple[Expectation, ...]:
    """Return what each pair's answers have to look like once everybody is on the new side."""

    def values(record_set: RecordSet) -> frozenset[str]:
        if "AliasTarget" not in record_set:
            return values_of(record_set)
        host = Question(name=alias_name(record_set), record_type=record_set["Type"])
        return addresses.get(host, frozenset())

    return tuple(
        Expectation(
            question=Question(name=pair.primary["Name"], record_type=pair.primary["Type"]),
            old=values(pair[new_side.other]),
            new=values(pair[new_side]),
            exact=not any("AliasTarget" in record_set for _, record_set in pair),
        )
        for pair in pairs
    )


def conclude(look: Look, expected: Sequence[Expectation], *, new_region: str) -> Confirmation:
    """Read the name servers' answers.

    A server that left a question without any answer is silent; one of whose answers fails an expectation is stale.
    """
    silent = tuple(
        server for server, answers in look.answers.items() if any(not answers[each.question] for each in expected)
    )
    stale = tuple(
        server
        for server, answers in look.answers.items()
        if any(not each.met_by(answer) for each in expected for answer in answers[each.question])
    )
    agreeing = len(look.answers) - len({*silent, *stale})
    return Confirmation(
        moved=bool(agreeing) and not stale,
        silent=silent,
        stale=stale,
        detail=_sentence(len(look.answers), agreeing, silent, stale, new_region),
    )


def _sentence(asked: int, agreeing: int, silent: Sequence[str], stale: Sequence[str], new_region: str) -> str:
    parts = [f"{agreeing} of {asked} name servers answer with {new_region} only"]
    if stale:
        parts.append(f"not yet: {', '.join(stale)}")
    if silent:
        parts.append(f"no answer from {', '.join(silent)}")
    return "; ".join(parts) + "."
