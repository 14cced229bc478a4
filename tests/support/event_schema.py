"""Validates events against the documented schema."""

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

SCHEMA_PATH = Path(__file__).parents[2] / "docs" / "events.schema.json"
SCHEMA: dict[str, Any] = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))
_VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FormatChecker())


def validate_event(event_detail: Any) -> None:
    """Validate the detail of an event, as JSON.

    Raises
    ------
    jsonschema.ValidationError
        If the detail does not match the schema.

    """
    _VALIDATOR.validate(json.loads(json.dumps(event_detail)))
