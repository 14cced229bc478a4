"""Reports as a person gets them: downloaded through the operator's link, validated, and opened in a browser."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
from playwright.sync_api import Browser

from tests.e2e.deployed_system import DeployedSystem
from tests.support.browser import PHONE, open_page

_ROOT = Path(__file__).parents[2]
_SCHEMA = json.loads((_ROOT / "docs" / "schemas" / "report.schema.json").read_text(encoding="utf-8"))
_LINK_COUNT = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadedReport:
    """A report: its data, and the file of its page."""

    data: dict[str, Any]
    page: Path


def wait_until_written(stage: DeployedSystem, report_id: str, *, complete: bool, at_most_seconds: float) -> None:
    """Wait until a report is in its bucket and, with `complete`, until it is complete."""
    s3, bucket, key = stage.get_client("s3"), stage.get_output("ReportBucketName"), f"reports/{report_id}.json"

    def is_written() -> bool:
        if not s3.list_objects_v2(Bucket=bucket, Prefix=key).get("Contents"):
            return False
        return not complete or bool(json.load(s3.get_object(Bucket=bucket, Key=key)["Body"])["complete"])

    stage.wait_until(f"the report {report_id} is written", is_written, at_most_seconds=at_most_seconds)


def download_report(stage: DeployedSystem, report_id: str, folder: Path) -> DownloadedReport:
    """Download the page and the data of a report, as a person does."""
    page = folder / f"{report_id}.html"
    data: dict[str, Any] | None = None
    # The report may be rewritten between the two downloads.
    while data is None or f'"written_at":"{data["written_at"]}"' not in page.read_text(encoding="utf-8"):
        data = json.loads(_run_failoverctl(stage, "report", report_id, "--data", "--output", "-"))
        _run_failoverctl(stage, "report", report_id, "--output", str(page))
    jsonschema.validate(data, _SCHEMA)
    return DownloadedReport(data=data, page=page)


def assert_page_is_readable(browser: Browser, report: DownloadedReport) -> None:
    """Check a page on a desktop and on a dark phone: it fits, its links work, and it contains the data."""
    with open_page(browser, report.page) as desk:
        assert desk.find_collisions() == []
        assert desk.find_overflow() == []
        assert len(desk.follow_links()) == _LINK_COUNT
        assert desk.page.evaluate("JSON.parse(document.getElementById('report-data').textContent)") == report.data
        assert desk.console_errors == []
    with open_page(browser, report.page, width=PHONE, scheme="dark") as phone:
        assert phone.find_overflow() == []


def _run_failoverctl(stage: DeployedSystem, *arguments: str) -> str:
    finished = subprocess.run(  # noqa: S603 - our own command
        [str(_ROOT / "scripts" / "failoverctl"), "--sandbox", stage.sandbox.network.prefix, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout
