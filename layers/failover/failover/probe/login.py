"""One login attempt: the unsigned ``InitiateAuth`` that users' own apps send.

Sent without an SDK, because the same call goes to Cognito's endpoint and, under another name than the one connected
to, through the user's target; and because an SDK brings retries, kept connections and credentials, none of which
belong in a probe.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from failover.probe.answer import (
    Answer,
    Challenged,
    EmptyAnswer,
    Refused,
    SignedIn,
    Silent,
    Tokens,
)
from failover.probe.canary import Credentials
from failover.probe.https import Endpoint, Https, Reply, SilenceError
from failover.probe.reply import error_code, error_message, is_success, json_object

_HEADERS = {
    "Content-Type": "application/x-amz-json-1.1",
    "X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth",
}


def cognito_endpoint(region: str) -> Endpoint:
    """Where the Cognito API of a Region is."""
    host = f"cognito-idp.{region}.amazonaws.com"
    return Endpoint(host=host, server_name=host)


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Signs the canary in, once per call.

    Attributes
    ----------
    client_id
        The app client, the same in both Regions.
    https
        Makes the request.
    monotonic
        Measures latency, in seconds.

    """

    client_id: str
    https: Https
    monotonic: Callable[[], float]

    def attempt(self, endpoint: Endpoint, credentials: Credentials) -> Answer:
        """Try to sign in at an endpoint, without a second try whatever comes back."""
        body = {
            "AuthFlow": "USER_PASSWORD_AUTH",
            "ClientId": self.client_id,
            "AuthParameters": {"USERNAME": credentials.username, "PASSWORD": credentials.password},
        }
        began = self.monotonic()
        try:
            reply = self.https.post(endpoint, headers=_HEADERS, body=json.dumps(body).encode())
        except SilenceError as error:
            return Silent(kind=error.kind)
        return read_reply(reply, latency_seconds=self.monotonic() - began, credentials=credentials)

    def knock(self, endpoint: Endpoint) -> Silent | None:
        """Find out whether an endpoint gives any HTTP answer, without the canary; None means that it does."""
        try:
            self.https.get(endpoint)
        except SilenceError as error:
            return Silent(kind=error.kind)
        return None


def read_reply(reply: Reply, *, latency_seconds: float, credentials: Credentials) -> Answer:
    """Say which answer an HTTP reply is. Pure; the credentials are only there to be kept out of it."""
    fields = json_object(reply.body)
    if not is_success(reply):
        return Refused(
            code=error_code(reply, fields),
            http_status=reply.status,
            message=error_message(fields, (credentials.password, credentials.username)),
            latency_seconds=latency_seconds,
        )
    tokens = _tokens(fields.get("AuthenticationResult"))
    if tokens:
        return SignedIn(tokens=tokens, latency_seconds=latency_seconds)
    challenge = fields.get("ChallengeName")
    if isinstance(challenge, str) and challenge:
        return Challenged(name=challenge, latency_seconds=latency_seconds)
    return EmptyAnswer(latency_seconds=latency_seconds)


def _tokens(result: Any) -> Tokens | None:
    if not isinstance(result, dict):
        return None
    identity, access = result.get("IdToken"), result.get("AccessToken")
    if isinstance(identity, str) and isinstance(access, str) and identity and access:
        return Tokens(identity=identity, access=access)
    return None
