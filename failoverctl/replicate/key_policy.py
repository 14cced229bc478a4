"""The statements by which Cognito may use a key for one pool, and how they come into a policy; pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

type Statement = Mapping[str, Any]

_SERVICES = ("cognito-idp.amazonaws.com", "identitystore.amazonaws.com")
_USE = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*")
_DESCRIBE = "kms:DescribeKey"
_GRANT = "kms:CreateGrant"
"""AWS's own example of a policy has no such right, the first published set-up of a replica has it."""

_CONTEXT = "kms:EncryptionContext:aws:cognito-idp:userpool-arn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
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


def statements(scope: Scope) -> tuple[Statement, ...]:
    """Return what Cognito needs, as the developer guide has it, for this pool only.

    ``DescribeKey`` and ``CreateGrant`` carry no encryption context, so they stand apart. The last two are for callers
    of Cognito's administrative operations, whose own permissions Cognito passes on to KMS.
    """
    service = {"aws:SourceAccount": scope.account}
    source = {"aws:SourceArn": scope.pool_arn}
    context = {_CONTEXT: scope.pool_arn}
    caller = {
        "kms:CallerAccount": scope.account,
        "kms:ViaService": f"cognito-idp.{scope.region}.amazonaws.com",
    }
    of_services, of_callers = {"Service": list(_SERVICES)}, {"AWS": "*"}
    return (
        _allow(
            "CognitoFailoverUse",
            of_services,
            _USE,
            {"StringEquals": service, "ArnLike": source, "StringLike": context},
        ),
        _allow(
            "CognitoFailoverDescribe",
            of_services,
            (_DESCRIBE, _GRANT),
            {"StringEquals": service, "ArnLike": source},
        ),
        _allow("CognitoFailoverCallersUse", of_callers, _USE, {"StringEquals": caller, "StringLike": context}),
        _allow("CognitoFailoverCallersDescribe", of_callers, (_DESCRIBE,), {"StringEquals": caller}),
    )


def _allow(sid: str, principal: Mapping[str, Any], actions: Sequence[str], condition: Mapping[str, Any]) -> Statement:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": principal,
        "Action": list(actions),
        "Resource": "*",
        "Condition": condition,
    }


def with_statements(policy: str, wanted: Sequence[Statement]) -> str | None:
    """Return a policy with these statements, every other one kept; None if it has them already.

    Parameters
    ----------
    policy
        As ``GetKeyPolicy`` returns it.
    wanted
        Statements, each told from others by its Sid.

    """
    document: dict[str, Any] = json.loads(policy)
    present: list[Any] = _listed(document.get("Statement"))
    if all(any(_same(statement, one) for one in present) for statement in wanted):
        return None
    sids = {statement["Sid"] for statement in wanted}
    kept = [statement for statement in present if statement.get("Sid") not in sids]
    return json.dumps(document | {"Statement": [*kept, *wanted]})


def _same(one: Any, other: Any) -> bool:
    """Tell whether two parts of a policy mean the same: KMS may reorder lists, and unpack those of one."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    return sorted(map(str, _listed(one))) == sorted(map(str, _listed(other)))


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
