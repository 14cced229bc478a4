"""Each alarm has a runbook page, and each page has an alarm."""

import re
from pathlib import Path

import pytest

from tests.unit.docs.pages import ROOT, find_links, read_table, read_text
from tests.unit.template.rendering import TEMPLATE, has_alarm_actions, list_alarms, load_resources

FOLDER = ROOT / "docs" / "runbooks"
INDEX = ROOT / "docs" / "runbook.md"
TEMPLATES = (TEMPLATE, ROOT / "infra" / "observer.yaml")
ALARMS = [
    name
    for template in TEMPLATES
    for logical, name in list_alarms(template).items()
    if has_alarm_actions(template, logical)
]
PAGES = sorted(FOLDER.glob("*.md"))
SECTIONS = ("Meaning", "User impact", "What to do", "Resolved when", "Escalate")


def test_alarms_and_pages_match() -> None:
    assert sorted(ALARMS) == [page.stem for page in PAGES]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page_has_the_sections_of_a_runbook(page: Path) -> None:
    headings = re.findall(r"^#+ (.+)$", read_text(page), re.MULTILINE)

    assert headings == [page.stem, *SECTIONS]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_alarm_description_ends_with_page_url(template: Path) -> None:
    described = {
        name: load_resources(template)[logical]["Properties"].get("AlarmDescription", {})
        for logical, name in list_alarms(template).items()
        if has_alarm_actions(template, logical)
    }

    assert described
    assert [
        name for name, text in described.items() if not text["Fn::Sub"].endswith(f"Runbook: ${{RunbookUrl}}/{name}.md")
    ] == []


def test_index_links_every_page() -> None:
    assert [page.stem for page in PAGES if f"runbooks/{page.name}" not in find_links(INDEX)] == []


def test_index_lists_alarms_in_template_order() -> None:
    names = [name for logical, name in list_alarms().items() if has_alarm_actions(TEMPLATE, logical)]
    cells = [row[0] for row in read_table(INDEX, "alarm", "meaning")]

    assert cells == [f"[`{name}`](runbooks/{name}.md)" for name in names]
