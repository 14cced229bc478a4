"""Checks of a customer managed key and its policy for use by Cognito."""

import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, cast

from sandbox.cognito.wire import AwsServiceError

_PRINCIPALS = ("cognito-idp.amazonaws.com", "identitystore.amazonaws.com")
_REQUIRED_ACTIONS = (
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:DescribeKey",
)
"""The actions that the key policy in Cognito's developer guide grants."""

_ACTIONS_WITHOUT_CONTEXT = frozenset({"kms:DescribeKey"})
_POOL_CONTEXT_KEY = "kms:encryptioncontext:aws:cognito-idp:userpool-arn"

type _Statement = dict[str, Any]


class KmsKeys:
    """The KMS keys of every account and Region, from the engine."""

    def __init__(self) -> None:
        # Late import: the engine reads STATE_DIR at import.
        from ministack.services import kms  # noqa: PLC0415

        self._keys = kms._keys  # noqa: SLF001 - the engine has no public accessor

    def reject_unusable(
        self, account: str, region: str, arn: str, *, multi_region: bool, pool_arn: str | None = None
    ) -> None:
        """Reject a key that Cognito cannot use in a Region.

        Parameters
        ----------
        account, region
            The pool's account, and the Region in which Cognito uses the key.
        arn
            The key's ARN in any Region.
        multi_region
            Whether it must be a multi-Region key, which replication needs.
        pool_arn
            The pool's ARN in that Region; None for a pool that does not exist yet.

        Raises
        ------
        AwsServiceError
            ``InvalidParameterException`` that names the problem: the key, its state, its kind, or the actions that a
            service principal lacks. The service's error is not documented.

        """
        key = self._keys.get_scoped(account, region, arn.rpartition("/")[2])
        if key is None:
            raise _build_error(f"KMS key {arn} does not exist in {region}.")
        if key["KeyState"] != "Enabled":
            raise _build_error(f"KMS key {key['Arn']} is {key['KeyState']}; it must be Enabled.")
        if multi_region and not key["MultiRegion"]:
            raise _build_error(f"KMS key {key['Arn']} is not a multi-Region key.")
        for principal in _PRINCIPALS:
            if missing := list_missing_actions(key["Policy"], principal, account, pool_arn):
                raise _build_error(
                    f"The policy of KMS key {key['Arn']} does not allow {principal}: {', '.join(missing)}.",
                )


def _build_error(message: str) -> AwsServiceError:
    return AwsServiceError("InvalidParameterException", message)


def list_missing_actions(policy: str, principal: str, account: str, pool_arn: str | None = None) -> list[str]:
    """Return the required actions that a key policy does not allow a service principal.

    Parameters
    ----------
    policy
        The key policy.
    principal, account
        The service principal that uses the key, and the account that it acts for.
    pool_arn
        The ARN of the pool. None for a pool that does not exist yet: conditions on the pool then hold.

    """

    def list_patterns(action: str, effect: str) -> list[Any]:
        return [
            pattern
            for statement in _parse_statements(policy)
            if statement.get("Effect") == effect
            and _applies_to_principal(statement, principal, account, _build_pool_keys(action, pool_arn))
            for pattern in _as_list(statement.get("Action"))
        ]

    return [
        action
        for action in _REQUIRED_ACTIONS
        if not _matches(action, list_patterns(action, "Allow")) or _matches(action, list_patterns(action, "Deny"))
    ]


def _build_pool_keys(action: str, pool_arn: str | None) -> dict[str, str | None]:
    """Return the condition keys that name the pool. Calls that only describe a key have no encryption context."""
    if pool_arn is None:
        return {}
    return {"aws:sourcearn": pool_arn, _POOL_CONTEXT_KEY: None if action in _ACTIONS_WITHOUT_CONTEXT else pool_arn}


def _parse_statements(policy: str) -> Iterator[_Statement]:
    yield from cast("list[_Statement]", _as_list(json.loads(policy).get("Statement")) if policy else [])


def _applies_to_principal(
    statement: _Statement, principal: str, account: str, pool_keys: Mapping[str, str | None]
) -> bool:
    """Return whether a statement applies to a service principal that acts for this account and pool.

    Evaluates only conditions on ``aws:SourceAccount`` and on ``pool_keys``. None as a value means that the call lacks
    the key. All condition operators are treated as patterns.
    """
    principals = statement.get("Principal")
    services = _as_list(principals.get("Service")) if isinstance(principals, dict) else _as_list(principals)
    accounts = [
        value
        for tests in statement.get("Condition", {}).values()
        for name, values in tests.items()
        if name.lower() == "aws:sourceaccount"
        for value in _as_list(values)
    ]
    matches_pool = all(
        value is not None and any(fnmatchcase(value, str(pattern)) for pattern in _as_list(patterns))
        for tests in statement.get("Condition", {}).values()
        for name, patterns in tests.items()
        if name.lower() in pool_keys
        for value in (pool_keys[name.lower()],)
    )
    return bool({principal, "*"} & set(services)) and (not accounts or account in accounts) and matches_pool


def _matches(action: str, patterns: list[Any]) -> bool:
    return any(fnmatchcase(action.lower(), str(pattern).lower()) for pattern in patterns)


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
