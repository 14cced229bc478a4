"""A client outside AWS that signs in through a custom domain, over TLS."""

import http.client
import json
import re
import socket
import ssl
from contextlib import closing
from html import unescape
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import dns.resolver

from sandbox.client import SandboxClient
from sandbox.reference_setup.managed_login import ManagedLoginSetup
from tests.support import load_scaling

_TIMEOUT_SECONDS = load_scaling.scale_seconds(20)


class ManagedLoginVisitor:
    """A browser without cookies, and the app."""

    def __init__(self, sandbox: SandboxClient, login: ManagedLoginSetup) -> None:
        self._sandbox = sandbox
        self._login = login
        self._cookies: dict[str, str] = {}

    def resolve_address(self) -> str:
        """Resolve the domain through the sandbox's resolver."""
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers = [self._sandbox.network.resolver]
        resolver.port = self._sandbox.description["ports"]["dns"]
        return str(resolver.resolve(self._login.domain, "A")[0])

    def sign_in(self, username: str, password: str) -> dict[str, Any]:
        """Return the tokens, or the error."""
        return self.exchange(self.request_code(username, password))

    def request_code(self, username: str, password: str) -> str:
        """Sign in on the pages and return the authorization code."""
        query = urlencode(
            {
                "response_type": "code",
                "client_id": self._login.client_id,
                "redirect_uri": self._login.callback_url,
                "scope": "openid",
            }
        )
        status, headers, _ = self.request("GET", f"/oauth2/authorize?{query}")
        assert status == 302
        _, _, page = self.request("GET", headers["location"])
        [action] = re.findall(r'action="([^"]*)"', page)
        hidden = dict(re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', page))
        form = hidden | {"username": username, "password": password}
        status, headers, page = self.request("POST", unescape(action), form)
        assert status == 302, page
        return parse_qs(urlsplit(headers["location"]).query)["code"][0]

    def exchange(self, code: str) -> dict[str, Any]:
        """Exchange a code for tokens."""
        form = {
            "grant_type": "authorization_code",
            "client_id": self._login.client_id,
            "code": code,
            "redirect_uri": self._login.callback_url,
        }
        answered: dict[str, Any] = json.loads(self.request("POST", "/oauth2/token", form)[2])
        return answered

    def request(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, dict[str, str], str]:
        """Return status, headers with names in lower case, and body."""
        connection = _PinnedHttpsConnection(self.resolve_address(), self._sandbox, self._login.domain)
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()),
        }
        with closing(connection):
            connection.request(method, path, body=urlencode(form or {}), headers=headers)
            response = connection.getresponse()
            body = response.read().decode()
        for name, morsel in SimpleCookie(response.getheader("set-cookie", "")).items():
            self._cookies[name] = morsel.value
        return response.status, {name.lower(): value for name, value in response.getheaders()}, body


class _PinnedHttpsConnection(http.client.HTTPSConnection):
    """A connection to an address whose certificate must match a name."""

    def __init__(self, address: str, sandbox: SandboxClient, name: str) -> None:
        super().__init__(name, timeout=_TIMEOUT_SECONDS)
        self._destination = (address, sandbox.description["ports"]["https"])
        self._ssl_context = ssl.create_default_context(cafile=str(sandbox.certificate))

    def connect(self) -> None:
        # Stored first, so that close() also closes it if the handshake fails.
        self.sock = socket.create_connection(self._destination, timeout=_TIMEOUT_SECONDS)
        self.sock = self._ssl_context.wrap_socket(self.sock, server_hostname=self.host)
