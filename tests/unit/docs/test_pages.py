import json
import re
from pathlib import Path

import pytest

from failover.decision.request import Action, parse_request
from tests.unit.docs.pages import PAGES, ROOT, anchors, blocks, links, text_of

EVENT = re.compile(r"'(\{[^']*\"action\"[^']*\})'")
LINKS = [(page, link) for page in PAGES for link in links(page) if not link.startswith("https://")]
JSON = [(page, block) for page in PAGES for block in blocks(page, "json")]
EVENTS = [
    *((page, found) for page in PAGES for found in EVENT.findall(text_of(page))),
    *((page, block) for page, block in JSON if '"action"' in block),
]


@pytest.mark.parametrize(("page", "link"), LINKS)
def test_a_link_leads_somewhere(page: Path, link: str) -> None:
    file, _, anchor = link.partition("#")
    target = (page.parent / file).resolve() if file else page

    assert target.exists()
    assert not anchor or anchor in anchors(target)


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")))
def test_every_page_but_the_alarms_is_reached_from_the_readme(page: Path) -> None:
    assert str(page.relative_to(ROOT)) in {link.partition("#")[0] for link in links(ROOT / "README.md")}


@pytest.mark.parametrize(("page", "block"), JSON)
def test_a_json_block_can_be_read(page: Path, block: str) -> None:
    assert json.loads(block), page.name


@pytest.mark.parametrize(("page", "event"), EVENTS)
def test_an_event_that_is_shown_is_accepted(page: Path, event: str) -> None:
    assert parse_request(json.loads(event)).action in Action, page.name


@pytest.mark.parametrize("page", PAGES)
def test_a_command_names_files_that_exist(page: Path) -> None:
    named = re.findall(r"(?:events|scripts)/[\w.-]+\.(?:json|py)", text_of(page))

    assert [name for name in named if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("page", PAGES)
def test_a_make_target_that_is_named_exists(page: Path) -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    named = re.findall(r"(?:^    |`)make ([a-z-]+)", text_of(page), re.MULTILINE)

    assert set(named) <= set(targets)


@pytest.mark.parametrize("page", PAGES)
def test_a_module_that_is_named_exists(page: Path) -> None:
    package = ROOT / "layers" / "failover" / "failover"
    rooms = "|".join(folder.name for folder in package.iterdir() if folder.is_dir())
    named = re.findall(rf"`((?:{rooms})/\w+\.py)`", text_of(page))

    assert [name for name in named if not (package / name).is_file()] == []
