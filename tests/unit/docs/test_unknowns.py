"""docs/unknowns.md lists every assumption about AWS as the code has it."""

import re
from pathlib import Path

import pytest

from failoverctl.measure.registry import MEASUREMENTS
from tests.unit.docs.pages import PAGES, ROOT, find_links, read_table, read_text

PAGE = ROOT / "docs" / "unknowns.md"

_DOUBT_PATTERN = re.compile(
    r"^#+ (?:What is (?:not certain|not known|uncertain)|Not certain)\b|^## What is not as on AWS"
    r"|^Not documented by AWS",
    re.MULTILINE,
)
DOUBTING_PAGES = [page for page in PAGES if page != PAGE and _DOUBT_PATTERN.search(read_text(page))]


def read_rows() -> list[tuple[str, ...]]:
    return read_table(PAGE, "measurement", "of", "why it matters", "the code assumes", "if it is otherwise")


def list_expected_rows() -> list[tuple[str, ...]]:
    """Return a row for each assumption. Assumptions that differ only in their name share a row."""
    names: dict[tuple[str, ...], list[str]] = {}
    for measurement in MEASUREMENTS:
        for assumption in measurement.assumptions:
            key = measurement.name, assumption.rationale, assumption.expectation, assumption.if_violated
            names.setdefault(key, []).append(assumption.name)
    return [(f"`{name}`", "; ".join(of), *rest) for (name, *rest), of in names.items()]


def test_every_measured_assumption_matches_the_code() -> None:
    expected = list_expected_rows()

    assert read_rows() == expected, "\n".join(f"| {' | '.join(row)} |" for row in expected)


def test_pages_with_doubts_exist() -> None:
    assert len(DOUBTING_PAGES) > 10


@pytest.mark.parametrize("page", DOUBTING_PAGES, ids=lambda page: page.stem)
def test_uncertain_statements_and_page_link_each_other(page: Path) -> None:
    assert any(link.endswith("unknowns.md") for link in find_links(page)), f"{page.name} must link to docs/unknowns.md"
    named = {link.partition("#")[0] for link in find_links(PAGE)}
    assert {page.name, f"../{page.relative_to(ROOT)}"} & named, f"docs/unknowns.md must link to {page.name}"


def test_every_row_says_how_to_verify() -> None:
    by_hand = read_table(PAGE, "what", "why it matters", "how to find out", "the code assumes", "if it is otherwise")

    assert len(by_hand) > 20
    assert [row[0] for row in by_hand if len(row) != 5 or not all(row)] == []
