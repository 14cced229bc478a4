"""A short name for a configuration, so that a report can say under which one things happened. Pure."""

import hashlib
import json
from dataclasses import asdict

from cognito_failover.settings.controller import Settings

FINGERPRINT_DIGITS = 16


def compute_fingerprint(settings: Settings) -> str:
    """Return the first hexadecimal digits of the SHA-256 of all settings; equal settings have equal ones."""
    text = json.dumps(asdict(settings), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:FINGERPRINT_DIGITS]
