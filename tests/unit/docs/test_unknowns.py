"""The page of what is not known of AWS has everything that is assumed, as the code has it."""

import re
from pathlib import Path

import pytest

from failoverctl.measure.registry import MEASUREMENTS
from tests.unit.docs.pages import PAGES, ROOT, links, table, text_of

PAGE = ROOT / "docs" / "unknowns.md"

_DOUBTS = re.compile(
    r"^#+ What is (?:not certain|not known|uncertain)\b|^## What is not as on AWS|^Not certain, because", re.MULTILINE
)
DOUBTING = [page for page in PAGES if page != PAGE and _DOUBTS.search(text_of(page))]


def rows() -> list[tuple[str, ...]]:
    return table(PAGE, "measurement", "of", "why it matters", "the code assumes", "if it is otherwise")


def test_every_assumption_that_is_measured_is_explained_as_the_code_has_it() -> None:
    expected = [
        (f"`{each.name}`", one.of, one.matters, one.sentence, one.otherwise)
        for each in MEASUREMENTS
        for one in each.assumptions
    ]

    assert rows() == expected, "\n".join(f"| {' | '.join(row)} |" for row in expected)


def test_there_are_pages_that_doubt() -> None:
    assert len(DOUBTING) > 10


@pytest.mark.parametrize("page", DOUBTING, ids=lambda page: page.stem)
def test_a_page_that_says_what_is_not_certain_leads_here_and_is_named_here(page: Path) -> None:
    assert any(link.endswith("unknowns.md") for link in links(page)), f"let {page.name} link to docs/unknowns.md"
    named = {link.partition("#")[0] for link in links(PAGE)}
    assert {page.name, f"../{page.relative_to(ROOT)}"} & named, f"{page.name} is not named in docs/unknowns.md"


def test_every_row_says_how_to_find_out() -> None:
    by_hand = table(
        PAGE, "what", "named in", "why it matters", "how to find out", "the code assumes", "if it is otherwise"
    )

    assert len(by_hand) > 30
    assert [row[0] for row in by_hand if len(row) != 6 or not all(row)] == []
