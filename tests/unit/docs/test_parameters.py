from pathlib import Path
from typing import Any

import pytest

from tests.unit.docs.pages import ROOT, table
from tests.unit.template.rendering import load

TEMPLATES = {
    ROOT / "docs" / "parameters.md": load(),
    ROOT / "docs" / "front.md": load(ROOT / "front.yaml"),
    ROOT / "docs" / "rotation.md": load(ROOT / "rotation.yaml"),
}
PARAMETERS = [(page, name) for page, template in TEMPLATES.items() for name in template["Parameters"]]


def rows(page: Path) -> dict[str, tuple[str, ...]]:
    return {row[0].strip("`"): row for row in table(page, "parameter", "default", "give", "meaning")}


def row_of(name: str, declared: dict[str, Any]) -> tuple[str, ...]:
    match declared.get("Default"):
        case None:
            default = "must be given"
        case "":
            default = "empty"
        case given:
            default = f"`{given}`"
    give = declared["ConstraintDescription"].removeprefix("Give ").rstrip(".")
    return f"`{name}`", default, give, declared["Description"].rstrip(".")


@pytest.mark.parametrize("page", TEMPLATES)
def test_the_table_has_the_templates_parameters_in_its_order(page: Path) -> None:
    assert list(rows(page)) == list(TEMPLATES[page]["Parameters"])


@pytest.mark.parametrize(("page", "name"), PARAMETERS)
def test_a_row_says_what_the_template_says(page: Path, name: str) -> None:
    row = row_of(name, TEMPLATES[page]["Parameters"][name])

    assert rows(page).get(name) == row, f"the row should be: | {' | '.join(row)} |"
