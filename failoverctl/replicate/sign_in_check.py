"""Signs in as the canary, as the probes do."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from failoverctl.replicate.errors import ReplicationRefusedError

COMPARED_CLAIMS = ("iss", "sub", "client_id")
"""Claims of an access token that must be equal in both Regions."""


def read_access_token_claims(cognito: Any, client_id: str, credentials: Mapping[str, str]) -> dict[str, str] | None:
    """Sign in once, and return claims of the access token; None if Cognito refuses the credentials.

    Raises
    ------
    ReplicationRefusedError
        If Cognito asks for more than a password.

    """
    exceptions = cognito.exceptions
    try:
        response = cognito.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=client_id,
            AuthParameters={"USERNAME": credentials["username"], "PASSWORD": credentials["password"]},
        )
    except (
        exceptions.InvalidParameterException,  # the client does not allow passwords
        exceptions.NotAuthorizedException,
        exceptions.PasswordResetRequiredException,
        exceptions.ResourceNotFoundException,
        exceptions.UserNotConfirmedException,
        exceptions.UserNotFoundException,
    ):
        return None
    if challenge := response.get("ChallengeName"):
        raise ReplicationRefusedError(
            f"Cognito asks the canary for {challenge} at sign-in, which the probes can't answer. Check the pool's "
            f"second factors, threat protection and triggers."
        )
    payload = response["AuthenticationResult"]["AccessToken"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return {name: str(claims.get(name)) for name in COMPARED_CLAIMS}


def can_sign_in(cognito: Any, client_id: str, credentials: Mapping[str, str]) -> bool:
    """Return whether the canary can sign in. Tries once."""
    return read_access_token_claims(cognito, client_id, credentials) is not None
