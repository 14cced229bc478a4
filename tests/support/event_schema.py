"""The documented schema of events, to hold events against."""

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

SCHEMA_PATH = Path(__file__).parents[2] / "docs" / "events.schema.json"
SCHEMA: dict[str, Any] = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))
_VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FormatChecker())


def validate_event(event_detail: Any) -> None:
    """Hold the detail of an event to the schema, as it arrives.

    Raises
    ------
    jsonschema.ValidationError
        If the schema doesn't have it so.

    """
    _VALIDATOR.validate(json.loads(json.dumps(event_detail)))
