import json
from typing import Any

import pytest

from sandbox.cognito.keys import list_missing_actions

COGNITO = "cognito-idp.amazonaws.com"
ACCOUNT = "123456789012"
REFERENCE_STATEMENT: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": {"Service": [COGNITO, "identitystore.amazonaws.com"]},
    "Action": [
        "kms:Encrypt",
        "kms:Decrypt",
        "kms:ReEncrypt*",
        "kms:GenerateDataKey*",
        "kms:DescribeKey",
        "kms:CreateGrant",
    ],
    "Resource": "*",
    "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
}


POOL = f"arn:aws:cognito-idp:us-east-1:{ACCOUNT}:userpool/us-east-1_EXAMPLE"
SOURCE_CONDITION = {"ArnEquals": {"aws:SourceArn": [POOL]}, "StringEquals": {"aws:SourceAccount": [ACCOUNT]}}
DOCUMENTED_STATEMENTS = (
    REFERENCE_STATEMENT
    | {
        # The guide spells the last action so. IAM ignores the case of actions.
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKeyWithoutPlainText"],
        "Condition": {
            **SOURCE_CONDITION,
            "StringLike": {"kms:EncryptionContext:aws:cognito-idp:userpool-arn": POOL},
        },
    },
    REFERENCE_STATEMENT | {"Action": ["kms:DescribeKey"], "Condition": SOURCE_CONDITION},
)
"""The two statements for Cognito's services in its developer guide."""


def list_missing(*statements: dict[str, Any], principal: str = COGNITO) -> list[str]:
    return list_missing_actions(json.dumps({"Statement": list(statements)}), principal, ACCOUNT)


@pytest.mark.parametrize("principal", REFERENCE_STATEMENT["Principal"]["Service"])
def test_reference_statement_allows_all_actions(principal: str) -> None:
    assert list_missing(REFERENCE_STATEMENT, principal=principal) == []


def test_wildcard_action_allows_all_actions() -> None:
    assert list_missing(REFERENCE_STATEMENT | {"Action": "kms:*"}) == []


def test_statements_add_up() -> None:
    actions = REFERENCE_STATEMENT["Action"]

    assert (
        list_missing(REFERENCE_STATEMENT | {"Action": actions[:3]}, REFERENCE_STATEMENT | {"Action": actions[3:]}) == []
    )


def test_missing_action_is_named() -> None:
    assert list_missing(REFERENCE_STATEMENT | {"Action": REFERENCE_STATEMENT["Action"][1:]}) == ["kms:Encrypt"]


def test_statement_for_another_account_allows_nothing() -> None:
    other = {"StringEquals": {"aws:SourceAccount": "999999999999"}}

    assert "kms:Decrypt" in list_missing(REFERENCE_STATEMENT | {"Condition": other})


def test_statement_for_another_service_allows_nothing() -> None:
    assert "kms:Decrypt" in list_missing(REFERENCE_STATEMENT | {"Principal": {"Service": "s3.amazonaws.com"}})


def test_accounts_own_statement_does_not_allow_cognito() -> None:
    root = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*"}

    assert "kms:Decrypt" in list_missing(root)


def test_deny_outweighs_an_allow() -> None:
    deny = {"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt"}

    assert list_missing(REFERENCE_STATEMENT, deny) == ["kms:Decrypt"]


def test_no_policy_allows_nothing() -> None:
    assert "kms:Decrypt" in list_missing_actions("", COGNITO, ACCOUNT)


@pytest.mark.parametrize("principal", REFERENCE_STATEMENT["Principal"]["Service"])
def test_policy_of_the_developer_guide_is_enough(principal: str) -> None:
    policy = json.dumps({"Statement": DOCUMENTED_STATEMENTS})

    assert list_missing_actions(policy, principal, ACCOUNT, POOL) == []


def test_key_without_data_keys_is_refused() -> None:
    actions = [action for action in REFERENCE_STATEMENT["Action"] if "DataKey" not in action]

    assert list_missing(REFERENCE_STATEMENT | {"Action": [*actions, "kms:GenerateDataKey"]}) == [
        "kms:GenerateDataKeyWithoutPlaintext"
    ]
