"""The page on failures matches the tests: each row's evidence, alarms and events exist."""

import re
from functools import cache
from pathlib import Path

import pytest

from cognito_failover.core.model.event import EventKind
from tests.unit.alarms.test_alarm_causes import EXPECTED_ALARMS
from tests.unit.docs.pages import ROOT, read_text
from tests.unit.docs.test_runbooks import ALARMS

PAGE = ROOT / "docs" / "failures.md"
GOLDEN_LOGS = ROOT / "tests" / "unit" / "core" / "golden_logs"
COLUMNS = 5


@cache
def find_test_files() -> dict[str, Path]:
    """Return the file of every test by the test's name."""
    files = [path for path in (ROOT / "tests").rglob("test_*.py") if path.name != Path(__file__).name]
    return {
        name: path for path in files for name in re.findall(r"^def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
    }


ROWS = [
    tuple(line.strip("|").split(" | "))
    for line in read_text(PAGE).splitlines()
    if line.startswith("| ") and not line.startswith("| failure |")
]


def get_kinds(row: tuple[str, ...]) -> list[str]:
    return re.findall(r"`([\w-]+)`", row[3])


def get_alarms(row: tuple[str, ...]) -> list[str]:
    return re.findall(r"\(runbooks/([\w-]+)\.md\)", row[3])


def get_causes(row: tuple[str, ...]) -> list[str]:
    return re.findall(r"“([^”]+)”", row[4])


def get_evidence(row: tuple[str, ...]) -> list[str]:
    return re.findall(r"`([\w.-]+)`", row[4])


def get_row_id(row: object) -> str:
    return str(row[0]).strip() if isinstance(row, tuple) else str(row)


def test_every_row_is_complete() -> None:
    assert len(ROWS) > 50
    assert [row for row in ROWS if len(row) != COLUMNS or not all(cell.strip() for cell in row)] == []


@pytest.mark.parametrize("row", ROWS, ids=get_row_id)
def test_evidence_of_row_exists(row: tuple[str, ...]) -> None:
    named = get_evidence(row)

    assert [*named, *get_causes(row)]
    assert [cause for cause in get_causes(row) if cause not in EXPECTED_ALARMS] == []
    assert [name for name in named if not (name in find_test_files() or (GOLDEN_LOGS / name).is_file())] == []


@pytest.mark.parametrize("row", [row for row in ROWS if get_causes(row)], ids=get_row_id)
def test_cause_triggers_alarms_of_its_row(row: tuple[str, ...]) -> None:
    assert {alarm for cause in get_causes(row) for alarm in EXPECTED_ALARMS[cause][0]} == set(get_alarms(row))


@pytest.mark.parametrize("row", [row for row in ROWS if get_kinds(row)], ids=get_row_id)
def test_events_occur_where_row_says(row: tuple[str, ...]) -> None:
    sources = [
        (GOLDEN_LOGS / name).read_text("utf-8") if name.endswith(".txt") else find_test_files()[name].read_text("utf-8")
        for name in get_evidence(row)
    ]

    def is_in_log(kind: str) -> bool:
        in_code = f"Kind.{EventKind(kind).name}"
        return any(in_code in source or f" {kind}: " in source for source in sources)

    assert [kind for kind in get_kinds(row) if not is_in_log(kind)] == []


def test_every_event_is_in_a_row() -> None:
    assert set(EventKind) - {kind for row in ROWS for kind in get_kinds(row)} == set()


def test_every_alarm_is_in_a_row() -> None:
    assert {alarm for row in ROWS for alarm in get_alarms(row)} == set(ALARMS)


def test_every_cause_with_alarm_is_in_a_row() -> None:
    listed = {cause for row in ROWS for cause in get_causes(row)}
    omitted = {
        "counted trigger fails with failover",
        "manual failover and stepped failback",
        "stepped failback with long ttl",
        "target fails in stepped failback with long ttl",
    }

    assert {cause for cause, (alarms, _) in EXPECTED_ALARMS.items() if alarms} - listed == omitted
