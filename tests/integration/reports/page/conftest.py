"""A real browser, and a report to look at in it."""

from pathlib import Path

import pytest

from cognito_failover.reports.page import render_page as html_of
from tests.support.browser import launch_chromium
from tests.support.drill_requests import request_drill
from tests.support.recorded_failover import RecordedFailover

browser = pytest.fixture(scope="module")(launch_chromium)


@pytest.fixture(scope="module")
def report_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the page of a failover, written as the reporter writes it."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(html_of(RecordedFailover().fail_over().build_report()), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def drill_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the page of a drill there and back, several of whose stages come at the same moment."""
    recorded = RecordedFailover()
    request_drill(recorded.world, "switchover")
    path = tmp_path_factory.mktemp("report") / "drill.html"
    last = recorded.run(45).world.state.last_drill
    assert last
    path.write_text(html_of(recorded.build_report(last.id)), encoding="utf-8")
    return path
