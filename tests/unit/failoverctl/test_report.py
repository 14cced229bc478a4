"""``failoverctl report``: links to a report, or the report itself."""

import json
from pathlib import Path
from typing import Any

import pytest

from failoverctl.download import fetch
from failoverctl.exit_codes import ExitCode, UnreachableError
from tests.unit.failoverctl.cli_harness import CliHarness, read_output

FOUND_REPORT: dict[str, Any] = {
    "id": "to-us-east-1-1800000000",
    "uri": "s3://bucket/reports/to-us-east-1-1800000000.html",
    "written_at": "2027-01-15T08:02:00Z",
    "page": "https://bucket/page?signed",
    "data": "https://bucket/data?signed",
    "links_valid_seconds": 900,
}
REPORT_ANSWER = {"done": True, "message": "The report is there.", "report": FOUND_REPORT}
NO_REPORT_ANSWER = {"done": False, "message": "There is no report.", "refused_by": "no-report"}


class ReportCommandHarness(CliHarness):
    """A harness with an answer about a report, a fake download and a fake browser."""

    def __init__(self, folder: Path, answer: dict[str, Any] | None = None) -> None:
        super().__init__()
        self.queue_outcomes(answer or REPORT_ANSWER)
        self.fetched: list[str] = []
        self.opened: list[Path] = []
        self.runtime_overrides = {
            "fetch": self._fetch,
            "create_temp_dir": lambda: folder,
            "open_file": self.opened.append,
        }

    def _fetch(self, link: str) -> bytes:
        self.fetched.append(link)
        return b"<html>" if "page" in link else b"{}"


def test_links_are_shown_with_expiry(tmp_path: Path) -> None:
    harness = ReportCommandHarness(tmp_path)
    result = harness.run("report")
    assert result.exit_code == ExitCode.DONE
    assert harness.functions.events == [{"action": "report"}]
    assert "Links for 15 minutes. They work for every person who has them." in result.stdout
    assert FOUND_REPORT["page"] in result.stdout
    assert harness.fetched == []


def test_report_is_requested_by_id(tmp_path: Path) -> None:
    harness = ReportCommandHarness(tmp_path)
    assert read_output(harness.run("report", "to-us-east-1-1800000000", "--json")) == REPORT_ANSWER
    assert harness.functions.events == [{"action": "report", "id": "to-us-east-1-1800000000"}]


def test_report_opens_from_private_file(tmp_path: Path) -> None:
    harness = ReportCommandHarness(tmp_path)
    assert harness.run("report", "--last", "--open").exit_code == ExitCode.DONE
    [opened] = harness.opened
    assert opened == tmp_path / f"{FOUND_REPORT['id']}.html"
    assert opened.read_bytes() == b"<html>"


def test_report_is_saved_to_given_path(tmp_path: Path) -> None:
    harness = ReportCommandHarness(tmp_path)
    result = harness.run("report", "--output", str(tmp_path / "report.json"), "--data")
    assert (tmp_path / "report.json").read_bytes() == b"{}"
    assert harness.fetched == [FOUND_REPORT["data"]]
    assert "report.json" in result.stdout.replace("\n", "")
    assert harness.opened == []


def test_script_gets_saved_path(tmp_path: Path) -> None:
    path = str(tmp_path / "report.html")
    assert read_output(ReportCommandHarness(tmp_path).run("report", "--output", path, "--json"))["file"] == path


def test_standard_output_has_only_the_report(tmp_path: Path) -> None:
    assert json.loads(ReportCommandHarness(tmp_path).run("report", "--output", "-", "--data").stdout) == {}


def test_missing_report_downloads_nothing(tmp_path: Path) -> None:
    harness = ReportCommandHarness(tmp_path, NO_REPORT_ANSWER)
    result = harness.run("report", "--open")
    assert result.exit_code == ExitCode.REFUSED
    assert "There is no report." in result.stdout
    assert (harness.fetched, harness.opened) == ([], [])


def test_id_and_last_are_mutually_exclusive(tmp_path: Path) -> None:
    harness = ReportCommandHarness(tmp_path)
    assert harness.run("report", "m-1", "--last").exit_code == ExitCode.USAGE
    assert harness.functions.events == []


def test_non_https_link_is_not_opened() -> None:
    with pytest.raises(UnreachableError, match="isn't HTTPS"):
        fetch("file:///etc/passwd")


def test_unreachable_host_is_reported() -> None:
    with pytest.raises(UnreachableError, match="The report can't be downloaded"):
        fetch("https://127.0.0.1:1/report")
