"""Whether Cognito may use a customer managed key in a Region: what it needs of the key and of its policy."""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any, cast

from sandbox.cognito.wire import Refusal

_PRINCIPALS = ("cognito-idp.amazonaws.com", "identitystore.amazonaws.com")
_ACTIONS = (
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:GenerateDataKey",
    "kms:DescribeKey",
    "kms:CreateGrant",
)

type _Statement = dict[str, Any]


class Keys:
    """The keys of every account and Region, as the engine's KMS holds them."""

    def __init__(self) -> None:
        # As the engine's user pools: only once STATE_DIR is set.
        from ministack.services import kms  # noqa: PLC0415

        self._held = kms._keys  # noqa: SLF001 - the engine has no other way to its state

    def check(self, account: str, region: str, arn: str, *, multi_region: bool) -> None:
        """Refuse a key that Cognito can't use in a Region.

        Parameters
        ----------
        account, region
            Whose pool, and the Region in which Cognito is to use the key.
        arn
            The key's ARN, in whichever Region.
        multi_region
            Whether it must be a multi-Region key, as replication needs.

        Raises
        ------
        Refusal
            ``InvalidParameterException`` that names what is missing: the key itself, its state, its kind, or a
            service principal with the actions that it lacks. Which refusal the service gives is not documented.

        """
        key = self._held.get_scoped(account, region, arn.rpartition("/")[2])
        if key is None:
            raise _refused(f"KMS key {arn} does not exist in {region}.")
        if key["KeyState"] != "Enabled":
            raise _refused(f"KMS key {key['Arn']} is {key['KeyState']}; it must be Enabled.")
        if multi_region and not key["MultiRegion"]:
            raise _refused(f"KMS key {key['Arn']} is not a multi-Region key.")
        for principal in _PRINCIPALS:
            if missing := missing_actions(key["Policy"], principal, account):
                raise _refused(
                    f"The policy of KMS key {key['Arn']} does not allow {principal}: {', '.join(missing)}.",
                )


def _refused(message: str) -> Refusal:
    return Refusal("InvalidParameterException", message)


def missing_actions(policy: str, principal: str, account: str) -> list[str]:
    """Return the actions Cognito needs that a key policy does not allow a service principal for an account."""
    statements = [s for s in _statements(policy) if _covers(s, principal, account)]
    allowed = [p for s in statements if s.get("Effect") == "Allow" for p in _listed(s.get("Action"))]
    denied = [p for s in statements if s.get("Effect") == "Deny" for p in _listed(s.get("Action"))]
    return [a for a in _ACTIONS if not _matches(a, allowed) or _matches(a, denied)]


def _statements(policy: str) -> Iterator[_Statement]:
    yield from cast("list[_Statement]", _listed(json.loads(policy).get("Statement")) if policy else [])


def _covers(statement: _Statement, principal: str, account: str) -> bool:
    """Whether a statement is about a service principal that acts for this account.

    Of the conditions only ``aws:SourceAccount`` is evaluated: the others name pools and callers that are not
    known before the pool exists.
    """
    named = statement.get("Principal")
    services = _listed(named.get("Service")) if isinstance(named, dict) else _listed(named)
    accounts = [
        value
        for tests in statement.get("Condition", {}).values()
        for name, values in tests.items()
        if name.lower() == "aws:sourceaccount"
        for value in _listed(values)
    ]
    return bool({principal, "*"} & set(services)) and (not accounts or account in accounts)


def _matches(action: str, patterns: list[Any]) -> bool:
    return any(fnmatchcase(action.lower(), str(pattern).lower()) for pattern in patterns)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
