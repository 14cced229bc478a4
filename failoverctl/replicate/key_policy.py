"""The statements by which Cognito may use a key for one pool, and how they come into a policy; pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

type Statement = Mapping[str, Any]

_SERVICE_PRINCIPALS = ("cognito-idp.amazonaws.com", "identitystore.amazonaws.com")
_USE_ACTIONS = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*")
_DESCRIBE_ACTION = "kms:DescribeKey"
_GRANT_ACTION = "kms:CreateGrant"
"""AWS's own example of a policy has no such right, the first published set-up of a replica has it."""

_ENCRYPTION_CONTEXT_KEY = "kms:EncryptionContext:aws:cognito-idp:userpool-arn"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPolicyScope:
    """For whom a key may be used.

    Attributes
    ----------
    partition, account
        Of pool and key.
    region
        The Region of the key at hand.
    pool_id
        The pool, ``*`` while it has no id.

    """

    partition: str
    account: str
    region: str
    pool_id: str

    @property
    def pool_arn(self) -> str:
        """The pool in both of its Regions: its replica's ARN differs in the Region only."""
        return f"arn:{self.partition}:cognito-idp:*:{self.account}:userpool/{self.pool_id}"


def build_statements(scope: KeyPolicyScope) -> tuple[Statement, ...]:
    """Return what Cognito needs, as the developer guide has it, for this pool only.

    ``DescribeKey`` and ``CreateGrant`` carry no encryption context, so they stand apart. The last two are for callers
    of Cognito's administrative operations, whose own permissions Cognito passes on to KMS.
    """
    account_condition = {"aws:SourceAccount": scope.account}
    source_condition = {"aws:SourceArn": scope.pool_arn}
    context_condition = {_ENCRYPTION_CONTEXT_KEY: scope.pool_arn}
    caller_condition = {
        "kms:CallerAccount": scope.account,
        "kms:ViaService": f"cognito-idp.{scope.region}.amazonaws.com",
    }
    service_principals, caller_principals = {"Service": list(_SERVICE_PRINCIPALS)}, {"AWS": "*"}
    return (
        _build_allow_statement(
            "CognitoFailoverUse",
            service_principals,
            _USE_ACTIONS,
            {"StringEquals": account_condition, "ArnLike": source_condition, "StringLike": context_condition},
        ),
        _build_allow_statement(
            "CognitoFailoverDescribe",
            service_principals,
            (_DESCRIBE_ACTION, _GRANT_ACTION),
            {"StringEquals": account_condition, "ArnLike": source_condition},
        ),
        _build_allow_statement(
            "CognitoFailoverCallersUse",
            caller_principals,
            _USE_ACTIONS,
            {"StringEquals": caller_condition, "StringLike": context_condition},
        ),
        _build_allow_statement(
            "CognitoFailoverCallersDescribe", caller_principals, (_DESCRIBE_ACTION,), {"StringEquals": caller_condition}
        ),
    )


def _build_allow_statement(
    sid: str, principal: Mapping[str, Any], actions: Sequence[str], condition: Mapping[str, Any]
) -> Statement:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": principal,
        "Action": list(actions),
        "Resource": "*",
        "Condition": condition,
    }


def with_statements(policy: str, required: Sequence[Statement]) -> str | None:
    """Return a policy with these statements, every other one kept; None if it has them already.

    Parameters
    ----------
    policy
        As ``GetKeyPolicy`` returns it.
    wanted
        Statements, each told from others by its Sid.

    """
    document: dict[str, Any] = json.loads(policy)
    present: list[Any] = _to_list(document.get("Statement"))
    if all(any(_are_equivalent(statement, one) for one in present) for statement in required):
        return None
    sids = {statement["Sid"] for statement in required}
    other_statements = [statement for statement in present if statement.get("Sid") not in sids]
    return json.dumps(document | {"Statement": [*other_statements, *required]})


def _are_equivalent(one: Any, other: Any) -> bool:
    """Tell whether two parts of a policy mean the same: KMS may reorder lists, and unpack those of one."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_are_equivalent(one[name], other[name]) for name in one)
    return sorted(map(str, _to_list(one))) == sorted(map(str, _to_list(other)))


def _to_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
