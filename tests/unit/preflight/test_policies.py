"""Whether a policy lets a service in: yes, no, or not to be told."""

from typing import Any

import pytest

from failover.preflight.policies import Answer, lets_in

COGNITO = "cognito-idp.amazonaws.com"
POOL = "arn:aws:cognito-idp:us-east-1:123456789012:userpool/p"
CONTEXT = {"aws:sourceaccount": "123456789012", "aws:sourcearn": POOL}


def statement(**changes: Any) -> dict[str, Any]:
    usual = {"Effect": "Allow", "Principal": {"Service": COGNITO}, "Action": "kms:Decrypt", "Resource": "*"}
    return {**usual, **changes}


def when(operator: str, key: str, value: Any, **changes: Any) -> dict[str, Any]:
    return statement(Condition={operator: {key: value}}, **changes)


@pytest.mark.parametrize(
    ("statements", "answer"),
    [
        ([], Answer.NO),
        ([statement()], Answer.YES),
        ([statement(Action=["kms:Encrypt", "kms:De*"])], Answer.YES),
        ([statement(Action="kms:Encrypt")], Answer.NO),
        ([statement(Principal={"Service": ["identitystore.amazonaws.com", COGNITO]})], Answer.YES),
        ([statement(Principal={"Service": "lambda.amazonaws.com"})], Answer.NO),
        ([statement(Principal={"AWS": "arn:aws:iam::123456789012:root"})], Answer.NO),
        ([statement(Principal="*")], Answer.YES),
        ([when("StringEquals", "aws:SourceAccount", "123456789012")], Answer.YES),
        ([when("StringEquals", "AWS:SourceAccount", ["1", "123456789012"])], Answer.YES),
        ([when("StringEquals", "aws:SourceAccount", "2")], Answer.NO),
        ([when("ArnLike", "aws:SourceArn", POOL.replace("us-east-1", "*"))], Answer.YES),
        ([when("ArnEquals", "aws:SourceArn", POOL.replace("us-east-1", "*"))], Answer.YES),
        ([when("StringEquals", "aws:SourceArn", "arn:aws:*")], Answer.NO),
        ([when("StringLike", "aws:SourceArn", "arn:aws:*")], Answer.YES),
        ([when("StringEquals", "kms:ViaService", "x")], Answer.UNCLEAR),
        ([when("DateLessThan", "aws:CurrentTime", "x")], Answer.UNCLEAR),
        ([statement(), when("StringEquals", "kms:ViaService", "x")], Answer.YES),
        ([statement(), statement(Effect="Deny")], Answer.NO),
        ([statement(), statement(Effect="Deny", Action="kms:Encrypt")], Answer.YES),
        ([statement(), when("Bool", "aws:SecureTransport", "false", Effect="Deny")], Answer.UNCLEAR),
        ([statement(Condition={"StringEquals": {"aws:SourceAccount": "2"}, "Bool": {"kms:X": "true"}})], Answer.NO),
    ],
)
def test_a_policy_is_understood_as_far_as_that_goes(statements: list[dict[str, Any]], answer: Answer) -> None:
    assert lets_in(statements, service=COGNITO, action="kms:Decrypt", context=CONTEXT) is answer
