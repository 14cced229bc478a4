"""Which side an answer of DNS leads to. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cognito_failover.common.region import PerRole, RegionRole
from cognito_failover.core.model.records import DnsWatch, RecordSet
from cognito_failover.routing.dns.propagation import list_alias_hosts
from cognito_failover.routing.dns.question import DnsAnswer, DnsQuestion
from cognito_failover.routing.record_set import (
    STEERING_TYPES,
    get_alias_name,
    get_values,
    has_target,
    to_absolute_name,
)
from cognito_failover.settings.controller import Settings
from cognito_failover.timeline.sample import AnswerCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerClassifier:
    """One question whose answers tell the sides apart.

    Attributes
    ----------
    question
        What to ask.
    values
        What each side's record answers with.

    """

    question: DnsQuestion
    values: PerRole[frozenset[str]]

    def classify(self, answer: DnsAnswer) -> RegionRole | None:
        """Return the side that an answer leads to; None where it leads to neither, or both sides give it."""
        leads_to = {side: bool(answer & (self.values[side] - self.values[side.opposite])) for side in RegionRole}
        roles = [side for side, leads in leads_to.items() if leads]
        return roles[0] if len(roles) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsQueryPlan:
    """What to ask to see where users are sent, before aliases are resolved."""

    pairs: tuple[PerRole[RecordSet], ...]

    @property
    def questions(self) -> tuple[DnsQuestion, ...]:
        """What to ask name servers and resolvers."""
        return tuple(_build_question(pair.primary) for pair in self.pairs)

    @property
    def hosts(self) -> tuple[DnsQuestion, ...]:
        """The alias targets whose addresses must be known to read the answers."""
        return list_alias_hosts(self.pairs)

    def build_classifiers(self, addresses: Mapping[DnsQuestion, frozenset[str]]) -> tuple[AnswerClassifier, ...]:
        """Return how to read the answers, given what the alias targets resolve to at this moment."""

        def list_values(record_set: RecordSet) -> frozenset[str]:
            if "AliasTarget" not in record_set:
                return get_values(record_set)
            host = DnsQuestion(name=get_alias_name(record_set), record_type=record_set["Type"])
            return addresses.get(host, frozenset())

        return tuple(
            AnswerClassifier(
                question=_build_question(pair.primary),
                values=PerRole(primary=list_values(pair.primary), standby=list_values(pair.standby)),
            )
            for pair in self.pairs
        )


def plan_queries(watch: DnsWatch, settings: Settings) -> DnsQueryPlan:
    """Return what to ask, of the records in sight: the domain's own, as users ask it, or else its beacon."""
    by_question: dict[DnsQuestion, dict[RegionRole, RecordSet]] = {}
    for record_set in watch.record_sets:
        role = _find_role(record_set, settings)
        if role is not None:
            by_question.setdefault(_build_question(record_set), {})[role] = record_set
    pairs = {
        question: PerRole(primary=found[RegionRole.PRIMARY], standby=found[RegionRole.STANDBY])
        for question, found in by_question.items()
        if len(found) == len(RegionRole)
    }
    steering_pairs = tuple(pair for question, pair in pairs.items() if question.record_type in STEERING_TYPES)
    return DnsQueryPlan(pairs=steering_pairs or tuple(pairs.values()))


def count_answers_by_role(
    classifiers: Iterable[AnswerClassifier], answers: Mapping[DnsQuestion, tuple[DnsAnswer, ...]], *, query_count: int
) -> AnswerCounts:
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
    counts: dict[RegionRole | None, int] = {RegionRole.PRIMARY: 0, RegionRole.STANDBY: 0, None: 0}
    missing = 0
    for signpost in classifiers:
        received = answers.get(signpost.question, ())
        missing += max(0, query_count - len(received))
        for answer in received:
            counts[signpost.classify(answer)] += 1
    return AnswerCounts(
        primary=counts[RegionRole.PRIMARY], standby=counts[RegionRole.STANDBY], unclear=counts[None], missing=missing
    )


def _build_question(record_set: RecordSet) -> DnsQuestion:
    return DnsQuestion(name=to_absolute_name(record_set["Name"]), record_type=record_set["Type"])


def _find_role(record_set: RecordSet, settings: Settings) -> RegionRole | None:
    """Return the side of a record set: a beacon names its Region, any other points at its target."""
    if record_set["Type"] == "TXT":
        return next((side for side, region in settings.regions if region in get_values(record_set)), None)
    return next((side for side, target in settings.targets if target and has_target(record_set, target)), None)
