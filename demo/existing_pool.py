"""An existing user pool in one Region, with many custom settings and a user, to replicate in the demo."""

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

POOL_NAME = "shop"

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
"""Values that differ from the defaults, wherever possible."""

_EXPECTED_CHANGES = frozenset({"KeyConfiguration", "IssuerConfiguration", "LastModifiedDate", "EstimatedNumberOfUsers"})
"""Attributes that replication changes on purpose, and those that change on their own."""

_USERNAME = "person"
_PASSWORD_BYTES = 24
_REQUIRED_CHARACTERS = "aA1!"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExistingPool:
    """A pool and its user.

    Attributes
    ----------
    pool_id
        The pool's ID.
    client_id, username, password
        The app client, and the user's credentials.
    description
        Cognito's description of the pool before the replication.

    """

    pool_id: str
    client_id: str
    username: str
    password: str = field(repr=False)
    description: "Mapping[str, Any]"

    @property
    def settings(self) -> dict[str, Any]:
        """The attributes that replication must not change."""
        return _without_expected_changes(self.description)

    def find_changed_settings(self, cognito: "CognitoIdentityProviderClient") -> set[str]:
        """Return the names of the settings that have changed."""
        before, now = self.settings, _without_expected_changes(_describe_pool(cognito, self.pool_id))
        return {name for name in before.keys() | now.keys() if before.get(name) != now.get(name)}


def create_existing_pool(cognito: "CognitoIdentityProviderClient") -> ExistingPool:
    """Create a pool with an app client and a user, in the Region of the given client."""
    pool_id = cognito.create_user_pool(PoolName=POOL_NAME, **_SETTINGS)["UserPool"]["Id"]
    client_id = cognito.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName=POOL_NAME,
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]["ClientId"]
    password = secrets.token_urlsafe(_PASSWORD_BYTES) + _REQUIRED_CHARACTERS
    cognito.admin_create_user(
        UserPoolId=pool_id, Username=_USERNAME, TemporaryPassword=password, MessageAction="SUPPRESS"
    )
    cognito.admin_set_user_password(UserPoolId=pool_id, Username=_USERNAME, Password=password, Permanent=True)
    return ExistingPool(
        pool_id=pool_id,
        client_id=client_id,
        username=_USERNAME,
        password=password,
        description=_describe_pool(cognito, pool_id),
    )


def _describe_pool(cognito: "CognitoIdentityProviderClient", pool_id: str) -> "Mapping[str, Any]":
    return dict(cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"])


def _without_expected_changes(description: "Mapping[str, Any]") -> dict[str, Any]:
    return {name: value for name, value in description.items() if name not in _EXPECTED_CHANGES}
