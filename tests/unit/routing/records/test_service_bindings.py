"""HTTPS and SVCB records beside the domain's other records: moved along, left alone, or refused."""

from typing import Any

import pytest

from cognito_failover.common.errors import LeverRefusedError
from cognito_failover.common.region import PerRole, RegionRole, route_all_to
from cognito_failover.core.model.location import AnswerCounts
from cognito_failover.core.model.records import DnsWatch, RecordSet, RecordsSnapshot
from cognito_failover.routing.dns.answer_classification import plan_queries
from cognito_failover.routing.dns.question import DnsQuestion
from cognito_failover.routing.record_set import are_equal
from tests.unit.routing.records.examples import (
    DOMAIN,
    TOKYO,
    VIRGINIA,
    make_group,
    make_record,
    make_region_record_pair,
)

GROUP = make_group()
TOKYO_VALUE, VIRGINIA_VALUE = "1 d-tokyo.example.net. alpn=h2", '1 D-Virginia.example.net alpn="h2,h3"'


def make_alias(record_type: str, identifier: str, weight: int, name: str = "") -> RecordSet:
    name = name or ("d-tokyo.example.net." if identifier == TOKYO else "d-virginia.example.net.")
    target = {"HostedZoneId": "Z1", "DNSName": name, "EvaluateTargetHealth": False}
    return make_record(identifier, weight, Type=record_type, TTL=None, ResourceRecords=None, AliasTarget=target)


ADDRESS_PAIR = [make_alias("A", TOKYO, 255), make_alias("A", VIRGINIA, 0)]


def make_binding(identifier: str, weight: int | None, *values: str, **changes: Any) -> RecordSet:
    if weight is None:
        changes = {"SetIdentifier": None, "Weight": None, **changes}
    return make_record(identifier, weight or 0, *values, **{"Type": "HTTPS", **changes})


def make_binding_pair(record_type: str = "HTTPS") -> list[RecordSet]:
    return [
        make_binding("a", 255, TOKYO_VALUE, Type=record_type),
        make_binding("b", 0, VIRGINIA_VALUE, Type=record_type),
    ]


def read_snapshot(*bindings: RecordSet) -> RecordsSnapshot:
    return GROUP.parse([*ADDRESS_PAIR, *bindings, *make_region_record_pair()], zone_name="example.com.")


def get_refusal(*bindings: RecordSet) -> str:
    with pytest.raises(LeverRefusedError) as refused:
        read_snapshot(*bindings)
    return str(refused.value)


@pytest.mark.parametrize("record_type", ["HTTPS", "SVCB"])
def test_pair_with_targets_of_both_regions_moves_along(record_type: str) -> None:
    snapshot = read_snapshot(*make_binding_pair(record_type))
    after = GROUP.plan(snapshot, route_all_to(RegionRole.STANDBY)).after
    moved = [record_set for record_set in after if record_set["Type"] == record_type]
    first, second = make_binding_pair(record_type)
    assert are_equal(moved, [{**first, "Weight": 0}, {**second, "Weight": 255}])


def test_aliases_to_targets_of_both_regions_move_along() -> None:
    snapshot = read_snapshot(make_alias("HTTPS", TOKYO, 255), make_alias("HTTPS", VIRGINIA, 0))
    after = GROUP.plan(snapshot, route_all_to(RegionRole.STANDBY)).after
    assert [each["Weight"] for each in after if each["Type"] == "HTTPS"] == [0, 255]


@pytest.mark.parametrize(
    "bindings",
    [
        [make_binding(TOKYO, None, '1 . alpn="h3,h2"')],
        [make_binding(TOKYO, None, "1 Auth.Example.com port=8443")],
        [make_binding(TOKYO, None, "0 .")],
        [make_binding(TOKYO, 10, "1 . alpn=h2"), make_binding(VIRGINIA, 20, "1 . alpn=h3")],
        [make_alias("HTTPS", TOKYO, 0, "D111.CloudFront.net")],
    ],
    ids=["own name", "own name in full", "no service", "weighted", "CloudFront"],
)
def test_record_that_stays_at_its_own_name_is_left_alone(bindings: list[RecordSet]) -> None:
    snapshot = read_snapshot(*bindings)
    assert {record_set["Type"] for record_set in snapshot.record_sets} == {"A", "TXT"}


@pytest.mark.parametrize(
    "bindings",
    [
        [make_binding(TOKYO, None, TOKYO_VALUE)],
        [make_binding(TOKYO, None, "0 d-tokyo.example.net.")],
        [make_binding(TOKYO, None, "1 . ipv4hint=192.0.2.1")],
        [make_binding(TOKYO, None, "1 . IPv6Hint=2001:db8::1")],
        [make_binding(TOKYO, None, '1 . alpn=h2 key4="\\192\\000\\002\\001"')],
        [make_binding(TOKYO, 255, TOKYO_VALUE)],
        [make_binding(TOKYO, 255, TOKYO_VALUE), make_binding(VIRGINIA, 0, "1 .")],
        [make_binding(TOKYO, 255, TOKYO_VALUE), make_binding(VIRGINIA, 0, "1 d-ireland.example.net.")],
        [make_binding("a", 255, TOKYO_VALUE), make_binding("b", 0, TOKYO_VALUE)],
        [*make_binding_pair(), make_binding("c", 0, "1 d-ireland.example.net.")],
        [make_binding(TOKYO, 255, TOKYO_VALUE, "2 d-virginia.example.net."), make_binding(VIRGINIA, 0, VIRGINIA_VALUE)],
        [make_binding(TOKYO, None, TOKYO_VALUE, TrafficPolicyInstanceId="policy-1")],
        [{**make_alias("HTTPS", TOKYO, 0), "SetIdentifier": "", "Region": TOKYO}],
    ],
    ids=range(13),
)
def test_other_record_that_steers_clients_is_refused(bindings: list[RecordSet]) -> None:
    refusal = get_refusal(*bindings)
    assert refusal.startswith("The HTTPS records can send clients to another host")
    assert "d-tokyo.example.net (ap-northeast-1) and d-virginia.example.net (us-east-1)" in refusal
    assert 'Or give them the target "." without address hints' in refusal


def test_pair_with_other_weights_is_refused() -> None:
    first, second = make_binding_pair()
    assert "have different weights" in get_refusal({**first, "Weight": 0}, {**second, "Weight": 255})
    assert read_snapshot({**first, "Weight": 9}, second).weights == PerRole(primary=255, standby=0)


def test_pair_with_two_ttls_is_refused() -> None:
    first, second = make_binding_pair()
    assert "TTLs differ, 60 and 300 s" in get_refusal(first, {**second, "TTL": 300})


def test_missing_address_records_are_created_beside_a_pair() -> None:
    group = make_group(target_zone_ids=PerRole(primary="Z1", standby="Z2"))
    snapshot = group.parse(make_binding_pair(), zone_name="example.com.")
    assert [record_set["Type"] for record_set in snapshot.missing] == ["A", "A", "TXT", "TXT"]
    assert {record_set["Type"] for record_set in snapshot.record_sets} == {"HTTPS"}


def test_changed_parameter_is_another_record() -> None:
    first, second = make_binding_pair()
    changed = {**first, "ResourceRecords": [{"Value": "1 d-tokyo.example.net. alpn=h3"}]}
    assert not are_equal([first, second], [changed, second])


def test_answers_are_classified_by_their_target_names() -> None:
    watch = DnsWatch(record_sets=(*ADDRESS_PAIR, *make_binding_pair()), name_servers=("ns-1",))
    plan = plan_queries(watch, GROUP)
    question = DnsQuestion(name=DOMAIN, record_type="HTTPS")
    assert question in plan.questions
    answers = {question: (frozenset({"d-tokyo.example.net."}), frozenset({"d-virginia.example.net."}))}
    counts = plan.build_judge({}).judge(answers, query_count=2).counts
    assert counts == AnswerCounts(primary=1, standby=1, missing=2)


def test_answers_of_alias_bindings_are_not_queried() -> None:
    aliases = [make_alias("HTTPS", TOKYO, 255), make_alias("HTTPS", VIRGINIA, 0)]
    watch = DnsWatch(record_sets=(*ADDRESS_PAIR, *aliases), name_servers=("ns-1",))
    assert [question.record_type for question in plan_queries(watch, GROUP).questions] == ["A"]
