"""Cognito as users' apps call it: unsigned, in a Region of one's choice, one attempt each."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from failover.probe.https import SilenceError
from failover.probe.login import cognito_endpoint
from failover.probe.reply import error_code, error_message, is_success, json_object
from failoverctl.measure.measurement import MeasureError
from failoverctl.measure.site import Site

ANSWERED = "answered"
"""What stands for a success, where a refusal has its code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What an operation answered.

    Attributes
    ----------
    code
        The refusal's; `ANSWERED` if it was none.
    message
        Cognito's words of a refusal, without what was secret in the request.
    fields
        Of a success; may hold tokens, so never shown.
    seconds
        How long it took.

    """

    code: str
    message: str
    seconds: float
    fields: Mapping[str, Any] = field(repr=False)

    @property
    def is_success(self) -> bool:
        """Whether it was done."""
        return self.code == ANSWERED


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """The tokens of one sign-in; never shown."""

    identity: str = field(repr=False)
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    seconds: float


def call(site: Site, region: str, operation: str, request: Mapping[str, Any]) -> Reply:
    """Call an operation.

    Raises
    ------
    MeasureError
        If the Region gives no HTTP answer.

    """
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}",
    }
    began = site.monotonic()
    try:
        reply = site.https.post(cognito_endpoint(region), headers=headers, body=json.dumps(request).encode())
    except SilenceError as error:
        raise MeasureError(f"{operation} in {region} got no answer: {error.kind}. Measure on a calm day.") from None
    seconds = site.monotonic() - began
    found = json_object(reply.body)
    if is_success(reply):
        return Reply(code=ANSWERED, message="", fields=found, seconds=seconds)
    said = error_message(found, tuple(_secrets(request)))
    return Reply(code=error_code(reply, found), message=said, fields={}, seconds=seconds)


def sign_in(site: Site, region: str) -> SignedIn:
    """Sign the canary in.

    Raises
    ------
    MeasureError
        If it isn't let in.

    """
    known = site.credentials()
    request = {
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": site.subject.client_id,
        "AuthParameters": {"USERNAME": known.username, "PASSWORD": known.password},
    }
    reply = call(site, region, "InitiateAuth", request)
    result = reply.fields.get("AuthenticationResult")
    if not isinstance(result, dict):
        raise MeasureError(
            f"{region} does not sign the canary in ({reply.code} {reply.message}".rstrip() + "): failoverctl preflight "
            "says what is wrong."
        )
    return SignedIn(
        identity=str(result["IdToken"]),
        access=str(result["AccessToken"]),
        refresh=str(result.get("RefreshToken", "")),
        seconds=reply.seconds,
    )


def _secrets(request: Mapping[str, Any]) -> list[str]:
    """Return every text in a request: none of them may come back in a message."""
    texts: list[str] = []
    for value in request.values():
        if isinstance(value, Mapping):
            texts += _secrets(value)
        elif isinstance(value, str) and len(value) > len("DISABLED"):
            texts.append(value)
    return texts
