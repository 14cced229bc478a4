"""Validation of a request's values against the service model, with AWS's messages."""

import re
from collections.abc import Iterator
from typing import Any

from botocore.model import ListShape, Shape, StructureShape


def find_violations(shape: Shape, value: Any, path: str = "") -> list[str]:
    """Return the messages of a shape's constraints that a value violates.

    Parameters
    ----------
    shape
        The model of the value.
    value
        The parsed value.
    path
        The path of the value in the request, such as ``changeBatch.changes.1.member``.

    """
    return list(_iterate_violations(shape, value, path))


def _iterate_violations(shape: Shape, value: Any, path: str) -> Iterator[str]:
    match shape:
        case StructureShape():
            for name, member in shape.members.items():
                below = f"{path}.{_to_camel_case(name)}".lstrip(".")
                if name in value:
                    yield from _iterate_violations(member, value[name], below)
                elif name in shape.required_members:
                    yield _format_violation(None, below, "Member must not be null")
        case ListShape():
            yield from _check_length(shape, value, path)
            for position, item in enumerate(value, start=1):
                yield from _iterate_violations(shape.member, item, f"{path}.{position}.member")
        case _ if shape.type_name == "string":
            yield from _check_length(shape, value, path)
            yield from _check_text(shape, value, path)
        case _ if shape.type_name in {"integer", "long"}:
            yield from _check_range(shape, value, path)


def _check_length(shape: Shape, value: Any, path: str) -> Iterator[str]:
    lowest, highest = shape.metadata.get("min"), shape.metadata.get("max")
    if lowest is not None and len(value) < lowest:
        yield _format_violation(value, path, f"Member must have length greater than or equal to {lowest}")
    if highest is not None and len(value) > highest:
        yield _format_violation(value, path, f"Member must have length less than or equal to {highest}")


def _check_text(shape: Shape, value: str, path: str) -> Iterator[str]:
    allowed = shape.metadata.get("enum")
    if allowed and value not in allowed:
        yield _format_violation(value, path, f"Member must satisfy enum value set: [{', '.join(allowed)}]")
    pattern = shape.metadata.get("pattern")
    if pattern and not re.fullmatch(pattern, value):
        yield _format_violation(value, path, f"Member must satisfy regular expression pattern: {pattern}")


def _check_range(shape: Shape, value: int, path: str) -> Iterator[str]:
    lowest, highest = shape.metadata.get("min"), shape.metadata.get("max")
    if lowest is not None and value < lowest:
        yield _format_violation(value, path, f"Member must have value greater than or equal to {lowest}")
    if highest is not None and value > highest:
        yield _format_violation(value, path, f"Member must have value less than or equal to {highest}")


def _format_violation(value: Any, path: str, constraint: str) -> str:
    displayed = "null" if value is None else value
    return f"Value '{displayed}' at '{path}' failed to satisfy constraint: {constraint}"


def _to_camel_case(name: str) -> str:
    return name[:1].lower() + name[1:]
