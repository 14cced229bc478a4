"""Which side an answer of DNS leads to. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from failover.levers.authority import Answer, Question
from failover.levers.confirmation import alias_hosts
from failover.levers.lever import RecordSet, Sight
from failover.levers.records import STEERING_TYPES, absolute, alias_name, points_at, values_of
from failover.outside.sample import Tally
from failover.region import PerSide, Side
from failover.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Signpost:
    """One question whose answers tell the sides apart.

    Attributes
    ----------
    question
        What to ask.
    values
        What each side's record answers with.

    """

    question: Question
    values: PerSide[frozenset[str]]

    def side_of(self, answer: Answer) -> Side | None:
        """Return the side that an answer leads to; None where it leads to neither, or both sides give it."""
        leads_to = {side: bool(answer & (self.values[side] - self.values[side.other])) for side in Side}
        sides = [side for side, leads in leads_to.items() if leads]
        return sides[0] if len(sides) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What to ask to see where users are sent, before aliases are resolved."""

    pairs: tuple[PerSide[RecordSet], ...]

    @property
    def questions(self) -> tuple[Question, ...]:
        """What to ask name servers and resolvers."""
        return tuple(_question(pair.primary) for pair in self.pairs)

    @property
    def hosts(self) -> tuple[Question, ...]:
        """The alias targets whose addresses must be known to read the answers."""
        return alias_hosts(self.pairs)

    def resolved(self, addresses: Mapping[Question, frozenset[str]]) -> tuple[Signpost, ...]:
        """Return how to read the answers, given what the alias targets resolve to at this moment."""

        def values(record_set: RecordSet) -> frozenset[str]:
            if "AliasTarget" not in record_set:
                return values_of(record_set)
            host = Question(name=alias_name(record_set), record_type=record_set["Type"])
            return addresses.get(host, frozenset())

        return tuple(
            Signpost(
                question=_question(pair.primary),
                values=PerSide(primary=values(pair.primary), standby=values(pair.standby)),
            )
            for pair in self.pairs
        )


def signs_of(sight: Sight, settings: Settings) -> Signs:
    """Return what to ask, of the records in sight: the domain's own, as users ask it, or else its beacon."""
    by_question: dict[Question, dict[Side, RecordSet]] = {}
    for record_set in sight.record_sets:
        side = _side_of(record_set, settings)
        if side is not None:
            by_question.setdefault(_question(record_set), {})[side] = record_set
    pairs = {
        question: PerSide(primary=found[Side.PRIMARY], standby=found[Side.STANDBY])
        for question, found in by_question.items()
        if len(found) == len(Side)
    }
    steering = tuple(pair for question, pair in pairs.items() if question.record_type in STEERING_TYPES)
    return Signs(pairs=steering or tuple(pairs.values()))


def tally(signposts: Iterable[Signpost], answers: Mapping[Question, tuple[Answer, ...]], *, asked: int) -> Tally:
    """Count one server's answers by the side they lead to.

    Parameters
    ----------
    signposts
        How to read them.
    answers
        What the server gave to each question.
    asked
        How often it was asked each of them.

    """
    counts: dict[Side | None, int] = {Side.PRIMARY: 0, Side.STANDBY: 0, None: 0}
    missing = 0
    for signpost in signposts:
        given = answers.get(signpost.question, ())
        missing += max(0, asked - len(given))
        for answer in given:
            counts[signpost.side_of(answer)] += 1
    return Tally(primary=counts[Side.PRIMARY], standby=counts[Side.STANDBY], unclear=counts[None], missing=missing)


def _question(record_set: RecordSet) -> Question:
    return Question(name=absolute(record_set["Name"]), record_type=record_set["Type"])


def _side_of(record_set: RecordSet, settings: Settings) -> Side | None:
    """Return the side of a record set: a beacon names its Region, any other points at its target."""
    if record_set["Type"] == "TXT":
        return next((side for side, region in settings.regions if region in values_of(record_set)), None)
    return next((side for side, target in settings.targets if target and points_at(record_set, target)), None)
