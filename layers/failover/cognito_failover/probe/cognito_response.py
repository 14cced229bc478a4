"""Parses responses of Cognito's JSON API: the document, or the error code and message. Pure."""

import json
from collections.abc import Iterable
from typing import Any

from cognito_failover.probe.https_client import HttpResponse

MAX_MESSAGE_LENGTH = 200
"""Maximum length of a kept error message, in characters."""

_OK = 200
_REDIRECT = 300


def is_success(response: HttpResponse) -> bool:
    """Return whether the call succeeded."""
    return _OK <= response.status < _REDIRECT


def parse_json_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object in a body, or an empty one if the body has none."""
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def get_error_code(response: HttpResponse, fields: dict[str, Any]) -> str:
    """Return the service's error code, or such as ``HTTP 502`` if the response has none."""
    # Both sources may have a namespace before a hash, or a URL after a colon.
    name = fields.get("__type") or response.headers.get("x-amzn-errortype") or ""
    code = str(name).split(":")[0].rpartition("#")[2].strip()
    return code or f"HTTP {response.status}"


def get_error_message(fields: dict[str, Any], secrets: Iterable[str]) -> str:
    """Return the service's error message, shortened, with secrets masked."""
    text = str(fields.get("message") or fields.get("Message") or "")
    for secret in secrets:
        text = text.replace(secret, "***")
    return text[:MAX_MESSAGE_LENGTH]
