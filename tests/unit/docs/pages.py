"""Reads the pages of the documentation: code blocks, links, anchors and tables."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGES = (
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    ROOT / "sandbox" / "README.md",
)

_FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!!)\[[^\]]+\]\((?P<to>[^)\s]+)\)")
_HEADING = re.compile(r"^#+ (?P<title>.+)$", re.MULTILINE)


@cache
def read_text(page: Path) -> str:
    """Return the text of a page."""
    return page.read_text(encoding="utf-8")


def find_code_blocks(page: Path, language: str) -> list[str]:
    """Return the fenced blocks of a language."""
    return [match["text"] for match in _FENCE.finditer(read_text(page)) if match["language"] == language]


def find_links(page: Path) -> list[str]:
    """Return the targets of the page's links, as written."""
    return [match["to"] for match in _LINK.finditer(_FENCE.sub("", read_text(page)))]


def find_anchors(page: Path) -> set[str]:
    """Return GitHub's anchors of the page's headings."""
    titles = (match["title"] for match in _HEADING.finditer(_FENCE.sub("", read_text(page))))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def read_table(page: Path, *headings: str) -> list[tuple[str, ...]]:
    """Return the rows of the table with these headings. Cells have no surrounding spaces."""
    lines = iter(read_text(page).splitlines())
    for line in lines:
        if _split_cells(line) == headings:
            next(lines)  # skip the separator
            return list(_parse_rows(lines))
    raise AssertionError(f"{page.name} has no table with the headings {headings}")


def _parse_rows(lines: Iterator[str]) -> Iterator[tuple[str, ...]]:
    for line in lines:
        if not line.startswith("|"):
            return
        yield _split_cells(line)


def _split_cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.strip("|").split(" | ")) if line.startswith("|") else ()
