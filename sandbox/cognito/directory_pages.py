"""The pages of managed login on which users change the directory: the primary's business, like the calls behind."""

from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qs

from sandbox.cognito.domain import CustomDomain
from sandbox.cognito.login_pages import Forms, error_page, form_of, page, refused_page
from sandbox.cognito.perform import Perform
from sandbox.cognito.wire import Document
from sandbox.exchange import Request, Response


@dataclass(frozen=True, slots=True)
class _Write:
    operation: str
    title: str
    asked: tuple[str, ...]


_WRITES = {
    "/signup": _Write("SignUp", "Sign up", ("username", "password", "email")),
    "/forgotPassword": _Write("ForgotPassword", "Reset my password", ("username",)),
    "/confirmForgotPassword": _Write("ConfirmForgotPassword", "Change my password", ("username", "code", "password")),
    "/confirmUser": _Write("ConfirmSignUp", "Confirm my account", ("username", "code")),
}
_NAMES = {"username": "Username", "password": "Password", "code": "ConfirmationCode"}

DIRECTORY_PATHS = frozenset(_WRITES)


class DirectoryPages:
    """Sign-up and password reset."""

    def __init__(self, *, forms: Forms, perform: Perform) -> None:
        self._forms = forms
        self._perform = perform

    def show(self, request: Request, message: str = "") -> Response:
        """Show the form of a path in `DIRECTORY_PATHS`."""
        write = _WRITES[request.path]
        return self._forms.page(request, title=write.title, asked=write.asked, hidden={}, message=message)

    async def send(self, request: Request, domain: CustomDomain) -> Response:
        """Do what a form of a path in `DIRECTORY_PATHS` asks for."""
        if not self._forms.accepts(request):
            return error_page(HTTPStatus.BAD_REQUEST, "This page has expired or came from elsewhere. Start again.")
        write = _WRITES[request.path]
        response = await self._perform(write.operation, domain.account, request.region, _document(request, write))
        if response.status != HTTPStatus.OK:
            return refused_page(response, lambda message: self.show(request, message))
        return page(HTTPStatus.OK, write.title, "<p>Done.</p>")


def _document(request: Request, write: _Write) -> Document:
    form = form_of(request)
    document: Document = {_NAMES[field]: form.get(field, "") for field in write.asked if field in _NAMES}
    if "email" in write.asked:
        document["UserAttributes"] = [{"Name": "email", "Value": form.get("email", "")}]
    return document | {"ClientId": parse_qs(request.query).get("client_id", [""])[0]}
