"""An answer of Cognito's JSON API, read: its document, or the name and the words of its refusal. Pure."""

import json
from collections.abc import Iterable
from typing import Any

from cognito_failover.probe.https_client import HttpResponse

MAX_MESSAGE_LENGTH = 200
"""Characters of the service's words that are kept."""

_OK = 200
_REDIRECT = 300


def is_success(response: HttpResponse) -> bool:
    """Whether the call was done."""
    return _OK <= response.status < _REDIRECT


def parse_json_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object in a body; an empty one where there is none."""
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def get_error_code(response: HttpResponse, fields: dict[str, Any]) -> str:
    """Return the service's name for a refusal, or ``HTTP 502`` where it gives none."""
    # Either may carry a namespace before a hash, or a web address after a colon.
    name = fields.get("__type") or response.headers.get("x-amzn-errortype") or ""
    code = str(name).split(":")[0].rpartition("#")[2].strip()
    return code or f"HTTP {response.status}"


def get_error_message(fields: dict[str, Any], secrets: Iterable[str]) -> str:
    """Return the service's words, shortened, with what is private masked."""
    text = str(fields.get("message") or fields.get("Message") or "")
    for each in secrets:
        text = text.replace(each, "***")
    return text[:MAX_MESSAGE_LENGTH]
