"""Detects the Region of a managed login page: only the replica refuses sign-ups.

The form is sent with a password that no policy accepts, so no Region creates a user.
"""

import http.client
import re
import ssl
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

from failoverctl.measure.context import MeasurementContext
from failoverctl.measure.resource_names import UNKNOWN_USERNAME

UNREADABLE = "no form that could be sent"

_TIMEOUT_SECONDS = 5
_MAX_PAGE_BYTES = 512 * 1024


class SignUpPage:
    """The sign-up page of managed login.

    Parameters
    ----------
    context
        The outside of the measurement.

    """

    def __init__(self, context: MeasurementContext) -> None:
        self._domain = context.deployment.managed_login_domain
        self._client_id = context.deployment.client_id
        self._ssl_context = ssl.create_default_context()

    def submit_sign_up(self) -> str:
        """Send an invalid sign-up. Return the HTTP status and the text of the answer, or `UNREADABLE`."""
        path = f"/signup?{urlencode({'client_id': self._client_id, 'response_type': 'code'})}"
        try:
            status, cookie, text = self._send_request("GET", path)
            form = _FirstFormParser()
            form.feed(text)
            if form.action is None:
                return UNREADABLE
            form_values = {name: value or _FORM_VALUES.get(name, "x") for name, value in form.fields.items()}
            target = urlsplit(form.action)
            form_path = f"{target.path or '/signup'}?{target.query}"
            status, _, text = self._send_request("POST", form_path, body=urlencode(form_values), cookie=cookie)
        except (OSError, http.client.HTTPException):
            return UNREADABLE
        return f"{status} {_extract_text(text)}"

    def _send_request(self, method: str, path: str, *, body: str = "", cookie: str = "") -> tuple[int, str, str]:
        connection = http.client.HTTPSConnection(self._domain, timeout=_TIMEOUT_SECONDS, context=self._ssl_context)
        headers = {"Content-Type": "application/x-www-form-urlencoded"} | ({"Cookie": cookie} if cookie else {})
        try:
            connection.request(method, path, body=body or None, headers=headers)
            response = connection.getresponse()
            received_cookies = SimpleCookie()
            for header in response.headers.get_all("set-cookie", []):
                received_cookies.load(header)
            cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in received_cookies.items())
            return response.status, cookies, response.read(_MAX_PAGE_BYTES).decode("utf-8", "replace")
        finally:
            connection.close()


_FORM_VALUES = {"username": UNKNOWN_USERNAME, "email": f"{UNKNOWN_USERNAME}@cognito-failover.invalid", "password": "x"}


class _FirstFormParser(HTMLParser):
    """The first form of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.action: str | None = None
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "form" and self.action is None:
            self.action = attributes.get("action") or ""
        elif tag == "input" and self.action is not None and attributes.get("name"):
            self.fields[str(attributes["name"])] = attributes.get("value") or ""


def _extract_text(text: str) -> str:
    """Return the first 300 characters of a page's text, without tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)).strip()[:300]
