"""What the probe's integration tests share: servers that answer as told, and the answers of Cognito."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from failover.probe.https import Endpoint

DOMAIN = "auth.example.com"
LOGIN_HOST = "cognito-idp.test"
KID = "key-1"
NOW = 1_800_000_000.0

type Answer = tuple[int, dict[str, Any]]


@dataclass(kw_only=True)
class Server:
    """An HTTPS server that answers as it is told, and remembers what it was asked."""

    endpoint: Endpoint
    answer: Callable[[str, dict[str, Any]], Answer] = lambda _path, _body: (404, {})
    seen: list[dict[str, Any]] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)

    @property
    def logins(self) -> list[dict[str, Any]]:
        return [body for body in self.seen if "AuthFlow" in body]


@dataclass(frozen=True, kw_only=True)
class Authority:
    """A certificate authority, and contexts that trust or present what it signs."""

    trusting: ssl.SSLContext
    presenting: Callable[[str], ssl.SSLContext]
    bundle: Path


def error(code: str, status: int = 400, message: str = "") -> Answer:
    return status, {"__type": code, "message": message}


def always(answer: Answer) -> Callable[[str, dict[str, Any]], Answer]:
    return lambda _path, _body: answer
