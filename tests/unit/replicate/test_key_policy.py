"""Cognito's statements in a key policy: their scope, and the other statements."""

import json
from typing import Any

import pytest

from failoverctl.replicate.key_policy import KeyPolicyScope, build_statements, with_statements
from sandbox.cognito.keys import list_missing_actions

ACCOUNT = "123456789012"
POOL = "ap-northeast-1_abc"
OWN = {"Sid": "Enable IAM User Permissions", "Effect": "Allow", "Principal": {"AWS": "root"}, "Action": "kms:*"}


def make_scope(**changed: str) -> KeyPolicyScope:
    return KeyPolicyScope(
        **({"partition": "aws", "account": ACCOUNT, "region": "us-east-1", "pool_id": POOL} | changed)
    )


def make_policy(*statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Id": "mine", "Statement": list(statement)})


@pytest.mark.parametrize("region", ["ap-northeast-1", "us-east-1"])
def test_statements_cover_cognito_in_both_regions(region: str) -> None:
    arn = f"arn:aws:cognito-idp:{region}:{ACCOUNT}:userpool/{POOL}"

    assert (
        list_missing_actions(make_policy(*build_statements(make_scope())), "cognito-idp.amazonaws.com", ACCOUNT, arn)
        == []
    )
    assert (
        list_missing_actions(make_policy(*build_statements(make_scope())), "identitystore.amazonaws.com", ACCOUNT, arn)
        == []
    )


@pytest.mark.parametrize("changes", [{"pool_id": "ap-northeast-1_other"}, {"account": "999999999999"}])
def test_other_pool_or_account_cannot_use_key(changes: dict[str, str]) -> None:
    account = changes.get("account", ACCOUNT)
    arn = f"arn:aws:cognito-idp:us-east-1:{account}:userpool/{changes.get('pool_id', POOL)}"

    missing = list_missing_actions(
        make_policy(*build_statements(make_scope())), "cognito-idp.amazonaws.com", account, arn
    )

    assert {"kms:Encrypt", "kms:Decrypt", "kms:DescribeKey"} <= set(missing)


def test_calls_without_encryption_context_are_not_restricted_to_one() -> None:
    statements = [
        statement for statement in build_statements(make_scope()) if "kms:EncryptionContext" in json.dumps(statement)
    ]
    actions = {action for statement in statements for action in statement["Action"]}

    assert actions & {"kms:DescribeKey", "kms:CreateGrant"} == set()


def test_other_statements_and_policy_id_are_kept() -> None:
    changed = json.loads(with_statements(make_policy(OWN), build_statements(make_scope())) or "")

    assert changed["Id"] == "mine"
    assert changed["Statement"] == [OWN, *build_statements(make_scope())]


def test_policy_with_statements_is_unchanged() -> None:
    changed = with_statements(make_policy(OWN), build_statements(make_scope())) or ""

    assert with_statements(changed, build_statements(make_scope())) is None


def test_reordered_or_unwrapped_lists_are_equal() -> None:
    first, *others = (json.loads(json.dumps(statement)) for statement in build_statements(make_scope()))
    first["Action"].reverse()
    first["Principal"]["Service"].reverse()
    unwrapped = [
        statement | {"Action": statement["Action"][0]} if len(statement["Action"]) == 1 else statement
        for statement in others
    ]

    assert with_statements(make_policy(first, *unwrapped), build_statements(make_scope())) is None


def test_statements_of_wider_scope_are_replaced() -> None:
    wide_policy = with_statements(make_policy(OWN), build_statements(make_scope(pool_id="*"))) or ""

    changed = json.loads(with_statements(wide_policy, build_statements(make_scope())) or "")

    assert changed["Statement"] == [OWN, *build_statements(make_scope())]


def test_single_statement_without_list_is_supported() -> None:
    policy = json.dumps({"Statement": OWN})

    assert json.loads(with_statements(policy, build_statements(make_scope())) or "")["Statement"][0] == OWN
