import json
import re
from pathlib import Path

import pytest

from cognito_failover.core.operator.request import OperatorAction, parse_request
from tests.unit.docs.pages import PAGES, ROOT, find_anchors, find_code_blocks, find_links, read_text

EVENT = re.compile(r"'(\{[^']*\"action\"[^']*\})'")
LINKS = [(page, link) for page in PAGES for link in find_links(page) if not link.startswith("https://")]
JSON = [(page, block) for page in PAGES for block in find_code_blocks(page, "json")]
EVENTS = [
    *((page, found) for page in PAGES for found in EVENT.findall(read_text(page))),
    *((page, block) for page, block in JSON if '"action"' in block),
]


@pytest.mark.parametrize(("page", "link"), LINKS)
def test_links_resolve(page: Path, link: str) -> None:
    file, _, anchor = link.partition("#")
    target = (page.parent / file).resolve() if file else page

    assert target.exists()
    assert not anchor or anchor in find_anchors(target)


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")))
def test_pages_are_reachable_from_readme(page: Path) -> None:
    assert str(page.relative_to(ROOT)) in {link.partition("#")[0] for link in find_links(ROOT / "README.md")}


@pytest.mark.parametrize(("page", "block"), JSON)
def test_json_blocks_parse(page: Path, block: str) -> None:
    assert json.loads(block), page.name


@pytest.mark.parametrize(("page", "event"), EVENTS)
def test_shown_requests_are_accepted(page: Path, event: str) -> None:
    assert parse_request(json.loads(event)).action in OperatorAction, page.name


@pytest.mark.parametrize("page", PAGES)
def test_files_in_commands_exist(page: Path) -> None:
    named = re.findall(r"(?:events|scripts)/[\w.-]+\.(?:json|py)", read_text(page))

    assert [name for name in named if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("page", PAGES)
def test_named_make_targets_exist(page: Path) -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    named = re.findall(r"(?:^    |`)make ([a-z-]+)", read_text(page), re.MULTILINE)

    assert set(named) <= set(targets)


@pytest.mark.parametrize("page", PAGES)
def test_named_modules_exist(page: Path) -> None:
    package = ROOT / "layers" / "failover" / "cognito_failover"
    folders = "|".join(folder.name for folder in package.iterdir() if folder.is_dir())
    named = re.findall(rf"`((?:{folders})/[\w/]+\.(?:py|html\.j2))`", read_text(page))

    assert [name for name in named if not (package / name).is_file()] == []


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")))
def test_page_begins_with_its_purpose_and_readers(page: Path) -> None:
    title, blank, purpose, *_ = read_text(page).splitlines()

    assert title.startswith("# ")
    assert not blank
    assert purpose.startswith("For: ")


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")))
def test_page_with_own_terms_links_glossary(page: Path) -> None:
    terms = re.findall(r"\b(?:lever|latch|canary|witness|hold)\b", read_text(page), re.IGNORECASE)
    linked = {link.rpartition("/")[2].partition("#")[0] for link in find_links(page)}

    assert page.name == "glossary.md" or not terms or "glossary.md" in linked
