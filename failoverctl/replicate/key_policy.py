"""Key policy statements that let Cognito use a key for one pool. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

type Statement = Mapping[str, Any]

_SERVICE_PRINCIPALS = ("cognito-idp.amazonaws.com", "identitystore.amazonaws.com")
_USE_ACTIONS = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*")
_DESCRIBE_ACTION = "kms:DescribeKey"
_GRANT_ACTION = "kms:CreateGrant"
"""Not in AWS's example policy, but in the first published set-up of a replica."""

_ENCRYPTION_CONTEXT_KEY = "kms:EncryptionContext:aws:cognito-idp:userpool-arn"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPolicyScope:
    """The pool and the Region for which a key can be used.

    Attributes
    ----------
    partition, account
        Partition and account of pool and key.
    region
        The key's Region.
    pool_id
        The pool; ``*`` while it has no id.

    """

    partition: str
    account: str
    region: str
    pool_id: str

    @property
    def pool_arn(self) -> str:
        """ARN pattern of the pool and its replica. Their ARNs differ only in the Region."""
        return f"arn:{self.partition}:cognito-idp:*:{self.account}:userpool/{self.pool_id}"


def build_statements(scope: KeyPolicyScope) -> tuple[Statement, ...]:
    """Return the statements of Cognito's developer guide, restricted to this pool.

    ``DescribeKey`` and ``CreateGrant`` have no encryption context, so they have separate statements. The last two
    statements are for callers of administrative operations: Cognito calls KMS with the caller's permissions.
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
    """Return a policy with the required statements added. All other statements are kept. None if nothing is missing.

    Parameters
    ----------
    policy
        The policy, as ``GetKeyPolicy`` returns it.
    required
        Statements with a Sid. They replace statements with the same Sid.

    """
    document: dict[str, Any] = json.loads(policy)
    present: list[Any] = _to_list(document.get("Statement"))
    if all(any(_are_equivalent(statement, candidate) for candidate in present) for statement in required):
        return None
    sids = {statement["Sid"] for statement in required}
    other_statements = [statement for statement in present if statement.get("Sid") not in sids]
    return json.dumps(document | {"Statement": [*other_statements, *required]})


def _are_equivalent(first: Any, second: Any) -> bool:
    """Return whether two parts of a policy mean the same. KMS may reorder lists, and unwrap lists of one."""
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        return first.keys() == second.keys() and all(_are_equivalent(first[name], second[name]) for name in first)
    return sorted(map(str, _to_list(first))) == sorted(map(str, _to_list(second)))


def _to_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
