"""Classifies DNS answers by the Region that they send users to. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cognito_failover.common.region import PerRole, RegionRole
from cognito_failover.core.model.location import AnswerCounts
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


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerClassifier:
    """A question whose answers differ between the Regions.

    Attributes
    ----------
    question
        The question.
    values
        The values of each Region's record.

    """

    question: DnsQuestion
    values: PerRole[frozenset[str]]

    def classify(self, answer: DnsAnswer) -> RegionRole | None:
        """Return the Region that an answer leads to; None if it fits neither Region, or both."""
        roles = [role for role in RegionRole if answer & (self.values[role] - self.values[role.opposite])]
        return roles[0] if len(roles) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsQueryPlan:
    """The questions that show where DNS sends users. Aliases are not resolved yet."""

    pairs: tuple[PerRole[RecordSet], ...]

    @property
    def questions(self) -> tuple[DnsQuestion, ...]:
        """The questions for name servers and resolvers."""
        return tuple(_build_question(pair.primary) for pair in self.pairs)

    @property
    def hosts(self) -> tuple[DnsQuestion, ...]:
        """The alias targets whose addresses are needed to classify answers."""
        return list_alias_hosts(self.pairs)

    def build_classifiers(self, addresses: Mapping[DnsQuestion, frozenset[str]]) -> tuple[AnswerClassifier, ...]:
        """Return a classifier for each question, given the current addresses of the alias targets."""

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
    """Return the questions for the watched records: the domain's own as users ask them, or else its TXT record."""
    by_question: dict[DnsQuestion, dict[RegionRole, RecordSet]] = {}
    for record_set in watch.record_sets:
        role = _find_role(record_set, settings)
        if role is not None:
            by_question.setdefault(_build_question(record_set), {})[role] = record_set
    pairs = {
        question: PerRole(primary=by_role[RegionRole.PRIMARY], standby=by_role[RegionRole.STANDBY])
        for question, by_role in by_question.items()
        if len(by_role) == len(RegionRole)
    }
    steering_pairs = tuple(pair for question, pair in pairs.items() if question.record_type in STEERING_TYPES)
    return DnsQueryPlan(pairs=steering_pairs or tuple(pairs.values()))


def count_answers_by_role(
    classifiers: Iterable[AnswerClassifier], answers: Mapping[DnsQuestion, tuple[DnsAnswer, ...]], *, query_count: int
) -> AnswerCounts:
    """Count the answers of one server by the Region that they lead to.

    Parameters
    ----------
    classifiers
        Classify the answers.
    answers
        The answers to each question.
    query_count
        How often the server was asked each question.

    """
    counts: dict[RegionRole | None, int] = {RegionRole.PRIMARY: 0, RegionRole.STANDBY: 0, None: 0}
    missing = 0
    for classifier in classifiers:
        received = answers.get(classifier.question, ())
        # An answer without a record is no evidence: a target may have addresses of one family only.
        records = [answer for answer in received if answer]
        missing += max(0, query_count - len(records))
        for answer in records:
            counts[classifier.classify(answer)] += 1
    return AnswerCounts(
        primary=counts[RegionRole.PRIMARY], standby=counts[RegionRole.STANDBY], unclear=counts[None], missing=missing
    )


def _build_question(record_set: RecordSet) -> DnsQuestion:
    return DnsQuestion(name=to_absolute_name(record_set["Name"]), record_type=record_set["Type"])


def _find_role(record_set: RecordSet, settings: Settings) -> RegionRole | None:
    """Return the Region of a record set: a TXT record contains its name, any other record points at its target."""
    if record_set["Type"] == "TXT":
        return next((role for role, region in settings.regions if region in get_values(record_set)), None)
    return next((role for role, target in settings.targets if target and has_target(record_set, target)), None)
