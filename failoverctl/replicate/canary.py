"""The canary: an app client and two users that may do nothing but sign in."""

from collections.abc import Mapping
from typing import Any

from failover.rotation.password import new_password
from failoverctl.replicate.errors import RefusedError
from failoverctl.replicate.site import Pool, Site, canaries
from failoverctl.replicate.step import Finding, Meaning, Patience, State
from failoverctl.replicate.wish import CLIENT_NAME

MARKER = "updated_at"
"""The one attribute that the client may read and write: the time at which it was written, to measure the lag by."""

_SETTINGS: Mapping[str, Any] = {
    "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"],
    "AccessTokenValidity": 5,
    "IdTokenValidity": 5,
    "RefreshTokenValidity": 60,
    "TokenValidityUnits": {"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "minutes"},
    "AuthSessionValidity": 3,
    "ReadAttributes": [MARKER],
    "WriteAttributes": [MARKER],
    "PreventUserExistenceErrors": "ENABLED",
    "EnableTokenRevocation": True,
}
"""Without a secret, and the least that Cognito allows of each validity (its API reference)."""


def find_user(cognito: Any, pool_id: str, name: str) -> tuple[str, str] | None:
    """Return a user's ``sub`` and status in a Region; None where that Region doesn't know the user."""
    try:
        user = cognito.admin_get_user(UserPoolId=pool_id, Username=name)
    except (cognito.exceptions.UserNotFoundException, cognito.exceptions.ResourceNotFoundException):
        return None
    attributes = {attribute["Name"]: attribute.get("Value", "") for attribute in user["UserAttributes"]}
    return attributes["sub"], user["UserStatus"]


class CanaryClient:
    """The app client that the probes sign in through."""

    meaning = Meaning(
        name="canary-client",
        why="The probes sign in through an app client of their own: no secret, passwords only, tokens of five minutes.",
    )
    patience = Patience(seconds=30)

    def look(self, site: Site) -> Finding:
        """See whether there is one, with these settings."""
        pool = site.pool()
        client_id = site.client_id(pool["Id"]) if pool else None
        if pool is None or client_id is None:
            return Finding(state=State.CHANGE, found=f"no app client {CLIENT_NAME}", wanted="one")
        client = site.primary.describe_user_pool_client(UserPoolId=pool["Id"], ClientId=client_id)["UserPoolClient"]
        if client.get("ClientSecret"):
            raise RefusedError(
                f"The app client {CLIENT_NAME} ({client_id}) has a secret, which can't be taken from it. Delete it, or "
                f"rename it; then run this again."
            )
        differing = [name for name, value in _SETTINGS.items() if client.get(name) != value]
        if differing:
            return Finding(
                state=State.CHANGE,
                found=f"the app client {client_id} differs in {', '.join(differing)}",
                wanted="the least settings",
            )
        return Finding(state=State.DONE, found=f"the app client {client_id}")

    def change(self, site: Site) -> None:
        """Create it, or set it right."""
        pool_id = site.existing_pool()["Id"]
        named = {"UserPoolId": pool_id, "ClientName": CLIENT_NAME}
        client_id = site.client_id(pool_id)
        if client_id is None:
            site.primary.create_user_pool_client(**named, **_SETTINGS, GenerateSecret=False)
        else:
            site.primary.update_user_pool_client(**named, **_SETTINGS, ClientId=client_id)


class CanaryUsers:
    """Two users: one whose password is in the secret, and one to take its place when the password is rotated."""

    meaning = Meaning(
        name="canary-users",
        why="The probes sign in as one user; the other takes its place when the password is changed. They have no "
        "attributes, no groups and no address.",
        costs="Up to two monthly active users.",
    )
    patience = Patience(seconds=30)

    def look(self, site: Site) -> Finding:
        """See whether they are there."""
        pool = site.pool()
        if pool is None:
            return Finding(state=State.CHANGE, found="no pool yet", wanted="two users")
        missing = self._missing(site, pool)
        if missing:
            return Finding(state=State.CHANGE, found=f"no {' and no '.join(missing)}", wanted="both users")
        return Finding(state=State.DONE, found=" and ".join(canaries(pool)))

    @staticmethod
    def _missing(site: Site, pool: Pool) -> list[str]:
        return [name for name in canaries(pool) if find_user(site.primary, pool["Id"], name) is None]

    def change(self, site: Site) -> None:
        """Create those that are missing, with a password that nobody knows."""
        pool = site.existing_pool()
        for name in self._missing(site, pool):
            site.primary.admin_create_user(
                UserPoolId=pool["Id"], Username=name, TemporaryPassword=new_password(), MessageAction="SUPPRESS"
            )
