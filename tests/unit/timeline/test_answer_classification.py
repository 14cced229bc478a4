"""Classification of DNS answers by Region, and the questions that are asked."""

from cognito_failover.core.model.location import AnswerCounts
from cognito_failover.routing.dns.answer_classification import count_answers_by_role, plan_queries
from cognito_failover.routing.dns.question import DnsQuestion
from tests.support.settings import COGNITO_DOMAIN_ONLY, TOKYO, VIRGINIA, make_settings
from tests.unit.timeline.examples import make_alias_records, make_cname_records, make_dns_watch, make_region_record

SETTINGS = make_settings()
NAME = DnsQuestion(name="auth.example.com.", record_type="CNAME")


def count_answers(*answers: set[str], query_count: int = 3) -> AnswerCounts:
    classifiers = plan_queries(
        make_dns_watch(make_cname_records(TOKYO), make_cname_records(VIRGINIA)), SETTINGS
    ).build_classifiers({})
    return count_answers_by_role(
        classifiers, {NAME: tuple(frozenset(answer) for answer in answers)}, query_count=query_count
    )


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


def test_domain_only_stack_queries_its_state_record() -> None:
    name = "_region.login.example.com."
    plan = plan_queries(
        make_dns_watch(make_region_record(TOKYO, name), make_region_record(VIRGINIA, name)),
        make_settings(**COGNITO_DOMAIN_ONLY),
    )
    assert plan.questions == (DnsQuestion(name=name, record_type="TXT"),)
    [classifier] = plan.build_classifiers({})
    assert classifier.values.standby == {VIRGINIA}


def test_answers_are_counted_by_role() -> None:
    old, new = {"tokyo.target.example.com."}, {"virginia.target.example.com."}
    assert count_answers(old, new, new) == AnswerCounts(primary=1, standby=2)


def test_foreign_answer_is_unclear_and_absent_one_is_missing() -> None:
    assert count_answers({"elsewhere.example.com."}, set()) == AnswerCounts(unclear=1, missing=2)


def test_alias_is_classified_by_resolved_targets() -> None:
    plan = plan_queries(make_dns_watch(make_alias_records(TOKYO), make_alias_records(VIRGINIA)), SETTINGS)
    tokyo, virginia = plan.hosts
    [classifier] = plan.build_classifiers(
        {tokyo: frozenset({"192.0.2.1", "192.0.2.9"}), virginia: frozenset({"192.0.2.2"})}
    )
    answers = {classifier.question: (frozenset({"192.0.2.1"}), frozenset({"192.0.2.2"}))}
    assert count_answers_by_role([classifier], answers, query_count=2) == AnswerCounts(primary=1, standby=1)


def test_address_of_both_targets_is_unclear() -> None:
    plan = plan_queries(make_dns_watch(make_alias_records(TOKYO), make_alias_records(VIRGINIA)), SETTINGS)
    [classifier] = plan.build_classifiers(dict.fromkeys(plan.hosts, frozenset({"192.0.2.1"})))
    assert classifier.classify(frozenset({"192.0.2.1"})) is None


def test_records_without_role_are_not_queried() -> None:
    foreign = {**make_cname_records(TOKYO), "ResourceRecords": [{"Value": "elsewhere.example.com"}]}
    assert plan_queries(make_dns_watch(foreign, make_cname_records(VIRGINIA)), SETTINGS).questions == ()


def test_answers_are_totalled_and_read_by_role() -> None:
    counts = AnswerCounts(primary=1, standby=2, unclear=3, missing=4)
    assert counts.total == 6
    assert [counts.count_for(role) for role, _ in SETTINGS.regions] == [1, 2]
