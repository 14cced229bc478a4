"""The page on security names every permission that the templates give, with its reason."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.docs.pages import ROOT, text_of
from tests.unit.template.rendering import load

PAGE = ROOT / "docs" / "security.md"
TEMPLATES = (ROOT / "template.yaml", ROOT / "observer.yaml")


def statements(template: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what a template's roles and policies allow, and whose it is, whatever its conditions."""
    for name, resource in load(template)["Resources"].items():
        properties = resource.get("Properties", {})
        documents = [each["PolicyDocument"] for each in _policies(resource["Type"], properties)]
        for document in documents:
            for statement in document["Statement"]:
                yield from ((name, each) for each in _alternatives(statement))


def _policies(kind: str, properties: dict[str, Any]) -> list[dict[str, Any]]:
    match kind:
        case "AWS::IAM::Role":
            inline = properties.get("Policies", [])
            branches = [branch for each in inline for branch in each.get("Fn::If", [each])]
            return [branch for branch in branches if "PolicyDocument" in branch]
        case "AWS::IAM::ManagedPolicy":
            return [properties]
        case _:
            return []


def _alternatives(statement: dict[str, Any]) -> list[dict[str, Any]]:
    branches = statement["Fn::If"][1:] if "Fn::If" in statement else [statement]
    return [branch for branch in branches if "Action" in branch]


def row_of(owner: str, statement: dict[str, Any]) -> str:
    actions = statement["Action"]
    named = ", ".join(f"`{action}`" for action in ([actions] if isinstance(actions, str) else actions))
    return f"| `{owner}` | {named} | "


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_every_permission_has_its_row(template: Path) -> None:
    rows = [row_of(owner, statement) for owner, statement in statements(template)]

    assert rows
    assert [row for row in rows if row not in text_of(PAGE)] == [], f"add these rows, each with its reason, to {PAGE}"


def test_no_row_tells_of_a_permission_that_nobody_has() -> None:
    given = [row_of(owner, statement) for template in TEMPLATES for owner, statement in statements(template)]
    told = [line for line in text_of(PAGE).splitlines() if line.startswith("| `")]

    assert [line for line in told if not line.startswith(tuple(given))] == []
