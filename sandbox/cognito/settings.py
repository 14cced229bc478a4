"""The pool settings that replication depends on, and what ``UpdateUserPool`` does to the others."""

from copy import deepcopy
from typing import Any

from sandbox.cognito.keys import KmsKeys
from sandbox.cognito.pools import UserPoolState
from sandbox.cognito.replica_snapshot import REGIONAL_SETTINGS
from sandbox.cognito.wire import AwsServiceError, JsonObject, UserPoolCall

_ENCRYPTION_AND_ISSUER: dict[str, Any] = {
    "KeyConfiguration": {"KeyType": "AWS_OWNED_KEY"},
    "IssuerConfiguration": {"Type": "ORIGINAL"},
}

_DEFAULTS: dict[str, Any] = {
    **_ENCRYPTION_AND_ISSUER,
    "AccountRecoverySetting": {},
    "AcrConfiguration": None,
    "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": False, "UnusedAccountValidityDays": 7},
    "AutoVerifiedAttributes": [],
    "DcrConfiguration": None,
    "DeletionProtection": "INACTIVE",
    "DeviceConfiguration": None,
    "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"},
    "EmailVerificationMessage": "",
    "EmailVerificationSubject": "",
    "LambdaConfig": {},
    "MfaConfiguration": "OFF",
    "Policies": {
        "PasswordPolicy": {
            "MinimumLength": 8,
            "RequireUppercase": True,
            "RequireLowercase": True,
            "RequireNumbers": True,
            "RequireSymbols": True,
            "TemporaryPasswordValidityDays": 7,
        },
    },
    "SmsAuthenticationMessage": "",
    "SmsConfiguration": {},
    "SmsVerificationMessage": "",
    "UserAttributeUpdateSettings": None,
    "UserPoolAddOns": None,
    "UserPoolTags": {},
    "VerificationMessageTemplate": None,
}
"""What ``UpdateUserPool`` sets where the call gives nothing; None where the pool then has no such setting.

The name and the tier have no default: they stay.
"""


_UNSUPPORTED_BY_ENGINE = ("AcrConfiguration", "DcrConfiguration")

_MFA_CONFIG_SETTINGS = frozenset(
    {"EmailMfaConfiguration", "SmsMfaConfiguration", "SoftwareTokenMfaConfiguration", "WebAuthnConfiguration"}
)
"""What ``GetUserPoolMfaConfig`` shows, and ``DescribeUserPool`` does not."""


def filter_described(pool: JsonObject) -> JsonObject:
    """Return what ``DescribeUserPool`` shows of what the engine would show."""
    return {name: value for name, value in pool.items() if name not in _MFA_CONFIG_SETTINGS}


def reject_unusable_key(call: UserPoolCall, keys: KmsKeys, pool: UserPoolState | None = None) -> None:
    """Refuse a customer managed key that the pool couldn't use.

    Raises
    ------
    Refusal
        ``InvalidParameterException``, as `Keys.check`.

    """
    configuration = call.document.get("KeyConfiguration", {})
    if configuration.get("KeyType") != "CUSTOMER_MANAGED_KEY":
        return
    arn = configuration.get("KmsKeyArn")
    if not arn:
        raise AwsServiceError("InvalidParameterException", "KeyType CUSTOMER_MANAGED_KEY needs a KmsKeyArn.")
    keys.reject_unusable(call.account, call.region, arn, multi_region=False, pool_arn=pool["Arn"] if pool else None)


def reject_replication_loss(call: UserPoolCall, pool: UserPoolState) -> None:
    """Refuse an update that would take from a replicated pool what replication needs.

    That the service refuses it is inferred: it refuses to create a replica of such a pool.

    Raises
    ------
    Refusal
        ``InvalidParameterException`` that names the settings to repeat in the call.

    """
    lost = [
        f"{name}={pool[name]}"
        for name, default in _ENCRYPTION_AND_ISSUER.items()
        if call.document.get(name, default) != pool[name]
    ]
    if lost:
        raise AwsServiceError(
            "InvalidParameterException",
            f"User pool {pool['Id']} has a replica and must keep {' and '.join(lost)}.",
        )


def reject_global_changes(call: UserPoolCall, pool: UserPoolState) -> None:
    """Refuse an update in the replica's Region that would change more than what is the Region's own.

    Raises
    ------
    Refusal
        ``InvalidParameterException`` that names the settings, which must be as they are on the primary.

    """
    changed = [
        name
        for name, value in call.document.items()
        if name in _DEFAULTS and name not in REGIONAL_SETTINGS and value != pool.get(name)
    ]
    if changed:
        raise AwsServiceError(
            "InvalidParameterException",
            f"Can be changed in the primary Region only: {', '.join(sorted(changed))}.",
        )


def apply_created_settings(pool: UserPoolState, document: JsonObject) -> JsonObject:
    """Keep what the engine doesn't of a new pool, and return it as the answer's part of the pool."""
    kept = {name: deepcopy(document.get(name, value)) for name, value in _ENCRYPTION_AND_ISSUER.items()}
    kept |= {name: deepcopy(document[name]) for name in _UNSUPPORTED_BY_ENGINE if name in document}
    pool.update(kept)
    return kept


def apply_updated_settings(pool: UserPoolState, document: JsonObject, *, is_replica: bool) -> None:
    """Set what an update gave, and reset to its default what it left out.

    Parameters
    ----------
    pool, document
        The pool, and the call that updated it.
    secondary
        Whether the call came to the replica's Region, where only the Region's own settings change.

    """
    for name, default in _DEFAULTS.items():
        if is_replica and name not in REGIONAL_SETTINGS:
            continue
        if name in document:
            pool[name] = document[name] if name != "EmailConfiguration" else {**default, **document[name]}
        elif default is None:
            pool.pop(name, None)
        else:
            pool[name] = deepcopy(default)
    if "PoolName" in document and not is_replica:
        pool["Name"] = document["PoolName"]
