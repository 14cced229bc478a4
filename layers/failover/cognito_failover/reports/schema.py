"""The JSON Schema of the report, made of the document's classes and of what their docstrings say. Pure."""

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
    """Return the schema: every field is there, with what it means, and no other."""
    document_schema = msgspec.json.schema(Document)
    for name, described in document_schema["$defs"].items():
        kind = getattr(document, name)
        meanings = _extract_meanings(kind)
        described["description"] = _extract_summary(kind)
        described["additionalProperties"] = False
        described["required"] = [field.name for field in dataclasses.fields(kind)]
        for field, part in described["properties"].items():
            part.pop("default", None)
            if field in meanings:
                described["properties"][field] = _with_description(part, meanings[field])
    document_schema["$defs"]["Document"]["properties"]["format"]["const"] = FORMAT
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The report of a move or a drill",
        **document_schema,
    }


def _with_description(part: dict[str, Any], meaning: str) -> dict[str, Any]:
    return {**part, "description": meaning}


def _extract_summary(kind: type) -> str:
    text = _ATTRIBUTES.sub("", inspect.getdoc(kind) or "")
    return " ".join(text.split())


def _extract_meanings(kind: type) -> dict[str, str]:
    """Return what a docstring says of each field; several fields may share one line."""
    match = _ATTRIBUTES.search(inspect.getdoc(kind) or "")
    meanings: dict[str, str] = {}
    names: list[str] = []
    for line in match[1].splitlines() if match else ():
        if line and not line.startswith(" "):
            names = [name.strip() for name in line.split(",")]
        elif line.strip():
            for name in names:
                meanings[name] = f"{meanings.get(name, '')} {line.strip()}".strip()
    return meanings


if __name__ == "__main__":
    sys.stdout.write(json.dumps(build_schema(), indent=2) + "\n")
