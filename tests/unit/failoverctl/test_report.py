"""``failoverctl report``: links to a report, or the report itself."""

import json
from pathlib import Path
from typing import Any

import pytest

from failoverctl.download import fetch
from failoverctl.exits import ExitCode, UnreachableError
from tests.unit.failoverctl.stage import Stage, said

FOUND: dict[str, Any] = {
    "id": "to-us-east-1-1800000000",
    "uri": "s3://bucket/reports/to-us-east-1-1800000000.html",
    "written_at": "2027-01-15T08:02:00Z",
    "page": "https://bucket/page?signed",
    "data": "https://bucket/data?signed",
    "links_valid_seconds": 900,
}
THERE = {"done": True, "message": "The report is there.", "report": FOUND}
NONE = {"done": False, "message": "There is no report.", "refused_by": "no-report"}


class Desk(Stage):
    """A stage with an answer about a report ready, a web that has it, and a browser."""

    def __init__(self, scratch: Path, answer: dict[str, Any] | None = None) -> None:
        super().__init__()
        self.stage(answer or THERE)
        self.fetched: list[str] = []
        self.opened: list[Path] = []
        self.changes = {
            "fetch": self._fetch,
            "scratch": lambda: scratch,
            "open_file": self.opened.append,
        }

    def _fetch(self, link: str) -> bytes:
        self.fetched.append(link)
        return b"<html>" if "page" in link else b"{}"


def test_the_links_are_shown_with_how_long_they_open(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    result = desk.run("report")
    assert result.exit_code == ExitCode.DONE
    assert desk.functions.events == [{"action": "report"}]
    assert "For 15 minutes, and for whoever has the link:" in result.stdout
    assert FOUND["page"] in result.stdout
    assert desk.fetched == []


def test_one_is_asked_for_by_its_id(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert said(desk.run("report", "to-us-east-1-1800000000", "--json")) == THERE
    assert desk.functions.events == [{"action": "report", "id": "to-us-east-1-1800000000"}]


def test_it_is_opened_from_a_file_of_the_persons_own(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert desk.run("report", "--last", "--open").exit_code == ExitCode.DONE
    [opened] = desk.opened
    assert opened == tmp_path / f"{FOUND['id']}.html"
    assert opened.read_bytes() == b"<html>"


def test_it_is_saved_where_told(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    result = desk.run("report", "--output", str(tmp_path / "report.json"), "--data")
    assert (tmp_path / "report.json").read_bytes() == b"{}"
    assert desk.fetched == [FOUND["data"]]
    assert "report.json" in result.stdout.replace("\n", "")
    assert desk.opened == []


def test_a_script_is_told_where_it_was_saved(tmp_path: Path) -> None:
    path = str(tmp_path / "report.html")
    assert said(Desk(tmp_path).run("report", "--output", path, "--json"))["file"] == path


def test_it_goes_to_standard_output_and_nothing_with_it(tmp_path: Path) -> None:
    assert json.loads(Desk(tmp_path).run("report", "--output", "-", "--data").stdout) == {}


def test_without_a_report_nothing_is_downloaded(tmp_path: Path) -> None:
    desk = Desk(tmp_path, NONE)
    result = desk.run("report", "--open")
    assert result.exit_code == ExitCode.REFUSED
    assert "There is no report." in result.stdout
    assert (desk.fetched, desk.opened) == ([], [])


def test_an_id_and_last_contradict_each_other(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert desk.run("report", "m-1", "--last").exit_code == ExitCode.USAGE
    assert desk.functions.events == []


def test_a_link_that_is_not_https_is_not_opened() -> None:
    with pytest.raises(UnreachableError, match="isn't HTTPS"):
        fetch("file:///etc/passwd")


def test_a_host_that_is_not_there_is_told() -> None:
    with pytest.raises(UnreachableError, match="The report can't be downloaded"):
        fetch("https://127.0.0.1:1/report")
