"""Scripted HTTPS servers and Cognito responses for the probe's integration tests."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cognito_failover.probe.https_client import HttpsEndpoint

DOMAIN = "auth.example.com"
LOGIN_HOST = "cognito-idp.test"
KID = "key-1"
NOW = 1_800_000_000.0

type StubResponse = tuple[int, dict[str, Any]]


@dataclass(kw_only=True)
class StubServer:
    """An HTTPS server with scripted responses, which records its requests."""

    endpoint: HttpsEndpoint
    respond: Callable[[str, dict[str, Any]], StubResponse] = lambda _path, _body: (404, {})
    requests: list[dict[str, Any]] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    user_agents: list[str] = field(default_factory=list)

    @property
    def sign_ins(self) -> list[dict[str, Any]]:
        return [body for body in self.requests if body.get("AuthParameters")]


@dataclass(frozen=True, kw_only=True)
class ProbeCertificateAuthority:
    """A certificate authority, a client context that trusts it, and server contexts with its certificates."""

    client_context: ssl.SSLContext
    server_context: Callable[[str], ssl.SSLContext]
    bundle: Path


def make_error(code: str, status: int = 400, message: str = "") -> StubResponse:
    return status, {"__type": code, "message": message}


def make_constant_response(response: StubResponse) -> Callable[[str, dict[str, Any]], StubResponse]:
    return lambda _path, _body: response
