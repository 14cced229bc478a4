"""Users who sign in with a password, and the secrets with their passwords."""

import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.reference_setup.polling import Poller

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

_PASSWORD_BYTES = 24
_REQUIRED_CHARACTERS = "aA1!"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user. ``sub`` is the same in both Regions. The secret contains username, password and sub."""

    name: str
    sub: str
    secret_arn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDirectory:
    """Clients and ids for the users: the pool in both Regions, and the standby's Secrets Manager."""

    primary: "CognitoIdentityProviderClient"
    standby: "CognitoIdentityProviderClient"
    secrets: "SecretsManagerClient"
    pool_id: str
    client_id: str
    poller: Poller


def ensure_user(directory: UserDirectory, name: str, secret_name: str) -> User:
    """Ensure that a user exists who can sign in in both Regions with the password in a secret."""
    sub, confirmed = _ensure_registered(directory, name)
    secret_arn, password = _ensure_secret(directory.secrets, secret_name, name, sub)
    if not confirmed or not _can_sign_in(directory.primary, directory.client_id, name, password):
        directory.primary.admin_set_user_password(
            UserPoolId=directory.pool_id,
            Username=name,
            Password=password,
            Permanent=True,
        )
    directory.poller.wait_until(
        f"User {name} is visible on the replica of {directory.pool_id}",
        lambda: _find_sub_and_status(directory.standby, directory.pool_id, name),
    )
    directory.poller.wait_until(
        f"User {name} can sign in on the replica of {directory.pool_id}",
        lambda: _can_sign_in(directory.standby, directory.client_id, name, password) or None,
    )
    return User(name=name, sub=sub, secret_arn=secret_arn)


def _ensure_registered(directory: UserDirectory, name: str) -> tuple[str, bool]:
    """Return the user's ``sub``, and whether the user is CONFIRMED."""
    sub_and_status = _find_sub_and_status(directory.primary, directory.pool_id, name)
    if sub_and_status is None:
        directory.primary.admin_create_user(
            UserPoolId=directory.pool_id,
            Username=name,
            TemporaryPassword=_generate_password(),
            MessageAction="SUPPRESS",
        )
        sub_and_status = directory.poller.wait_until(
            f"User {name} exists",
            lambda: _find_sub_and_status(directory.primary, directory.pool_id, name),
        )
    sub, status = sub_and_status
    return sub, status == "CONFIRMED"


def _find_sub_and_status(
    cognito: "CognitoIdentityProviderClient",
    pool_id: str,
    name: str,
) -> tuple[str, str] | None:
    try:
        user = cognito.admin_get_user(UserPoolId=pool_id, Username=name)
    except (cognito.exceptions.UserNotFoundException, cognito.exceptions.ResourceNotFoundException):
        return None
    attributes = {attribute["Name"]: attribute.get("Value", "") for attribute in user["UserAttributes"]}
    return attributes["sub"], user["UserStatus"]


def _ensure_secret(
    store: "SecretsManagerClient",
    secret_name: str,
    username: str,
    sub: str,
) -> tuple[str, str]:
    """Return the secret's ARN and password. Replace a secret of another user, or without a password."""
    try:
        secret = store.get_secret_value(SecretId=secret_name)
    except store.exceptions.ResourceNotFoundException:
        content = {"username": username, "password": _generate_password(), "sub": sub}
        created = store.create_secret(Name=secret_name, SecretString=json.dumps(content))
        return created["ARN"], content["password"]
    content = json.loads(secret["SecretString"])
    if content.get("username") != username or content.get("sub") != sub or not content.get("password"):
        content = {"username": username, "password": _generate_password(), "sub": sub}
        store.put_secret_value(SecretId=secret["ARN"], SecretString=json.dumps(content))
    return secret["ARN"], content["password"]


def _can_sign_in(cognito: "CognitoIdentityProviderClient", client_id: str, name: str, password: str) -> bool:
    try:
        answer = cognito.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=client_id,
            AuthParameters={"USERNAME": name, "PASSWORD": password},
        )
    except (
        cognito.exceptions.NotAuthorizedException,
        cognito.exceptions.ResourceNotFoundException,
        cognito.exceptions.UserNotFoundException,
    ):
        return False
    return "AuthenticationResult" in answer


def _generate_password() -> str:
    return secrets.token_urlsafe(_PASSWORD_BYTES) + _REQUIRED_CHARACTERS
