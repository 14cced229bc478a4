"""Classification of DNS answers by Region, and the questions that are asked."""

from collections.abc import Mapping
from typing import Any

import pytest

from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.location import AnswerCounts
from cognito_failover.routing.dns.answer_classification import AnswerJudge, ServerView, plan_queries
from cognito_failover.routing.dns.question import DnsQuestion
from tests.support.settings import COGNITO_DOMAIN_ONLY, TOKYO, VIRGINIA, make_settings
from tests.unit.timeline.examples import (
    TARGETS,
    make_alias_records,
    make_cname_records,
    make_dns_watch,
    make_region_record,
)

SETTINGS = make_settings()
NAME = DnsQuestion(name="auth.example.com.", record_type="CNAME")
A = DnsQuestion(name="auth.example.com.", record_type="A")
AAAA = DnsQuestion(name="auth.example.com.", record_type="AAAA")
REGION_TXT = DnsQuestion(name="_region.auth.example.com.", record_type="TXT")

type Answers = Mapping[DnsQuestion, list[set[str]]]


def judge_answers(judge: AnswerJudge, answers: Answers, *, query_count: int = 1) -> ServerView:
    return judge.judge(
        {question: tuple(frozenset(answer) for answer in given) for question, given in answers.items()},
        query_count=query_count,
    )


def count_answers(*answers: set[str], query_count: int = 3) -> AnswerCounts:
    watch = make_dns_watch(make_cname_records(TOKYO), make_cname_records(VIRGINIA))
    judge = plan_queries(watch, SETTINGS).build_judge({})
    return judge_answers(judge, {NAME: list(answers)}, query_count=query_count).counts


def make_alias_judge(
    addresses: Mapping[str, set[str]], *types: str, watch_region_record: bool = True, **region_record_changes: Any
) -> AnswerJudge:
    """Return the judge of alias pairs whose targets have these addresses. A target that is not named is unknown."""
    aliases = [make_alias_records(region, kind) for kind in types or ("A",) for region in (TOKYO, VIRGINIA)]
    txt_pair = [{**make_region_record(region), **region_record_changes} for region in (TOKYO, VIRGINIA)]
    plan = plan_queries(make_dns_watch(*aliases, *(txt_pair if watch_region_record else ())), SETTINGS)
    hosts = {
        host: {address for address in addresses[region] if (":" in address) == (host.record_type == "AAAA")}
        for host in plan.hosts
        for region in addresses
        if TARGETS[region] in host.name
    }
    return plan.build_judge({host: frozenset(found) for host, found in hosts.items()})


def test_domain_is_queried_without_region_record() -> None:
    plan = plan_queries(
        make_dns_watch(
            make_cname_records(TOKYO),
            make_cname_records(VIRGINIA),
            make_region_record(TOKYO),
            make_region_record(VIRGINIA),
        ),
        SETTINGS,
    )
    assert plan.questions == (NAME,)
    assert plan.hosts == ()
    assert plan.shows_name


def test_records_of_a_third_region_are_not_queried() -> None:
    records = [make_region_record(TOKYO), make_region_record("eu-west-1"), make_region_record(VIRGINIA)]
    plan = plan_queries(make_dns_watch(*records), SETTINGS)
    assert plan.questions == (REGION_TXT,)
    assert [pair.standby["SetIdentifier"] for pair in plan.pairs] == [VIRGINIA]


def test_domain_only_stack_queries_its_state_record() -> None:
    name = "_region.login.example.com."
    plan = plan_queries(
        make_dns_watch(make_region_record(TOKYO, name), make_region_record(VIRGINIA, name)),
        make_settings(**COGNITO_DOMAIN_ONLY),
    )
    question = DnsQuestion(name=name, record_type="TXT")
    assert plan.questions == (question,)
    assert not plan.shows_name
    assert judge_answers(plan.build_judge({}), {question: [{VIRGINIA}]}).counts == AnswerCounts(standby=1)


def test_answers_are_counted_by_role() -> None:
    old, new = {"tokyo.target.example.com."}, {"virginia.target.example.com."}
    assert count_answers(old, new, new) == AnswerCounts(primary=1, standby=2)


def test_foreign_answer_is_unclear_and_absent_one_is_missing() -> None:
    assert count_answers({"elsewhere.example.com."}, set()) == AnswerCounts(unclear=1, missing=2, empty=1)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"192.0.2.1", "192.0.2.2"}, RegionRole.PRIMARY),
        ({"192.0.2.2"}, RegionRole.STANDBY),
        ({"192.0.2.1"}, None),
        ({"192.0.2.1", "192.0.2.2", "203.0.113.9"}, None),
    ],
    ids=["all of the primary", "all of the standby", "some of the primary", "with a foreign address"],
)
def test_fixed_addresses_are_compared_as_a_whole(answer: set[str], expected: RegionRole | None) -> None:
    values = {TOKYO: ["192.0.2.1", "192.0.2.2"], VIRGINIA: ["192.0.2.2"]}
    records = [
        {**make_cname_records(region), "Type": "A", "ResourceRecords": [{"Value": value} for value in values[region]]}
        for region in (TOKYO, VIRGINIA)
    ]
    settings = make_settings(primary_target="192.0.2.1,192.0.2.2", standby_target="192.0.2.2")
    [classifier] = plan_queries(make_dns_watch(*records), settings).build_judge({}).classifiers
    assert classifier.classify(frozenset(answer)) is expected


def test_ipv6_addresses_are_compared_by_meaning() -> None:
    records = [
        {**make_cname_records(region), "Type": "AAAA", "ResourceRecords": [{"Value": value}]}
        for region, value in ((TOKYO, "2001:DB8:0:0::1"), (VIRGINIA, "2001:db8::0002"))
    ]
    settings = make_settings(primary_target="2001:db8::1", standby_target="2001:0db8::2")
    [classifier] = plan_queries(make_dns_watch(*records), settings).build_judge({}).classifiers
    assert classifier.classify(frozenset({"2001:db8::2"})) is RegionRole.STANDBY


def test_alias_is_classified_by_resolved_targets() -> None:
    judge = make_alias_judge({TOKYO: {"192.0.2.1", "192.0.2.9"}, VIRGINIA: {"192.0.2.2"}})
    counts = judge_answers(judge, {A: [{"192.0.2.1"}, {"192.0.2.2"}]}, query_count=2).counts
    assert counts == AnswerCounts(primary=1, standby=1)


def test_alias_with_new_addresses_beside_known_ones_shows_its_region() -> None:
    judge = make_alias_judge({TOKYO: {"192.0.2.1"}, VIRGINIA: {"192.0.2.2", "192.0.2.3"}})
    assert judge_answers(judge, {A: [{"192.0.2.3", "192.0.2.77"}]}).counts == AnswerCounts(standby=1)


def test_address_of_both_targets_shows_no_region() -> None:
    judge = make_alias_judge({TOKYO: {"192.0.2.1", "192.0.2.5"}, VIRGINIA: {"192.0.2.2", "192.0.2.5"}})
    [classifier] = judge.classifiers
    assert classifier.classify(frozenset({"192.0.2.5"})) is None
    assert classifier.classify(frozenset({"192.0.2.5", "192.0.2.2"})) is RegionRole.STANDBY
    assert classifier.classify(frozenset({"192.0.2.1", "192.0.2.2"})) is None


def test_address_shows_no_region_while_other_target_is_unresolved() -> None:
    judge = make_alias_judge({VIRGINIA: {"192.0.2.2"}}, watch_region_record=False)
    assert judge_answers(judge, {A: [{"192.0.2.2"}]}).counts == AnswerCounts(unclear=1)


def test_target_without_addresses_of_a_family_is_known() -> None:
    judge = make_alias_judge({TOKYO: {"192.0.2.1"}, VIRGINIA: {"192.0.2.2", "2001:db8::2"}}, "AAAA")
    assert judge_answers(judge, {AAAA: [{"2001:db8::2"}]}).counts == AnswerCounts(standby=1)


def test_cname_chain_through_the_target_shows_its_region() -> None:
    judge = make_alias_judge({}, watch_region_record=False)
    answer = {"virginia.target.example.com.", "192.0.2.99"}
    assert judge_answers(judge, {A: [answer]}).counts == AnswerCounts(standby=1)


def test_console_prefix_of_a_load_balancer_is_ignored() -> None:
    records = [make_alias_records(region) for region in (TOKYO, VIRGINIA)]
    prefixed = [
        {**record, "AliasTarget": {**record["AliasTarget"], "DNSName": f"dualstack.{record['AliasTarget']['DNSName']}"}}
        for record in records
    ]
    plan = plan_queries(make_dns_watch(*prefixed), SETTINGS)
    assert [host.name for host in plan.hosts] == [f"dualstack.{target}." for target in TARGETS.values()]
    counts = judge_answers(plan.build_judge({}), {A: [{"tokyo.target.example.com."}]}).counts
    assert counts == AnswerCounts(primary=1)


def test_one_answered_family_is_enough() -> None:
    judge = make_alias_judge({TOKYO: {"192.0.2.1"}, VIRGINIA: {"192.0.2.2"}}, "A", "AAAA")
    assert judge_answers(judge, {A: [{"192.0.2.2"}], AAAA: [set()]}).counts == AnswerCounts(
        standby=1, missing=1, empty=1
    )


def test_families_that_lead_to_different_regions_are_both_counted() -> None:
    judge = make_alias_judge({TOKYO: {"192.0.2.1", "2001:db8::1"}, VIRGINIA: {"192.0.2.2", "2001:db8::2"}}, "A", "AAAA")
    counts = judge_answers(judge, {A: [{"192.0.2.2"}], AAAA: [{"2001:db8::1"}]}).counts
    assert counts == AnswerCounts(primary=1, standby=1)


def test_region_record_decides_for_addresses_that_show_no_region() -> None:
    view = judge_answers(make_alias_judge({}), {A: [{"192.0.2.1"}], REGION_TXT: [{VIRGINIA}]})
    assert view == ServerView(counts=AnswerCounts(standby=1), is_by_region_record=True)


def test_answers_of_the_name_win_over_its_region_record() -> None:
    judge = make_alias_judge({TOKYO: {"192.0.2.1"}, VIRGINIA: {"192.0.2.2"}})
    view = judge_answers(judge, {A: [{"192.0.2.2"}], REGION_TXT: [{TOKYO}]})
    assert view == ServerView(counts=AnswerCounts(standby=1))


def test_region_record_does_not_replace_absent_answers() -> None:
    view = judge_answers(make_alias_judge({}), {A: [set()], REGION_TXT: [{VIRGINIA}]})
    assert view == ServerView(counts=AnswerCounts(missing=1, empty=1))


@pytest.mark.parametrize("change", [{"Weight": 0}, {"HealthCheckId": "check-1"}], ids=["weights", "health check"])
def test_region_record_that_routes_otherwise_decides_nothing(change: dict[str, Any]) -> None:
    records = [*map(make_alias_records, (TOKYO, VIRGINIA)), {**make_region_record(TOKYO), **change}]
    judge = plan_queries(make_dns_watch(*records, make_region_record(VIRGINIA)), SETTINGS).build_judge({})
    view = judge_answers(judge, {A: [{"192.0.2.1"}], REGION_TXT: [{VIRGINIA}]})
    assert view == ServerView(counts=AnswerCounts(unclear=1))


def test_region_record_with_other_weights_of_equal_shares_decides() -> None:
    judge = make_alias_judge({}, Weight=7)
    assert judge_answers(judge, {A: [{"192.0.2.1"}], REGION_TXT: [{TOKYO}]}).is_by_region_record


def test_region_record_does_not_stand_for_targets_whose_health_counts() -> None:
    aliases = [make_alias_records(region) for region in (TOKYO, VIRGINIA)]
    evaluating = [{**each, "AliasTarget": {**each["AliasTarget"], "EvaluateTargetHealth": True}} for each in aliases]
    plan = plan_queries(make_dns_watch(*evaluating, *map(make_region_record, (TOKYO, VIRGINIA))), SETTINGS)
    assert plan.questions == (A,)


def test_records_without_role_are_not_queried() -> None:
    foreign = {**make_cname_records(TOKYO), "ResourceRecords": [{"Value": "elsewhere.example.com"}]}
    assert plan_queries(make_dns_watch(foreign, make_cname_records(VIRGINIA)), SETTINGS).questions == ()


def test_answers_are_totalled_and_read_by_role() -> None:
    counts = AnswerCounts(primary=1, standby=2, unclear=3, missing=4)
    assert counts.total == 6
    assert [counts.count_for(role) for role, _ in SETTINGS.regions] == [1, 2]
