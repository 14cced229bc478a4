"""Steps for the canary: an app client and two users that can only sign in."""

from collections.abc import Mapping
from typing import Any

from cognito_failover.rotation.password import generate_password
from failoverctl.replicate.context import Pool, ReplicationContext, get_canary_usernames
from failoverctl.replicate.errors import ReplicationRefusedError
from failoverctl.replicate.spec import CLIENT_NAME
from failoverctl.replicate.step import StepDescription, StepState, StepStatus, WaitPolicy

MARKER_ATTRIBUTE = "updated_at"
"""The only attribute that the client can read and write. It holds the time of writing, to measure the lag."""

_CLIENT_SETTINGS: Mapping[str, Any] = {
    "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"],
    "AccessTokenValidity": 5,
    "IdTokenValidity": 5,
    "RefreshTokenValidity": 60,
    "TokenValidityUnits": {"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "minutes"},
    "AuthSessionValidity": 3,
    "ReadAttributes": [MARKER_ATTRIBUTE],
    "WriteAttributes": [MARKER_ATTRIBUTE],
    "PreventUserExistenceErrors": "ENABLED",
    "EnableTokenRevocation": True,
}
"""No secret, and the shortest validities that Cognito allows (its API reference)."""


def find_user(cognito: Any, pool_id: str, name: str) -> tuple[str, str] | None:
    """Return a user's ``sub`` and status in a Region; None if the Region does not have the user."""
    try:
        user = cognito.admin_get_user(UserPoolId=pool_id, Username=name)
    except (cognito.exceptions.UserNotFoundException, cognito.exceptions.ResourceNotFoundException):
        return None
    attributes = {attribute["Name"]: attribute.get("Value", "") for attribute in user["UserAttributes"]}
    return attributes["sub"], user["UserStatus"]


class CanaryClient:
    """The app client for the probes' sign-ins."""

    description = StepDescription(
        name="canary-client",
        purpose="The probes sign in with a separate app client: no secret, passwords only, tokens of five minutes.",
    )
    wait_policy = WaitPolicy(timeout_seconds=30)

    def inspect(self, context: ReplicationContext) -> StepStatus:
        """Return whether the client exists with these settings."""
        pool = context.find_pool()
        client_id = context.find_client_id(pool["Id"]) if pool else None
        if pool is None or client_id is None:
            return StepStatus(state=StepState.CHANGE, actual=f"no app client {CLIENT_NAME}", desired="one")
        client = context.primary_cognito.describe_user_pool_client(UserPoolId=pool["Id"], ClientId=client_id)[
            "UserPoolClient"
        ]
        if client.get("ClientSecret"):
            raise ReplicationRefusedError(
                f"The app client {CLIENT_NAME} ({client_id}) has a secret, which can't be removed. Delete or rename "
                f"the app client, then run this again."
            )
        different_settings = [name for name, value in _CLIENT_SETTINGS.items() if client.get(name) != value]
        if different_settings:
            return StepStatus(
                state=StepState.CHANGE,
                actual=f"the app client {client_id} differs in {', '.join(different_settings)}",
                desired="least-privilege settings",
            )
        return StepStatus(state=StepState.DONE, actual=f"the app client {client_id}")

    def apply(self, context: ReplicationContext) -> None:
        """Create the client, or correct its settings."""
        pool_id = context.require_pool()["Id"]
        client_name_fields = {"UserPoolId": pool_id, "ClientName": CLIENT_NAME}
        client_id = context.find_client_id(pool_id)
        if client_id is None:
            context.primary_cognito.create_user_pool_client(
                **client_name_fields, **_CLIENT_SETTINGS, GenerateSecret=False
            )
        else:
            context.primary_cognito.update_user_pool_client(
                **client_name_fields, **_CLIENT_SETTINGS, ClientId=client_id
            )


class CanaryUsers:
    """Two users: one whose password is in the secret, and an idle one for the next rotation."""

    description = StepDescription(
        name="canary-users",
        purpose="The probes sign in as one user. The rotation of the password switches to the other. The users have no "
        "attributes, no groups and no address.",
        cost="Up to two monthly active users.",
    )
    wait_policy = WaitPolicy(timeout_seconds=30)

    def inspect(self, context: ReplicationContext) -> StepStatus:
        """Return whether both users exist."""
        pool = context.find_pool()
        if pool is None:
            return StepStatus(state=StepState.CHANGE, actual="no pool yet", desired="two users")
        missing = self._find_missing(context, pool)
        if missing:
            return StepStatus(state=StepState.CHANGE, actual=f"no {' and no '.join(missing)}", desired="both users")
        return StepStatus(state=StepState.DONE, actual=" and ".join(get_canary_usernames(pool)))

    @staticmethod
    def _find_missing(context: ReplicationContext, pool: Pool) -> list[str]:
        return [
            name for name in get_canary_usernames(pool) if find_user(context.primary_cognito, pool["Id"], name) is None
        ]

    def apply(self, context: ReplicationContext) -> None:
        """Create the missing users with random passwords, which are not stored."""
        pool = context.require_pool()
        for name in self._find_missing(context, pool):
            context.primary_cognito.admin_create_user(
                UserPoolId=pool["Id"], Username=name, TemporaryPassword=generate_password(), MessageAction="SUPPRESS"
            )
