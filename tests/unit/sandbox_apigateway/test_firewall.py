from dataclasses import replace
from typing import Any

import pytest

from sandbox.firewall import Firewall, InspectedRequest, UnsupportedStatementError, build_action_response

_NONE = [{"Priority": 0, "Type": "NONE"}]


def build_request(address: str = "192.0.2.1", method: str = "POST") -> InspectedRequest:
    return InspectedRequest(method=method, path="/", headers={"x-amz-target": "Some.Thing"}, source_address=address)


def build_web_acl(*rules: tuple[str, dict[str, Any]], default: str = "Block") -> dict[str, Any]:
    return {
        "ARN": "acl",
        "DefaultAction": {default: {}},
        "Rules": [
            {"Name": f"rule-{number}", "Priority": number, "Action": {action: {}}, "Statement": statement}
            for number, (action, statement) in enumerate(rules)
        ],
    }


def build_method_statement(value: str, constraint: str = "EXACTLY") -> dict[str, Any]:
    matching = {"FieldToMatch": {"Method": {}}, "TextTransformations": _NONE, "PositionalConstraint": constraint}
    return {"ByteMatchStatement": {**matching, "SearchString": value}}


def build_rate_statement(limit: int) -> dict[str, Any]:
    return {"RateBasedStatement": {"AggregateKeyType": "IP", "EvaluationWindowSec": 300, "Limit": limit}}


@pytest.mark.parametrize(("default", "passes"), [("Allow", True), ("Block", False)])
def test_default_action_applies_without_matching_rule(default: str, passes: bool) -> None:
    assert Firewall(lambda: 0.0).is_allowed(build_web_acl(default=default), build_request()) is passes


def test_rule_with_the_lowest_priority_number_decides() -> None:
    rules = build_web_acl(("Allow", build_method_statement("POST")), ("Block", build_method_statement("POST")))
    rules["Rules"].reverse()

    assert Firewall(lambda: 0.0).is_allowed(rules, build_request())


@pytest.mark.parametrize(
    ("statement", "matches"),
    [
        (build_method_statement("POST"), True),
        (build_method_statement("POS"), False),
        (build_method_statement("POS", "STARTS_WITH"), True),
        (build_method_statement("OS", "CONTAINS"), True),
        ({"NotStatement": {"Statement": build_method_statement("POST")}}, False),
        ({"AndStatement": {"Statements": [build_method_statement("POST"), build_method_statement("GET")]}}, False),
        ({"OrStatement": {"Statements": [build_method_statement("POST"), build_method_statement("GET")]}}, True),
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
def test_statement_matches_as_documented(statement: dict[str, Any], matches: bool) -> None:
    assert Firewall(lambda: 0.0).is_allowed(build_web_acl(("Allow", statement)), build_request()) is matches


def test_core_rule_set_blocks_requests_without_user_agent() -> None:
    rules = build_web_acl(default="Allow")
    group = {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}
    rules["Rules"] = [
        {
            "Name": "core",
            "Priority": 0,
            "OverrideAction": {"None": {}},
            "Statement": {"ManagedRuleGroupStatement": group},
        }
    ]
    request = build_request()

    assert not Firewall(lambda: 0.0).is_allowed(rules, request)
    assert Firewall(lambda: 0.0).is_allowed(rules, replace(request, headers={"user-agent": "app/1.0"}))


@pytest.mark.parametrize(("action", "status"), [("Challenge", 202), ("Captcha", 405)])
def test_challenge_is_answered_by_the_firewall(action: str, status: int) -> None:
    decided = Firewall(lambda: 0.0).decide(build_web_acl((action, build_method_statement("POST"))), build_request())
    response = build_action_response(decided)

    assert response is not None
    assert (response.status, response.headers, response.body) == (status, {"x-amzn-waf-action": action.lower()}, b"")


def test_rate_limit_blocks_only_the_exceeding_address() -> None:
    firewall, rules = Firewall(lambda: 0.0), build_web_acl(("Block", build_rate_statement(2)), default="Allow")

    assert [firewall.is_allowed(rules, build_request()) for _ in range(3)] == [True, True, False]
    assert firewall.is_allowed(rules, build_request("192.0.2.2"))


def test_address_is_allowed_again_when_its_requests_are_old() -> None:
    now = 0.0
    firewall, rules = Firewall(lambda: now), build_web_acl(("Block", build_rate_statement(1)), default="Allow")
    firewall.is_allowed(rules, build_request())
    assert not firewall.is_allowed(rules, build_request())

    now = 300.0

    assert firewall.is_allowed(rules, build_request())


@pytest.mark.parametrize(
    "statement",
    [
        {"GeoMatchStatement": {"CountryCodes": ["NL"]}},
        build_method_statement("POST", "ENDS_WITH"),
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
def test_unsupported_statement_raises_error(statement: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedStatementError, match=r"does not support|supports only rates"):
        Firewall(lambda: 0.0).is_allowed(build_web_acl(("Allow", statement)), build_request())


def test_unsupported_action_raises_error() -> None:
    with pytest.raises(UnsupportedStatementError, match="Count"):
        Firewall(lambda: 0.0).is_allowed(build_web_acl(("Count", build_method_statement("POST"))), build_request())
