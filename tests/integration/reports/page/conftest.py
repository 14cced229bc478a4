"""A browser, and pages of reports."""

from pathlib import Path

import pytest

from cognito_failover.reports.page import render_page
from tests.support.browser import launch_chromium
from tests.support.drill_requests import request_drill
from tests.support.recorded_failover import RecordedFailover

browser = pytest.fixture(scope="module")(launch_chromium)


@pytest.fixture(scope="module")
def report_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the page of a failover to a file."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(render_page(RecordedFailover().fail_over().build_report()), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def drill_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the page of a switchover, in which several stages have the same time, to a file."""
    recorded = RecordedFailover()
    request_drill(recorded.world, "switchover")
    path = tmp_path_factory.mktemp("report") / "drill.html"
    drill = recorded.run(45).world.state.last_drill
    assert drill
    path.write_text(render_page(recorded.build_report(drill.id)), encoding="utf-8")
    return path
