"""A user pool as somebody has it who never heard of replication: in one Region, full of settings, with a person."""

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

NAME = "shop"

_SETTINGS: "Mapping[str, Any]" = {
    "AccountRecoverySetting": {"RecoveryMechanisms": [{"Priority": 1, "Name": "verified_email"}]},
    "AdminCreateUserConfig": {
        "AllowAdminCreateUserOnly": False,
        "InviteMessageTemplate": {
            "SMSMessage": "{username} {####}",
            "EmailMessage": "Welcome to the shop, {username}: {####}",
            "EmailSubject": "Welcome to the shop",
        },
    },
    "AutoVerifiedAttributes": ["email"],
    "DeletionProtection": "ACTIVE",
    "DeviceConfiguration": {"ChallengeRequiredOnNewDevice": False, "DeviceOnlyRememberedOnUserPrompt": True},
    "MfaConfiguration": "OFF",
    "Policies": {
        "PasswordPolicy": {
            "MinimumLength": 14,
            "RequireUppercase": False,
            "RequireLowercase": True,
            "RequireNumbers": True,
            "RequireSymbols": False,
            "TemporaryPasswordValidityDays": 3,
        }
    },
    "Schema": [
        {
            "Name": "loyalty",
            "AttributeDataType": "String",
            "Mutable": True,
            "StringAttributeConstraints": {"MinLength": "1", "MaxLength": "20"},
        }
    ],
    "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]},
    "UserPoolTags": {"team": "shop"},
    "UserPoolTier": "ESSENTIALS",
    "VerificationMessageTemplate": {
        "EmailMessage": "Your code for the shop is {####}",
        "EmailSubject": "Your code",
        "DefaultEmailOption": "CONFIRM_WITH_CODE",
    },
}
"""Others than the defaults, wherever there is something to choose."""

_CHANGING = frozenset({"KeyConfiguration", "IssuerConfiguration", "LastModifiedDate", "EstimatedNumberOfUsers"})
"""What replicating a pool changes on purpose, and what counts by itself."""

_PERSON = "person"
_PASSWORD_BYTES = 24
_ONE_OF_EACH_KIND = "aA1!"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A pool and who is in it.

    Attributes
    ----------
    pool_id
        Of the pool.
    client_id, username, password
        By which a person signs in.
    described
        The pool as it was before anybody replicated it.

    """

    pool_id: str
    client_id: str
    username: str
    password: str = field(repr=False)
    described: "Mapping[str, Any]"

    @property
    def settings(self) -> dict[str, Any]:
        """What must be the same afterwards."""
        return _kept(self.described)

    def changed_settings(self, cognito: "CognitoIdentityProviderClient") -> set[str]:
        """Return the names of the settings that are not as they were."""
        before, now = self.settings, _kept(_described(cognito, self.pool_id))
        return {name for name in before.keys() | now.keys() if before.get(name) != now.get(name)}


def open_shop(cognito: "CognitoIdentityProviderClient") -> Shop:
    """Create a pool with an app client and a person, in the Region of the client given."""
    pool_id = cognito.create_user_pool(PoolName=NAME, **_SETTINGS)["UserPool"]["Id"]
    client_id = cognito.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName=NAME,
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]["ClientId"]
    password = secrets.token_urlsafe(_PASSWORD_BYTES) + _ONE_OF_EACH_KIND
    cognito.admin_create_user(
        UserPoolId=pool_id, Username=_PERSON, TemporaryPassword=password, MessageAction="SUPPRESS"
    )
    cognito.admin_set_user_password(UserPoolId=pool_id, Username=_PERSON, Password=password, Permanent=True)
    return Shop(
        pool_id=pool_id,
        client_id=client_id,
        username=_PERSON,
        password=password,
        described=_described(cognito, pool_id),
    )


def _described(cognito: "CognitoIdentityProviderClient", pool_id: str) -> "Mapping[str, Any]":
    return dict(cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"])


def _kept(described: "Mapping[str, Any]") -> dict[str, Any]:
    return {name: value for name, value in described.items() if name not in _CHANGING}
