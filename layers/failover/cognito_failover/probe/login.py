"""One login attempt: the same unsigned ``InitiateAuth`` that users' apps send.

No SDK is used. The same call goes to Cognito's endpoint and to the user's target, where the server name differs from
the host. Also, an SDK adds retries, kept connections and credentials, which a probe must not have.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cognito_failover.core.probe_result import (
    STATUS_PREFIX,
    Challenged,
    EmptySuccess,
    ErrorResponse,
    IntermediaryResponse,
    NoResponse,
    ProbeResult,
    SignInSuccess,
    Tokens,
)
from cognito_failover.probe.canary_credentials import Credentials
from cognito_failover.probe.cognito_response import (
    find_intermediary,
    get_error_code,
    get_error_message,
    is_json_object,
    is_success,
    parse_json_object,
)
from cognito_failover.probe.https_client import HttpResponse, HttpsClient, HttpsEndpoint, NoResponseError

_OK = 200

_HEADERS = {
    "Content-Type": "application/x-amz-json-1.1",
    "X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth",
}


def build_cognito_endpoint(region: str) -> HttpsEndpoint:
    """Return the endpoint of Cognito's API in a Region."""
    host = f"cognito-idp.{region}.amazonaws.com"
    return HttpsEndpoint(host=host, server_name=host)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginClient:
    """Signs the canary in, once per call.

    Attributes
    ----------
    client_id
        The app client's id, the same in both Regions.
    https
        Sends the request.
    monotonic
        Measures latency, in seconds.

    """

    client_id: str
    https: HttpsClient
    monotonic: Callable[[], float]

    def sign_in(self, endpoint: HttpsEndpoint, credentials: Credentials) -> ProbeResult:
        """Try to sign in at an endpoint, once, and return the result."""
        body = {
            "AuthFlow": "USER_PASSWORD_AUTH",
            "ClientId": self.client_id,
            "AuthParameters": {"USERNAME": credentials.username, "PASSWORD": credentials.password},
        }
        started_at = self.monotonic()
        try:
            response = self.https.post(endpoint, headers=_HEADERS, body=json.dumps(body).encode())
        except NoResponseError as error:
            return NoResponse(kind=error.kind)
        return parse_login_response(response, latency_seconds=self.monotonic() - started_at, credentials=credentials)

    def ask_without_user(self, endpoint: HttpsEndpoint) -> NoResponse | int:
        """Return the HTTP status of a sign-in without a user, or the failure.

        Cognito refuses it with a 400 before it looks for a user. So it neither counts towards a lockout nor runs a
        trigger, and a server error says as much about the Region as that of a sign-in.
        """
        body = {"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": self.client_id, "AuthParameters": {}}
        try:
            return self.https.post(endpoint, headers=_HEADERS, body=json.dumps(body).encode()).status
        except NoResponseError as error:
            return NoResponse(kind=error.kind)


def parse_login_response(response: HttpResponse, *, latency_seconds: float, credentials: Credentials) -> ProbeResult:
    """Return the result that an HTTP response means. Pure. The credentials are only used to mask them."""
    fields = parse_json_object(response.body)
    intermediary = find_intermediary(response)
    if not intermediary and is_success(response) and (response.status != _OK or not is_json_object(response.body)):
        intermediary = f"{STATUS_PREFIX}{response.status}"  # Cognito's API answers a success with 200 and JSON only
    if intermediary:
        return IntermediaryResponse(code=intermediary, http_status=response.status, latency_seconds=latency_seconds)
    if not is_success(response):
        return ErrorResponse(
            code=get_error_code(response, fields),
            http_status=response.status,
            message=get_error_message(fields, (credentials.password, credentials.username)),
            latency_seconds=latency_seconds,
        )
    tokens = _parse_tokens(fields.get("AuthenticationResult"))
    if tokens:
        return SignInSuccess(tokens=tokens, latency_seconds=latency_seconds)
    challenge = fields.get("ChallengeName")
    if isinstance(challenge, str) and challenge:
        return Challenged(name=challenge, latency_seconds=latency_seconds)
    return EmptySuccess(latency_seconds=latency_seconds)


def _parse_tokens(result: Any) -> Tokens | None:
    if not isinstance(result, dict):
        return None
    id_token, access_token = result.get("IdToken"), result.get("AccessToken")
    if isinstance(id_token, str) and isinstance(access_token, str) and id_token and access_token:
        return Tokens(id_token=id_token, access_token=access_token)
    return None
