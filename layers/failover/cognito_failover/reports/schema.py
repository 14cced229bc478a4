"""The JSON Schema of the report, built from the document's classes and their docstrings. Pure."""

import dataclasses
import inspect
import json
import re
import sys
from typing import Any

import msgspec

from cognito_failover.reports import document
from cognito_failover.reports.document import FORMAT, Document

_ATTRIBUTES = re.compile(r"\nAttributes\n-+\n(.*)\Z", re.DOTALL)


def build_schema() -> dict[str, Any]:
    """Return the schema. It requires every field, describes it, and allows no other field."""
    document_schema = msgspec.json.schema(Document)
    for name, definition in document_schema["$defs"].items():
        kind = getattr(document, name)
        descriptions = _extract_descriptions(kind)
        definition["description"] = _extract_summary(kind)
        definition["additionalProperties"] = False
        definition["required"] = [field.name for field in dataclasses.fields(kind)]
        for field, field_schema in definition["properties"].items():
            field_schema.pop("default", None)
            if field in descriptions:
                definition["properties"][field] = _with_description(field_schema, descriptions[field])
    document_schema["$defs"]["Document"]["properties"]["format"]["const"] = FORMAT
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The report of a move or a drill",
        **document_schema,
    }


def _with_description(field_schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {**field_schema, "description": description}


def _extract_summary(kind: type) -> str:
    text = _ATTRIBUTES.sub("", inspect.getdoc(kind) or "")
    return " ".join(text.split())


def _extract_descriptions(kind: type) -> dict[str, str]:
    """Return the description of each field in a docstring. Several fields may share one."""
    match = _ATTRIBUTES.search(inspect.getdoc(kind) or "")
    descriptions: dict[str, str] = {}
    names: list[str] = []
    for line in match[1].splitlines() if match else ():
        if line and not line.startswith(" "):
            names = [name.strip() for name in line.split(",")]
        elif line.strip():
            for name in names:
                descriptions[name] = f"{descriptions.get(name, '')} {line.strip()}".strip()
    return descriptions


if __name__ == "__main__":
    sys.stdout.write(json.dumps(build_schema(), indent=2) + "\n")
