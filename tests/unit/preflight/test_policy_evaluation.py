"""Policy decisions for a service's call: yes, no, or unclear."""

from typing import Any

import pytest

from cognito_failover.preflight.policy_evaluation import PolicyDecision, evaluate_policy

COGNITO = "cognito-idp.amazonaws.com"
POOL = "arn:aws:cognito-idp:us-east-1:123456789012:userpool/p"
CONTEXT = {"aws:sourceaccount": "123456789012", "aws:sourcearn": POOL}


def make_statement(**changes: Any) -> dict[str, Any]:
    defaults = {"Effect": "Allow", "Principal": {"Service": COGNITO}, "Action": "kms:Decrypt", "Resource": "*"}
    return {**defaults, **changes}


def make_condition(operator: str, key: str, value: Any, **changes: Any) -> dict[str, Any]:
    return make_statement(Condition={operator: {key: value}}, **changes)


@pytest.mark.parametrize(
    ("statements", "decision"),
    [
        ([], PolicyDecision.NO),
        ([make_statement()], PolicyDecision.YES),
        ([make_statement(Action=["kms:Encrypt", "kms:De*"])], PolicyDecision.YES),
        ([make_statement(Action="kms:Encrypt")], PolicyDecision.NO),
        ([make_statement(Principal={"Service": ["identitystore.amazonaws.com", COGNITO]})], PolicyDecision.YES),
        ([make_statement(Principal={"Service": "lambda.amazonaws.com"})], PolicyDecision.NO),
        ([make_statement(Principal={"AWS": "arn:aws:iam::123456789012:root"})], PolicyDecision.NO),
        ([make_statement(Principal="*")], PolicyDecision.YES),
        ([make_condition("StringEquals", "aws:SourceAccount", "123456789012")], PolicyDecision.YES),
        ([make_condition("StringEquals", "AWS:SourceAccount", ["1", "123456789012"])], PolicyDecision.YES),
        ([make_condition("StringEquals", "aws:SourceAccount", "2")], PolicyDecision.NO),
        ([make_condition("ArnLike", "aws:SourceArn", POOL.replace("us-east-1", "*"))], PolicyDecision.YES),
        ([make_condition("ArnEquals", "aws:SourceArn", POOL.replace("us-east-1", "*"))], PolicyDecision.YES),
        ([make_condition("StringEquals", "aws:SourceArn", "arn:aws:*")], PolicyDecision.NO),
        ([make_condition("StringLike", "aws:SourceArn", "arn:aws:*")], PolicyDecision.YES),
        ([make_condition("StringEquals", "kms:ViaService", "x")], PolicyDecision.UNCLEAR),
        ([make_condition("DateLessThan", "aws:CurrentTime", "x")], PolicyDecision.UNCLEAR),
        ([make_statement(), make_condition("StringEquals", "kms:ViaService", "x")], PolicyDecision.YES),
        ([make_statement(), make_statement(Effect="Deny")], PolicyDecision.NO),
        ([make_statement(), make_statement(Effect="Deny", Action="kms:Encrypt")], PolicyDecision.YES),
        (
            [make_statement(), make_condition("Bool", "aws:SecureTransport", "false", Effect="Deny")],
            PolicyDecision.UNCLEAR,
        ),
        (
            [make_statement(Condition={"StringEquals": {"aws:SourceAccount": "2"}, "Bool": {"kms:X": "true"}})],
            PolicyDecision.NO,
        ),
    ],
)
def test_policy_decision_is_yes_no_or_unclear(statements: list[dict[str, Any]], decision: PolicyDecision) -> None:
    assert evaluate_policy(statements, service=COGNITO, action="kms:Decrypt", context=CONTEXT) is decision
