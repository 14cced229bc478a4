"""Each alarm has a page that ends the incident, and each page an alarm."""

import re
from pathlib import Path

import pytest

from tests.unit.docs.pages import ROOT, links, table, text_of
from tests.unit.template.rendering import TEMPLATE, alarms_in, tells_people

FOLDER = ROOT / "docs" / "runbooks"
INDEX = ROOT / "docs" / "runbook.md"
TEMPLATES = (TEMPLATE, ROOT / "observer.yaml")
ALARMS = [
    name for template in TEMPLATES for logical, name in alarms_in(template).items() if tells_people(template, logical)
]
PAGES = sorted(FOLDER.glob("*.md"))


def test_each_alarm_has_its_page_and_each_page_its_alarm() -> None:
    assert sorted(ALARMS) == [page.stem for page in PAGES]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_says_what_it_means_what_to_check_what_to_do_and_when_to_wake_someone(page: Path) -> None:
    headings = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)

    assert headings == [page.stem, "It means", "Check", "Do", "Wake someone else"]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_an_alarm_ends_with_the_address_of_its_page(template: Path) -> None:
    described = (ROOT / template).read_text(encoding="utf-8")
    told = [name for logical, name in alarms_in(template).items() if tells_people(template, logical)]

    assert [name for name in told if f"${{RunbookUrl}}/{name}.md" not in described] == []


def test_the_index_leads_to_every_page() -> None:
    assert [page.stem for page in PAGES if f"runbooks/{page.name}" not in links(INDEX)] == []


def test_the_index_names_the_controllers_alarms_in_the_templates_order() -> None:
    told = [name for logical, name in alarms_in().items() if tells_people(TEMPLATE, logical)]
    cells = [row[0] for row in table(INDEX, "alarm", "it means", "what to do")]

    assert cells == [f"[`{name}`](runbooks/{name}.md)" for name in told]
