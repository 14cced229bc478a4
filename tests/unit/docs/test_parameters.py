from typing import Any

import pytest

from tests.unit.docs.pages import ROOT, table
from tests.unit.template.rendering import load

PARAMETERS: dict[str, dict[str, Any]] = load()["Parameters"]
ROWS = {row[0].strip("`"): row for row in table(ROOT / "README.md", "parameter", "default", "give", "meaning")}


def row_of(name: str) -> tuple[str, ...]:
    declared = PARAMETERS[name]
    match declared.get("Default"):
        case None:
            default = "must be given"
        case "":
            default = "empty"
        case given:
            default = f"`{given}`"
    give = declared["ConstraintDescription"].removeprefix("Give ").rstrip(".")
    return f"`{name}`", default, give, declared["Description"].rstrip(".")


def test_the_table_has_the_templates_parameters_in_its_order() -> None:
    assert list(ROWS) == list(PARAMETERS)


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_row_says_what_the_template_says(name: str) -> None:
    assert ROWS.get(name) == row_of(name), f"the row should be: | {' | '.join(row_of(name))} |"
