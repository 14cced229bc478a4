"""The pages of managed login on which users sign in."""

from collections.abc import Mapping
from http import HTTPStatus

from sandbox.cognito.domain import CustomDomain
from sandbox.cognito.login_pages import Forms, error_page, form_of, refused_page
from sandbox.cognito.perform import Perform
from sandbox.cognito.pools import claims_of
from sandbox.cognito.wire import Document, document_of
from sandbox.exchange import Request, Response

_CHALLENGE_ANSWERS = {
    "EMAIL_OTP": "EMAIL_OTP_CODE",
    "NEW_PASSWORD_REQUIRED": "NEW_PASSWORD",
    "SMS_MFA": "SMS_MFA_CODE",
    "SOFTWARE_TOKEN_MFA": "SOFTWARE_TOKEN_MFA_CODE",
}
"""The challenges there are pages for, and what answers each."""


class SignInPages:
    """User name and password, then whatever else the pool asks for."""

    def __init__(self, *, forms: Forms, perform: Perform) -> None:
        self._forms = forms
        self._perform = perform

    def show(self, request: Request, message: str = "") -> Response:
        """Show the first form."""
        return self._forms.page(request, title="Sign in", asked=("username", "password"), hidden={}, message=message)

    async def send(self, request: Request, domain: CustomDomain, client_id: str) -> str | Response:
        """Return the name of the user that a form has signed in, or the next page."""
        if not self._forms.accepts(request):
            return error_page(HTTPStatus.BAD_REQUEST, "Your sign-in has expired or began elsewhere. Start again.")
        form = form_of(request)
        operation, document = _sign_in(client_id, form)
        response = await self._perform(operation, domain.account, request.region, document)
        if response.status != HTTPStatus.OK:
            return refused_page(response, lambda message: self.show(request, message))
        answered = document_of(response)
        if "ChallengeName" in answered:
            return self._challenge(request, form, answered)
        return str(claims_of(answered["AuthenticationResult"]["AccessToken"])["username"])

    def _challenge(self, request: Request, form: Mapping[str, str], answered: Document) -> Response:
        challenge = answered["ChallengeName"]
        if challenge not in _CHALLENGE_ANSWERS:
            return error_page(HTTPStatus.BAD_REQUEST, f"The sandbox has no page for the challenge {challenge}.")
        hidden = {"challenge": challenge, "session": answered.get("Session", ""), "username": form["username"]}
        return self._forms.page(
            request, title="Continue", asked=(_CHALLENGE_ANSWERS[challenge].lower(),), hidden=hidden
        )


def _sign_in(client_id: str, form: Mapping[str, str]) -> tuple[str, Document]:
    """Return the operation by which a form's content signs in, and its document."""
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
