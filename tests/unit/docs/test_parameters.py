from pathlib import Path
from typing import Any

import pytest

from tests.unit.docs.pages import ROOT, read_table
from tests.unit.template.rendering import load_template

TEMPLATES = {
    ROOT / "docs" / "parameters.md": load_template(),
    ROOT / "docs" / "front.md": load_template(ROOT / "infra" / "front.yaml"),
    ROOT / "docs" / "rotation.md": load_template(ROOT / "infra" / "rotation.yaml"),
}
PARAMETERS = [(page, name) for page, template in TEMPLATES.items() for name in template["Parameters"]]


def read_rows(page: Path) -> dict[str, tuple[str, ...]]:
    return {row[0].strip("`"): row for row in read_table(page, "parameter", "default", "give", "meaning")}


def find_row(name: str, declared: dict[str, Any]) -> tuple[str, ...]:
    match declared.get("Default"):
        case None:
            default = "must be given"
        case "":
            default = "empty"
        case value:
            default = f"`{value}`"
    give = declared["ConstraintDescription"].removeprefix("Give ").rstrip(".")
    return f"`{name}`", default, give, declared["Description"].rstrip(".")


@pytest.mark.parametrize("page", TEMPLATES)
def test_table_matches_template_parameters_in_order(page: Path) -> None:
    assert list(read_rows(page)) == list(TEMPLATES[page]["Parameters"])


@pytest.mark.parametrize(("page", "name"), PARAMETERS)
def test_row_matches_template(page: Path, name: str) -> None:
    row = find_row(name, TEMPLATES[page]["Parameters"][name])

    assert read_rows(page).get(name) == row, f"the row should be: | {' | '.join(row)} |"
