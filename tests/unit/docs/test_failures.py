"""The page on failures says what tests show: of each row, its tests, its alarms and its events."""

import re
from functools import cache
from pathlib import Path

import pytest

from failover.decision.announcement import Kind
from tests.unit.alarms.test_causes import RINGS
from tests.unit.docs.pages import ROOT, text_of
from tests.unit.docs.test_runbooks import ALARMS

PAGE = ROOT / "docs" / "failures.md"
CHRONICLES = ROOT / "tests" / "unit" / "core" / "chronicles"
COLUMNS = 5


@cache
def files_of_tests() -> dict[str, Path]:
    """Return every test's file by its name."""
    files = [path for path in (ROOT / "tests").rglob("test_*.py") if path.name != Path(__file__).name]
    return {
        name: path for path in files for name in re.findall(r"^def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
    }


ROWS = [
    tuple(line.strip("|").split(" | "))
    for line in text_of(PAGE).splitlines()
    if line.startswith("| ") and not line.startswith("| failure |")
]


def kinds_of(row: tuple[str, ...]) -> list[str]:
    return re.findall(r"`([\w-]+)`", row[3])


def alarms_of(row: tuple[str, ...]) -> list[str]:
    return re.findall(r"\(runbooks/([\w-]+)\.md\)", row[3])


def causes_of(row: tuple[str, ...]) -> list[str]:
    return re.findall(r"“([^”]+)”", row[4])


def shown_by(row: tuple[str, ...]) -> list[str]:
    return re.findall(r"`([\w.-]+)`", row[4])


def name_of(row: object) -> str:
    return str(row[0]).strip() if isinstance(row, tuple) else str(row)


def test_every_row_is_whole() -> None:
    assert len(ROWS) > 50
    assert [row for row in ROWS if len(row) != COLUMNS or not all(cell.strip() for cell in row)] == []


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_what_shows_it_is_there(row: tuple[str, ...]) -> None:
    named = shown_by(row)

    assert [*named, *causes_of(row)]
    assert [cause for cause in causes_of(row) if cause not in RINGS] == []
    assert [name for name in named if not (name in files_of_tests() or (CHRONICLES / name).is_file())] == []


@pytest.mark.parametrize("row", [row for row in ROWS if causes_of(row)], ids=name_of)
def test_a_cause_rings_the_alarms_that_its_row_names(row: tuple[str, ...]) -> None:
    assert {alarm for cause in causes_of(row) for alarm in RINGS[cause][0]} == set(alarms_of(row))


@pytest.mark.parametrize("row", [row for row in ROWS if kinds_of(row)], ids=name_of)
def test_each_event_is_told_where_its_row_says_that_it_is_shown(row: tuple[str, ...]) -> None:
    sources = [
        (CHRONICLES / name).read_text("utf-8") if name.endswith(".txt") else files_of_tests()[name].read_text("utf-8")
        for name in shown_by(row)
    ]

    def is_told(kind: str) -> bool:
        in_code = f"Kind.{Kind(kind).name}"
        return any(in_code in source or f" {kind}: " in source for source in sources)

    assert [kind for kind in kinds_of(row) if not is_told(kind)] == []


def test_every_event_is_in_a_row() -> None:
    assert set(Kind) - {kind for row in ROWS for kind in kinds_of(row)} == set()


def test_every_alarm_is_in_a_row_and_no_other() -> None:
    assert {alarm for row in ROWS for alarm in alarms_of(row)} == set(ALARMS)


def test_every_cause_that_rings_an_alarm_is_in_a_row() -> None:
    told = {cause for row in ROWS for cause in causes_of(row)}
    alike = {"a trigger that counts fails and users are moved", "a person moves users there and back in steps"}

    assert {cause for cause, (alarms, _) in RINGS.items() if alarms} - told == alike
