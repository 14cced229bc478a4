"""Unsigned Cognito calls, as apps make them: in a given Region, without retries."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cognito_failover.probe.cognito_response import get_error_code, get_error_message, is_success, parse_json_object
from cognito_failover.probe.https_client import NoResponseError
from cognito_failover.probe.login import build_cognito_endpoint
from failoverctl.measure.context import MeasurementContext
from failoverctl.measure.measurement import MeasurementError

SUCCESS = "answered"
"""The result code of a success. A refusal has Cognito's error code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CognitoCallResult:
    """The result of an operation.

    Attributes
    ----------
    code
        Error code of a refusal, or `SUCCESS`.
    message
        Cognito's error message, without the secrets of the request.
    fields
        Fields of a success. They may hold tokens, so they are never shown.
    seconds
        Duration.

    """

    code: str
    message: str
    seconds: float
    fields: Mapping[str, Any] = field(repr=False)

    @property
    def is_success(self) -> bool:
        """Whether the operation succeeded."""
        return self.code == SUCCESS


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInTokens:
    """Tokens of one sign-in. They are never shown."""

    id_token: str = field(repr=False)
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    seconds: float


def call_cognito(
    context: MeasurementContext, region: str, operation: str, request: Mapping[str, Any]
) -> CognitoCallResult:
    """Call an operation.

    Raises
    ------
    MeasurementError
        If the Region gives no HTTP answer.

    """
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}",
    }
    started_at = context.monotonic()
    try:
        response = context.https.post(
            build_cognito_endpoint(region), headers=headers, body=json.dumps(request).encode()
        )
    except NoResponseError as error:
        raise MeasurementError(
            f"{operation} in {region} got no answer: {error.kind}. Measure again when the Region is healthy."
        ) from None
    seconds = context.monotonic() - started_at
    content = parse_json_object(response.body)
    if is_success(response):
        return CognitoCallResult(code=SUCCESS, message="", fields=content, seconds=seconds)
    message = get_error_message(content, tuple(_collect_secrets(request)))
    return CognitoCallResult(code=get_error_code(response, content), message=message, fields={}, seconds=seconds)


def sign_in(context: MeasurementContext, region: str) -> SignInTokens:
    """Sign in as the canary.

    Raises
    ------
    MeasurementError
        If Cognito refuses the sign-in.

    """
    credentials = context.read_credentials()
    request = {
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": context.deployment.client_id,
        "AuthParameters": {"USERNAME": credentials.username, "PASSWORD": credentials.password},
    }
    call_result = call_cognito(context, region, "InitiateAuth", request)
    tokens = call_result.fields.get("AuthenticationResult")
    if not isinstance(tokens, dict):
        details = f"{call_result.code} {call_result.message}".rstrip()
        raise MeasurementError(
            f"{region} refuses the canary's sign-in ({details}). failoverctl preflight shows the problem."
        )
    return SignInTokens(
        id_token=str(tokens["IdToken"]),
        access_token=str(tokens["AccessToken"]),
        refresh_token=str(tokens.get("RefreshToken", "")),
        seconds=call_result.seconds,
    )


def _collect_secrets(request: Mapping[str, Any]) -> list[str]:
    """Return every long text in a request, to remove it from messages."""
    texts: list[str] = []
    for value in request.values():
        if isinstance(value, Mapping):
            texts += _collect_secrets(value)
        elif isinstance(value, str) and len(value) > len("DISABLED"):
            texts.append(value)
    return texts
