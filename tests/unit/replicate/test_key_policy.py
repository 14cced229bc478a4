"""Cognito's statements in a key's policy: what they name, and what becomes of the others."""

import json
from typing import Any

import pytest

from failoverctl.replicate.key_policy import Scope, statements, with_statements
from sandbox.cognito.keys import missing_actions

ACCOUNT = "123456789012"
POOL = "ap-northeast-1_abc"
OWN = {"Sid": "Enable IAM User Permissions", "Effect": "Allow", "Principal": {"AWS": "root"}, "Action": "kms:*"}


def scope(**changed: str) -> Scope:
    return Scope(**({"partition": "aws", "account": ACCOUNT, "region": "us-east-1", "pool_id": POOL} | changed))


def policy(*statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Id": "mine", "Statement": list(statement)})


@pytest.mark.parametrize("region", ["ap-northeast-1", "us-east-1"])
def test_the_statements_are_all_that_cognito_needs_in_either_region(region: str) -> None:
    arn = f"arn:aws:cognito-idp:{region}:{ACCOUNT}:userpool/{POOL}"

    assert missing_actions(policy(*statements(scope())), "cognito-idp.amazonaws.com", ACCOUNT, arn) == []
    assert missing_actions(policy(*statements(scope())), "identitystore.amazonaws.com", ACCOUNT, arn) == []


@pytest.mark.parametrize("of", [{"pool_id": "ap-northeast-1_other"}, {"account": "999999999999"}])
def test_no_other_pool_and_no_other_account_can_use_the_key(of: dict[str, str]) -> None:
    arn = f"arn:aws:cognito-idp:us-east-1:{of.get('account', ACCOUNT)}:userpool/{of.get('pool_id', POOL)}"
    account = of.get("account", ACCOUNT)

    missing = missing_actions(policy(*statements(scope())), "cognito-idp.amazonaws.com", account, arn)

    assert {"kms:Encrypt", "kms:Decrypt", "kms:DescribeKey"} <= set(missing)


def test_what_carries_no_encryption_context_is_not_tied_to_one() -> None:
    tied = [one for one in statements(scope()) if "kms:EncryptionContext" in json.dumps(one)]

    assert {action for one in tied for action in one["Action"]} & {"kms:DescribeKey", "kms:CreateGrant"} == set()


def test_other_statements_and_the_policys_id_are_kept() -> None:
    changed = json.loads(with_statements(policy(OWN), statements(scope())) or "")

    assert changed["Id"] == "mine"
    assert changed["Statement"] == [OWN, *statements(scope())]


def test_a_policy_that_has_them_is_left_alone() -> None:
    changed = with_statements(policy(OWN), statements(scope())) or ""

    assert with_statements(changed, statements(scope())) is None


def test_lists_that_kms_reorders_or_unpacks_are_the_same() -> None:
    first, *others = (json.loads(json.dumps(one)) for one in statements(scope()))
    first["Action"].reverse()
    first["Principal"]["Service"].reverse()
    unpacked = [one | {"Action": one["Action"][0]} if len(one["Action"]) == 1 else one for one in others]

    assert with_statements(policy(first, *unpacked), statements(scope())) is None


def test_the_statements_of_a_wider_scope_are_replaced() -> None:
    wide = with_statements(policy(OWN), statements(scope(pool_id="*"))) or ""

    changed = json.loads(with_statements(wide, statements(scope())) or "")

    assert changed["Statement"] == [OWN, *statements(scope())]


def test_a_policy_of_one_statement_may_hold_it_bare() -> None:
    bare = json.dumps({"Statement": OWN})

    assert json.loads(with_statements(bare, statements(scope())) or "")["Statement"][0] == OWN
