"""Signing in as the canary, as the probes do."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from failoverctl.replicate.errors import RefusedError

CLAIMS = ("iss", "sub", "client_id")
"""What of an access token must be the same in both Regions."""


def access_token_claims(cognito: Any, client_id: str, credentials: Mapping[str, str]) -> dict[str, str] | None:
    """Sign in once, and return what the access token claims; None if Cognito refuses these credentials.

    Raises
    ------
    RefusedError
        If it asks for more than a password.

    """
    refused = cognito.exceptions
    try:
        answer = cognito.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=client_id,
            AuthParameters={"USERNAME": credentials["username"], "PASSWORD": credentials["password"]},
        )
    except (
        refused.InvalidParameterException,  # the client doesn't allow passwords
        refused.NotAuthorizedException,
        refused.PasswordResetRequiredException,
        refused.ResourceNotFoundException,
        refused.UserNotConfirmedException,
        refused.UserNotFoundException,
    ):
        return None
    if challenge := answer.get("ChallengeName"):
        raise RefusedError(
            f"Cognito asks the canary for {challenge} when it signs in, which the probes can't answer. See the pool's "
            f"settings for second factors, threat protection and triggers."
        )
    payload = answer["AuthenticationResult"]["AccessToken"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return {name: str(claims.get(name)) for name in CLAIMS}


def signs_in(cognito: Any, client_id: str, credentials: Mapping[str, str]) -> bool:
    """Tell whether Cognito lets the canary in; it is asked once."""
    return access_token_claims(cognito, client_id, credentials) is not None
