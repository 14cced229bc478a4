"""By what a page of managed login gives away which Region it comes from: the replica refuses to sign anybody up.

A form is sent with a password that no policy takes, so that no Region makes a user of it.
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
    """The page for signing up.

    Parameters
    ----------
    site
        Where.

    """

    def __init__(self, context: MeasurementContext) -> None:
        self._domain = context.deployment.managed_login_domain
        self._client_id = context.deployment.client_id
        self._context = ssl.create_default_context()

    def submit_sign_up(self) -> str:
        """Return the status and the words that a sign-up is answered with, which no user can come of."""
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
        connection = http.client.HTTPSConnection(self._domain, timeout=_TIMEOUT_SECONDS, context=self._context)
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
        given = dict(attrs)
        if tag == "form" and self.action is None:
            self.action = given.get("action") or ""
        elif tag == "input" and self.action is not None and given.get("name"):
            self.fields[str(given["name"])] = given.get("value") or ""


def _extract_text(text: str) -> str:
    """Return the words of a page without its tags, and without what differs each time."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)).strip()[:300]
