"""Parses responses of Cognito's JSON API: the document, or the error code and message. Pure."""

import json
from collections.abc import Iterable
from typing import Any

from cognito_failover.core.probe_result import STATUS_PREFIX
from cognito_failover.probe.https_client import HttpResponse

MAX_MESSAGE_LENGTH = 200
"""Maximum length of a kept error message, in characters."""

_OK = 200
_REDIRECT = 300

_WAF_ACTION_HEADER = "x-amzn-waf-action"
"""AWS WAF adds it to a challenge (HTTP 202) and to a CAPTCHA (HTTP 405)."""


def is_success(response: HttpResponse) -> bool:
    """Return whether the call succeeded."""
    return _OK <= response.status < _REDIRECT


def find_intermediary(response: HttpResponse) -> str:
    """Return the code of an intermediary that answered in the place of the service; empty if the service answered."""
    action = response.headers.get(_WAF_ACTION_HEADER, "")
    return f"waf-{action.lower()}" if action else ""


def parse_json_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object in a body, or an empty one if the body has none."""
    return _decode_object(body) or {}


def is_json_object(body: bytes) -> bool:
    """Return whether a body is a JSON object, as each body of Cognito is."""
    return _decode_object(body) is not None


def _decode_object(body: bytes) -> dict[str, Any] | None:
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return fields if isinstance(fields, dict) else None


def get_error_code(response: HttpResponse, fields: dict[str, Any]) -> str:
    """Return the service's error code, or its status, such as ``HTTP 502``."""
    # Both sources may have a namespace before a hash, or a URL after a colon.
    name = fields.get("__type") or response.headers.get("x-amzn-errortype") or ""
    code = str(name).split(":")[0].rpartition("#")[2].strip()
    return code or f"{STATUS_PREFIX}{response.status}"


def get_error_message(fields: dict[str, Any], secrets: Iterable[str]) -> str:
    """Return the service's error message, shortened, with secrets masked."""
    text = str(fields.get("message") or fields.get("Message") or "")
    for secret in secrets:
        text = text.replace(secret, "***")
    return text[:MAX_MESSAGE_LENGTH]
