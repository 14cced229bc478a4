"""Classifies DNS answers by the Region that they send users to. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from cognito_failover.common.region import PerRole, RegionRole
from cognito_failover.core.model.location import AnswerCounts
from cognito_failover.core.model.records import DnsWatch, RecordSet
from cognito_failover.routing.dns.question import DnsAnswer, DnsQuestion, ServerAnswers
from cognito_failover.routing.record_set import (
    ADDRESS_TYPES,
    SERVICE_TYPES,
    STEERING_TYPES,
    get_alias_name,
    get_steering_values,
    get_values,
    has_target,
    list_alias_spellings,
    route_alike,
    to_absolute_name,
)


class RegionTargets(Protocol):
    """The names of the Regions, and the targets of their records. A target may be empty."""

    @property
    def regions(self) -> PerRole[str]:
        """The names of the Regions, which TXT records contain."""
        ...

    @property
    def targets(self) -> PerRole[str]:
        """The target of each Region's record: a host name, or comma-separated addresses."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerClassifier:
    """A question whose answers differ between the Regions.

    Attributes
    ----------
    question
        The question.
    values
        The values of each Region's record: addresses, names or texts.
    has_alias
        Whether the records are aliases, whose addresses change between answers. Then a value of one Region alone shows
        this Region. Other records answer with all of their values, and with no others.

    """

    question: DnsQuestion
    values: PerRole[frozenset[str]]
    has_alias: bool = False

    def classify(self, answer: DnsAnswer) -> RegionRole | None:
        """Return the Region that an answer leads to; None if it fits neither Region, or both."""
        roles = [role for role in RegionRole if self._fits(answer, role)]
        return roles[0] if len(roles) == 1 else None

    def _fits(self, answer: DnsAnswer, role: RegionRole) -> bool:
        if self.has_alias:
            return bool(answer & (self.values[role] - self.values[role.opposite]))
        return answer == self.values[role]

    def count(self, answers: ServerAnswers, *, query_count: int) -> AnswerCounts:
        """Count the answers of one server that was asked this question so many times.

        An answer without a record shows nothing: a target may have addresses of one family only.
        """
        all_answers = answers.get(self.question, ())
        records = [answer for answer in all_answers if answer]
        roles = [self.classify(answer) for answer in records]
        return AnswerCounts(
            primary=roles.count(RegionRole.PRIMARY),
            standby=roles.count(RegionRole.STANDBY),
            unclear=roles.count(None),
            missing=max(0, query_count - len(records)),
            empty=len(all_answers) - len(records),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerView:
    """Where one server sends users.

    Attributes
    ----------
    counts
        Its answers by Region.
    is_by_region_record
        Whether they are the answers of the region TXT record, because those of the name show no Region.

    """

    counts: AnswerCounts
    is_by_region_record: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerJudge:
    """Judges the answers of a server. There is no other way to judge where DNS sends users.

    Attributes
    ----------
    classifiers
        One for each question about the name.
    region_classifier
        The one for the name's region TXT record; None unless the TXT pair stands for the name's records.

    """

    classifiers: tuple[AnswerClassifier, ...]
    region_classifier: AnswerClassifier | None = None

    def judge(self, answers: ServerAnswers, *, query_count: int) -> ServerView:
        """Return where a server that was asked each question so many times sends users.

        The name's own answers decide. If it has addresses that fit neither Region, or both, its region TXT record
        decides. If it has no addresses, nothing does.
        """
        counts = _add_up(classifier.count(answers, query_count=query_count) for classifier in self.classifiers)
        if self.region_classifier and counts.unclear and not counts.shows_region:
            region_counts = self.region_classifier.count(answers, query_count=query_count)
            if region_counts.shows_region:
                return ServerView(counts=region_counts, is_by_region_record=True)
        return ServerView(counts=counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsQueryPlan:
    """The questions that show where DNS sends users. Aliases are not resolved yet.

    Attributes
    ----------
    pairs
        The record sets of the name, or else of the TXT record that stands for it.
    region_pair
        The region TXT record, where it can replace answers of aliases that show no Region.

    """

    pairs: tuple[PerRole[RecordSet], ...]
    region_pair: PerRole[RecordSet] | None = None

    @property
    def questions(self) -> tuple[DnsQuestion, ...]:
        """The questions for name servers and resolvers."""
        region_pairs = (self.region_pair,) if self.region_pair else ()
        return tuple(_build_question(pair.primary) for pair in (*self.pairs, *region_pairs))

    @property
    def hosts(self) -> tuple[DnsQuestion, ...]:
        """The alias targets whose addresses are needed to classify answers."""
        return tuple(
            _build_host(record_set)
            for pair in self.pairs
            for _, record_set in pair
            if "AliasTarget" in record_set and record_set["Type"] in ADDRESS_TYPES
        )

    @property
    def shows_name(self) -> bool:
        """Whether the questions are about the name itself, as its users ask them."""
        return any(pair.primary["Type"] in STEERING_TYPES for pair in self.pairs)

    def build_judge(self, addresses: Mapping[DnsQuestion, frozenset[str]]) -> AnswerJudge:
        """Return the judge of the answers.

        Parameters
        ----------
        addresses
            The current addresses of each host that could be resolved; empty for a host without any of that type.

        """
        return AnswerJudge(
            classifiers=tuple(_build_classifier(pair, addresses) for pair in self.pairs),
            region_classifier=_build_classifier(self.region_pair, addresses) if self.region_pair else None,
        )


def plan_queries(watch: DnsWatch, region_targets: RegionTargets) -> DnsQueryPlan:
    """Return the questions for the watched records: the domain's own as users ask them, or else its TXT record."""
    by_question: dict[DnsQuestion, dict[RegionRole, RecordSet]] = {}
    for record_set in watch.record_sets:
        role = _find_role(record_set, region_targets)
        if role is not None:
            by_question.setdefault(_build_question(record_set), {})[role] = record_set
    pairs = [
        PerRole(primary=by_role[RegionRole.PRIMARY], standby=by_role[RegionRole.STANDBY])
        for by_role in by_question.values()
        if len(by_role) == len(RegionRole)
    ]
    txt_pairs = tuple(pair for pair in pairs if pair.primary["Type"] == "TXT")
    steering_pairs = tuple(pair for pair in pairs if pair.primary["Type"] in STEERING_TYPES and not _is_opaque(pair))
    if not steering_pairs:
        return DnsQueryPlan(pairs=txt_pairs)
    return DnsQueryPlan(
        pairs=steering_pairs,
        region_pair=next((pair for pair in txt_pairs if _can_replace(pair, steering_pairs)), None),
    )


def _can_replace(region_pair: PerRole[RecordSet], steering_pairs: Sequence[PerRole[RecordSet]]) -> bool:
    """Return whether a TXT pair answers with the Region that these aliases lead to.

    Fixed values need no replacement: another writer set an unknown value, which may lead to a third place.
    """
    return all(_has_alias(pair) and route_alike(pair, region_pair) for pair in steering_pairs)


def _build_classifier(pair: PerRole[RecordSet], addresses: Mapping[DnsQuestion, frozenset[str]]) -> AnswerClassifier:
    # If one target's addresses are unknown, those of the other may belong to both.
    are_known = all("AliasTarget" not in record_set or _build_host(record_set) in addresses for _, record_set in pair)

    def list_values(record_set: RecordSet) -> frozenset[str]:
        if "AliasTarget" not in record_set:
            return get_steering_values(record_set)
        known_addresses = addresses[_build_host(record_set)] if are_known else frozenset[str]()
        return known_addresses | list_alias_spellings(record_set)

    return AnswerClassifier(
        question=_build_question(pair.primary),
        values=PerRole(primary=list_values(pair.primary), standby=list_values(pair.standby)),
        has_alias=_has_alias(pair),
    )


def _has_alias(pair: PerRole[RecordSet]) -> bool:
    return any("AliasTarget" in record_set for _, record_set in pair)


def _is_opaque(pair: PerRole[RecordSet]) -> bool:
    """Return whether no resolver gives the values to compare with: those of an alias to another service binding."""
    return pair.primary["Type"] in SERVICE_TYPES and _has_alias(pair)


def _build_question(record_set: RecordSet) -> DnsQuestion:
    return DnsQuestion(name=to_absolute_name(record_set["Name"]), record_type=record_set["Type"])


def _build_host(record_set: RecordSet) -> DnsQuestion:
    return DnsQuestion(name=get_alias_name(record_set), record_type=record_set["Type"])


def _find_role(record_set: RecordSet, region_targets: RegionTargets) -> RegionRole | None:
    """Return the Region of a record set: a TXT record contains its name, any other record points at its target."""
    if record_set["Type"] == "TXT":
        values = get_values(record_set)
        return next((role for role, region in region_targets.regions if values == {region}), None)
    return next((role for role, target in region_targets.targets if target and has_target(record_set, target)), None)


def _add_up(counts: Iterable[AnswerCounts]) -> AnswerCounts:
    total = AnswerCounts()
    for each in counts:
        total = AnswerCounts(
            primary=total.primary + each.primary,
            standby=total.standby + each.standby,
            unclear=total.unclear + each.unclear,
            missing=total.missing + each.missing,
            empty=total.empty + each.empty,
        )
    return total
