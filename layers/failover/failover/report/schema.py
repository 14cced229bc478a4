"""The JSON Schema of the report, made of the document's classes and of what their docstrings say. Pure."""

import dataclasses
import inspect
import json
import re
import sys
from typing import Any

import msgspec

from failover.report import document
from failover.report.document import FORMAT, Document

_ATTRIBUTES = re.compile(r"\nAttributes\n-+\n(.*)\Z", re.DOTALL)


def schema() -> dict[str, Any]:
    """Return the schema: every field is there, with what it means, and no other."""
    made = msgspec.json.schema(Document)
    for name, described in made["$defs"].items():
        kind = getattr(document, name)
        meanings = _meanings(kind)
        described["description"] = _summary(kind)
        described["additionalProperties"] = False
        described["required"] = [field.name for field in dataclasses.fields(kind)]
        for field, part in described["properties"].items():
            part.pop("default", None)
            if field in meanings:
                described["properties"][field] = _with_meaning(part, meanings[field])
    made["$defs"]["Document"]["properties"]["format"]["const"] = FORMAT
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The report of a move or a drill",
        **made,
    }


def _with_meaning(part: dict[str, Any], meaning: str) -> dict[str, Any]:
    return {**part, "description": meaning}


def _summary(kind: type) -> str:
    text = _ATTRIBUTES.sub("", inspect.getdoc(kind) or "")
    return " ".join(text.split())


def _meanings(kind: type) -> dict[str, str]:
    """Return what a docstring says of each field; several fields may share one line."""
    found = _ATTRIBUTES.search(inspect.getdoc(kind) or "")
    meanings: dict[str, str] = {}
    names: list[str] = []
    for line in found[1].splitlines() if found else ():
        if line and not line.startswith(" "):
            names = [name.strip() for name in line.split(",")]
        elif line.strip():
            for name in names:
                meanings[name] = f"{meanings.get(name, '')} {line.strip()}".strip()
    return meanings


if __name__ == "__main__":
    sys.stdout.write(json.dumps(schema(), indent=2) + "\n")
