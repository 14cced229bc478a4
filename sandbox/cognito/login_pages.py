"""The pages of managed login, and their forms. A form is valid only in the Region that created it."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from http import HTTPStatus
from http.cookies import SimpleCookie
from urllib.parse import parse_qs

from sandbox.cognito.opaque_handles import OpaqueHandles
from sandbox.cognito.wire import parse_json_object
from sandbox.http_messages import EndpointRequest, EndpointResponse

_FORM_SECONDS = 5 * 60
_FORM_COOKIE = "XSRF-TOKEN"
_FORM_FIELD = "_csrf"


class CsrfForms:
    """Forms with a token that ties them to the browser and the Region that they were created for.

    Parameters
    ----------
    clock
        Returns the time in seconds.

    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._tokens: OpaqueHandles[bool] = OpaqueHandles(clock, _FORM_SECONDS)

    def build_page(
        self,
        request: EndpointRequest,
        *,
        title: str,
        fields: Sequence[str],
        hidden: Mapping[str, str],
        message: str = "",
    ) -> EndpointResponse:
        """Return a page with a form that posts to the same URL.

        Parameters
        ----------
        fields, hidden
            The names of the visible fields, and the hidden fields with their values.
        message
            The error of the previous attempt.

        """
        token = self._tokens.issue(request.region, content=True)
        values = {_FORM_FIELD: token, **hidden}
        inputs = [f'<input type="hidden" name="{escape(name)}" value="{escape(values[name])}">' for name in values]
        inputs += [
            f'<p><label>{name} <input name="{name}"{_get_input_type(name)} required></label></p>' for name in fields
        ]
        alert = f'<p role="alert">{escape(message)}</p>' if message else ""
        action = escape(f"{request.path}?{request.query}")
        form = f'<form method="post" action="{action}">{"".join(inputs)}<button>{escape(title)}</button></form>'
        return with_cookie(build_page(HTTPStatus.OK, title, alert + form), _FORM_COOKIE, token, seconds=_FORM_SECONDS)

    def is_valid_submission(self, request: EndpointRequest) -> bool:
        """Return whether a request is a form of this Region that has not expired."""
        token = parse_form(request).get(_FORM_FIELD, "")
        return token == read_cookie(request, _FORM_COOKIE) and self._tokens.find(request.region, token) is not None


def build_page(status: int, title: str, content: str) -> EndpointResponse:
    """Return a page; ``content`` is HTML."""
    body = f'<!DOCTYPE html><html lang="en"><title>{escape(title)}</title><h1>{escape(title)}</h1>{content}</html>'
    headers = {"content-type": "text/html;charset=utf-8", "cache-control": "no-store"}
    return EndpointResponse(status=status, headers=headers, body=body.encode())


def build_error_page(status: int, message: str) -> EndpointResponse:
    """Return a page with an error message."""
    return build_page(
        status, "An error was encountered with the requested page.", f'<p role="alert">{escape(message)}</p>'
    )


def build_refusal_page(refusal: EndpointResponse, build_form: Callable[[str], EndpointResponse]) -> EndpointResponse:
    """Return the page for an operation's error. It is the form again if the user can correct the input.

    Parameters
    ----------
    refusal
        The API's error response.
    build_form
        Returns the form page with a message.

    """
    error = parse_json_object(refusal)
    message, code = str(error.get("message", "")), error.get("__type")
    if refusal.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return build_error_page(HTTPStatus.INTERNAL_SERVER_ERROR, message)
    if code == "TooManyRequestsException":
        return build_error_page(HTTPStatus.TOO_MANY_REQUESTS, message)
    if code in {"OperationNotEnabledException", "ResourceNotFoundException"}:
        return build_error_page(HTTPStatus.BAD_REQUEST, message)
    return build_form(message)


def parse_form(request: EndpointRequest) -> dict[str, str]:
    """Return the fields of a submitted form."""
    return {name: values[0] for name, values in parse_qs(request.body.decode("utf-8", "replace")).items()}


def read_cookie(request: EndpointRequest, name: str) -> str:
    """Return a cookie's value, or an empty string."""
    cookie = SimpleCookie(request.headers.get("cookie", "")).get(name)
    return cookie.value if cookie else ""


def with_cookie(response: EndpointResponse, name: str, value: str, *, seconds: int) -> EndpointResponse:
    """Return a copy of a response that sets one cookie for a number of seconds."""
    cookie = f"{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax"
    return EndpointResponse(
        status=response.status, headers={**response.headers, "set-cookie": cookie}, body=response.body
    )


def _get_input_type(field: str) -> str:
    return ' type="password"' if "password" in field else ""
