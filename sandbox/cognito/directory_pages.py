"""Managed login's pages for sign-up and password reset. Only the primary supports their operations."""

from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qs

from sandbox.cognito.domain import CustomDomain
from sandbox.cognito.login_pages import CsrfForms, build_error_page, build_page, build_refusal_page, parse_form
from sandbox.cognito.operations import PerformOperation
from sandbox.cognito.wire import JsonObject
from sandbox.http_messages import EndpointRequest, EndpointResponse


@dataclass(frozen=True, slots=True)
class _WriteForm:
    operation: str
    title: str
    fields: tuple[str, ...]


_WRITE_FORMS = {
    "/signup": _WriteForm("SignUp", "Sign up", ("username", "password", "email")),
    "/forgotPassword": _WriteForm("ForgotPassword", "Reset my password", ("username",)),
    "/confirmForgotPassword": _WriteForm(
        "ConfirmForgotPassword", "Change my password", ("username", "code", "password")
    ),
    "/confirmUser": _WriteForm("ConfirmSignUp", "Confirm my account", ("username", "code")),
}
_PARAMETER_NAMES = {"username": "Username", "password": "Password", "code": "ConfirmationCode"}

DIRECTORY_PATHS = frozenset(_WRITE_FORMS)


class DirectoryPages:
    """Sign-up and password reset."""

    def __init__(self, *, forms: CsrfForms, perform_operation: PerformOperation) -> None:
        self._forms = forms
        self._perform_operation = perform_operation

    def show_form(self, request: EndpointRequest, message: str = "") -> EndpointResponse:
        """Show the form of a path in `DIRECTORY_PATHS`."""
        write = _WRITE_FORMS[request.path]
        return self._forms.build_page(request, title=write.title, fields=write.fields, hidden={}, message=message)

    async def submit_form(self, request: EndpointRequest, domain: CustomDomain) -> EndpointResponse:
        """Process a submitted form of a path in `DIRECTORY_PATHS`."""
        if not self._forms.is_valid_submission(request):
            return build_error_page(
                HTTPStatus.BAD_REQUEST, "This page has expired or came from elsewhere. Start again."
            )
        write = _WRITE_FORMS[request.path]
        response = await self._perform_operation(
            write.operation, domain.account, request.region, _build_document(request, write)
        )
        if response.status != HTTPStatus.OK:
            return build_refusal_page(response, lambda message: self.show_form(request, message))
        return build_page(HTTPStatus.OK, write.title, "<p>Done.</p>")


def _build_document(request: EndpointRequest, write_form: _WriteForm) -> JsonObject:
    form = parse_form(request)
    document: JsonObject = {
        _PARAMETER_NAMES[field]: form.get(field, "") for field in write_form.fields if field in _PARAMETER_NAMES
    }
    if "email" in write_form.fields:
        document["UserAttributes"] = [{"Name": "email", "Value": form.get("email", "")}]
    return document | {"ClientId": parse_qs(request.query).get("client_id", [""])[0]}
