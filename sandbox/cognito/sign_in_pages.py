"""Managed login's pages for sign-in."""

from collections.abc import Mapping
from http import HTTPStatus

from sandbox.cognito.domain import CustomDomain
from sandbox.cognito.login_pages import CsrfForms, build_error_page, build_refusal_page, parse_form
from sandbox.cognito.operations import PerformOperation
from sandbox.cognito.pools import parse_claims
from sandbox.cognito.wire import JsonObject, parse_json_object
from sandbox.http_messages import EndpointRequest, EndpointResponse

_CHALLENGE_ANSWERS = {
    "EMAIL_OTP": "EMAIL_OTP_CODE",
    "NEW_PASSWORD_REQUIRED": "NEW_PASSWORD",
    "SMS_MFA": "SMS_MFA_CODE",
    "SOFTWARE_TOKEN_MFA": "SOFTWARE_TOKEN_MFA_CODE",
}
"""The supported challenges, and the name of each one's answer."""


class SignInPages:
    """Forms for username and password, and for the pool's challenges."""

    def __init__(self, *, forms: CsrfForms, perform_operation: PerformOperation) -> None:
        self._forms = forms
        self._perform_operation = perform_operation

    def show_form(self, request: EndpointRequest, message: str = "") -> EndpointResponse:
        """Show the first form."""
        return self._forms.build_page(
            request, title="Sign in", fields=("username", "password"), hidden={}, message=message
        )

    async def submit_form(
        self, request: EndpointRequest, domain: CustomDomain, client_id: str
    ) -> str | EndpointResponse:
        """Return the username after a successful sign-in, or the next page."""
        if not self._forms.is_valid_submission(request):
            return build_error_page(HTTPStatus.BAD_REQUEST, "Your sign-in has expired or began elsewhere. Start again.")
        form = parse_form(request)
        operation, document = _build_sign_in(client_id, form)
        response = await self._perform_operation(operation, domain.account, request.region, document)
        if response.status != HTTPStatus.OK:
            return build_refusal_page(response, lambda message: self.show_form(request, message))
        document = parse_json_object(response)
        if "ChallengeName" in document:
            return self._show_challenge(request, form, document)
        return str(parse_claims(document["AuthenticationResult"]["AccessToken"])["username"])

    def _show_challenge(
        self, request: EndpointRequest, form: Mapping[str, str], document: JsonObject
    ) -> EndpointResponse:
        challenge = document["ChallengeName"]
        if challenge not in _CHALLENGE_ANSWERS:
            return build_error_page(HTTPStatus.BAD_REQUEST, f"The sandbox has no page for the challenge {challenge}.")
        hidden = {"challenge": challenge, "session": document.get("Session", ""), "username": form["username"]}
        return self._forms.build_page(
            request, title="Continue", fields=(_CHALLENGE_ANSWERS[challenge].lower(),), hidden=hidden
        )


def _build_sign_in(client_id: str, form: Mapping[str, str]) -> tuple[str, JsonObject]:
    """Return the operation and the document of a form's sign-in."""
    username, challenge = form.get("username", ""), form.get("challenge", "")
    if challenge in _CHALLENGE_ANSWERS:
        field = _CHALLENGE_ANSWERS[challenge]
        return "RespondToAuthChallenge", {
            "ClientId": client_id,
            "ChallengeName": challenge,
            "Session": form.get("session", ""),
            "ChallengeResponses": {"USERNAME": username, field: form.get(field.lower(), "")},
        }
    return "InitiateAuth", {
        "ClientId": client_id,
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": username, "PASSWORD": form.get("password", "")},
    }
