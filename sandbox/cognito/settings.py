"""The pool settings that replication needs, and the defaults of ``UpdateUserPool``."""

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
"""Values that ``UpdateUserPool`` sets for settings that the call lacks; None removes the setting.

The name and the tier have no default and stay.
"""

_UNSUPPORTED_BY_ENGINE = ("AcrConfiguration", "DcrConfiguration")

_MFA_CONFIG_SETTINGS = frozenset(
    {"EmailMfaConfiguration", "SmsMfaConfiguration", "SoftwareTokenMfaConfiguration", "WebAuthnConfiguration"}
)
"""Settings that ``GetUserPoolMfaConfig`` returns, and ``DescribeUserPool`` does not."""


def filter_described(pool: JsonObject) -> JsonObject:
    """Return the engine's description of a pool without the settings that ``DescribeUserPool`` does not return."""
    return {name: value for name, value in pool.items() if name not in _MFA_CONFIG_SETTINGS}


def reject_unusable_key(call: UserPoolCall, keys: KmsKeys, pool: UserPoolState | None = None) -> None:
    """Reject a customer managed key that the pool cannot use.

    Raises
    ------
    AwsServiceError
        ``InvalidParameterException``, as `KmsKeys.reject_unusable`.

    """
    configuration = call.document.get("KeyConfiguration", {})
    if configuration.get("KeyType") != "CUSTOMER_MANAGED_KEY":
        return
    arn = configuration.get("KmsKeyArn")
    if not arn:
        raise AwsServiceError("InvalidParameterException", "KeyType CUSTOMER_MANAGED_KEY needs a KmsKeyArn.")
    keys.reject_unusable(call.account, call.region, arn, multi_region=False, pool_arn=pool["Arn"] if pool else None)


def reject_replication_loss(call: UserPoolCall, pool: UserPoolState) -> None:
    """Reject an update that would remove the settings that replication needs from a replicated pool.

    This is inferred: the service refuses to create a replica of such a pool.

    Raises
    ------
    AwsServiceError
        ``InvalidParameterException`` that names the settings to repeat in the call.

    """
    removed = [
        f"{name}={pool[name]}"
        for name, default in _ENCRYPTION_AND_ISSUER.items()
        if call.document.get(name, default) != pool[name]
    ]
    if removed:
        raise AwsServiceError(
            "InvalidParameterException",
            f"User pool {pool['Id']} has a replica and must keep {' and '.join(removed)}.",
        )


def reject_global_changes(call: UserPoolCall, pool: UserPoolState) -> None:
    """Reject an update in the replica's Region that changes settings that are not regional.

    Raises
    ------
    AwsServiceError
        ``InvalidParameterException`` that names the settings. They must equal the primary's.

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
    """Store the settings of a new pool that the engine ignores, and return them for the answer."""
    settings = {name: deepcopy(document.get(name, value)) for name, value in _ENCRYPTION_AND_ISSUER.items()}
    settings |= {name: deepcopy(document[name]) for name in _UNSUPPORTED_BY_ENGINE if name in document}
    pool.update(settings)
    return settings


def apply_updated_settings(pool: UserPoolState, document: JsonObject, *, is_replica: bool) -> None:
    """Apply the settings of an update, and reset the settings that it lacks to their defaults.

    Parameters
    ----------
    pool, document
        The pool, and the update call.
    is_replica
        Whether the call came to the replica's Region, where only regional settings change.

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
