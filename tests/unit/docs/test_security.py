"""The page on security lists every permission of the templates with its reason."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.docs.pages import ROOT, read_text
from tests.unit.template.rendering import load_resources

PAGE = ROOT / "docs" / "security.md"
TEMPLATES = (ROOT / "template.yaml", ROOT / "infra" / "observer.yaml")


def list_statements(template: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each statement of a template's roles and policies with its owner, in all branches of conditions."""
    for name, resource in load_resources(template).items():
        properties = resource.get("Properties", {})
        documents = [policy["PolicyDocument"] for policy in _list_policies(resource["Type"], properties)]
        for document in documents:
            for statement in document["Statement"]:
                yield from ((name, alternative) for alternative in _list_alternatives(statement))


def _list_policies(kind: str, properties: dict[str, Any]) -> list[dict[str, Any]]:
    match kind:
        case "AWS::IAM::Role":
            inline = properties.get("Policies", [])
            branches = [branch for policy in inline for branch in policy.get("Fn::If", [policy])]
            return [branch for branch in branches if "PolicyDocument" in branch]
        case "AWS::IAM::ManagedPolicy":
            return [properties]
        case _:
            return []


def _list_alternatives(statement: dict[str, Any]) -> list[dict[str, Any]]:
    branches = statement["Fn::If"][1:] if "Fn::If" in statement else [statement]
    return [branch for branch in branches if "Action" in branch]


def find_row(owner: str, statement: dict[str, Any]) -> str:
    actions = statement["Action"]
    named = ", ".join(f"`{action}`" for action in ([actions] if isinstance(actions, str) else actions))
    return f"| `{owner}` | {named} | "


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_every_permission_has_a_row(template: Path) -> None:
    rows = [find_row(owner, statement) for owner, statement in list_statements(template)]

    assert rows
    assert [row for row in rows if row not in read_text(PAGE)] == [], f"add these rows, each with its reason, to {PAGE}"


def test_every_row_has_a_permission() -> None:
    granted = [find_row(owner, statement) for template in TEMPLATES for owner, statement in list_statements(template)]
    rows = [line for line in read_text(PAGE).splitlines() if line.startswith("| `")]

    assert [row for row in rows if not row.startswith(tuple(granted))] == []
