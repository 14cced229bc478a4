from typing import Any

import pytest

from sandbox.apigateway.firewall import Firewall, Inspected, UnknownStatementError

_NONE = [{"Priority": 0, "Type": "NONE"}]


def request(address: str = "192.0.2.1", method: str = "POST") -> Inspected:
    return Inspected(method=method, path="/", headers={"x-amz-target": "Some.Thing"}, source_address=address)


def acl(*rules: tuple[str, dict[str, Any]], default: str = "Block") -> dict[str, Any]:
    return {
        "ARN": "acl",
        "DefaultAction": {default: {}},
        "Rules": [
            {"Name": f"rule-{number}", "Priority": number, "Action": {action: {}}, "Statement": statement}
            for number, (action, statement) in enumerate(rules)
        ],
    }


def method_is(value: str, constraint: str = "EXACTLY") -> dict[str, Any]:
    matching = {"FieldToMatch": {"Method": {}}, "TextTransformations": _NONE, "PositionalConstraint": constraint}
    return {"ByteMatchStatement": {**matching, "SearchString": value}}


def at_most(limit: int) -> dict[str, Any]:
    return {"RateBasedStatement": {"AggregateKeyType": "IP", "EvaluationWindowSec": 300, "Limit": limit}}


@pytest.mark.parametrize(("default", "passes"), [("Allow", True), ("Block", False)])
def test_the_default_action_decides_where_no_rule_does(default: str, passes: bool) -> None:
    assert Firewall(lambda: 0.0).passes(acl(default=default), request()) is passes


def test_the_rule_with_the_lowest_priority_number_decides() -> None:
    rules = acl(("Allow", method_is("POST")), ("Block", method_is("POST")))
    rules["Rules"].reverse()

    assert Firewall(lambda: 0.0).passes(rules, request())


@pytest.mark.parametrize(
    ("statement", "matches"),
    [
        (method_is("POST"), True),
        (method_is("POS"), False),
        (method_is("POS", "STARTS_WITH"), True),
        (method_is("OS", "CONTAINS"), True),
        ({"NotStatement": {"Statement": method_is("POST")}}, False),
        ({"AndStatement": {"Statements": [method_is("POST"), method_is("GET")]}}, False),
        ({"OrStatement": {"Statements": [method_is("POST"), method_is("GET")]}}, True),
        (
            {
                "RegexMatchStatement": {
                    "FieldToMatch": {"SingleHeader": {"Name": "X-Amz-Target"}},
                    "TextTransformations": _NONE,
                    "RegexString": r"^Some\.",
                }
            },
            True,
        ),
    ],
)
def test_a_statement_is_read_as_the_service_reads_it(statement: dict[str, Any], matches: bool) -> None:
    assert Firewall(lambda: 0.0).passes(acl(("Allow", statement)), request()) is matches


def test_an_address_is_stopped_beyond_its_limit_and_alone() -> None:
    firewall, rules = Firewall(lambda: 0.0), acl(("Block", at_most(2)), default="Allow")

    assert [firewall.passes(rules, request()) for _ in range(3)] == [True, True, False]
    assert firewall.passes(rules, request("192.0.2.2"))


def test_an_address_is_let_in_again_when_its_requests_are_old() -> None:
    now = 0.0
    firewall, rules = Firewall(lambda: now), acl(("Block", at_most(1)), default="Allow")
    firewall.passes(rules, request())
    assert not firewall.passes(rules, request())

    now = 300.0

    assert firewall.passes(rules, request())


@pytest.mark.parametrize(
    "statement",
    [
        {"GeoMatchStatement": {"CountryCodes": ["NL"]}},
        method_is("POST", "ENDS_WITH"),
        {"RateBasedStatement": {"AggregateKeyType": "FORWARDED_IP", "Limit": 10}},
        {"ByteMatchStatement": {"FieldToMatch": {"Body": {}}, "TextTransformations": _NONE, "SearchString": "x"}},
        {
            "ByteMatchStatement": {
                "FieldToMatch": {"Method": {}},
                "TextTransformations": [{"Priority": 0, "Type": "LOWERCASE"}],
                "SearchString": "post",
            }
        },
    ],
)
def test_what_is_not_understood_is_never_passed_over(statement: dict[str, Any]) -> None:
    with pytest.raises(UnknownStatementError, match=r"not understood|only the rate"):
        Firewall(lambda: 0.0).passes(acl(("Allow", statement)), request())


def test_an_action_that_is_not_understood_is_never_passed_over() -> None:
    with pytest.raises(UnknownStatementError, match="Captcha"):
        Firewall(lambda: 0.0).passes(acl(("Captcha", method_is("POST"))), request())
