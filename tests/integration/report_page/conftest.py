"""A real browser, and a report to look at in it."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from failover.report.page import page as html_of
from tests.support.recorded import Recorded

CHROMIUM = shutil.which("chromium")
# Its own calls home would wait for a network that may not be there.
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass
class Visit:
    """A page as somebody sees it, with everything it asked for and complained of."""

    page: Page
    requested: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def noted(self) -> "Visit":
        """Note requests and complaints from now on."""
        self.page.on("request", self._request)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return self

    def _request(self, request: Request) -> None:
        self.requested.append(request.url)

    def _console(self, message: ConsoleMessage) -> None:
        self.complaints.append(f"{message.type}: {message.text}")


@pytest.fixture(scope="module")
def report_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the page of a failover, written as the reporter writes it."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(html_of(Recorded().failed_over().report()), encoding="utf-8")
    return path


# No longer than these pages are looked at: while it is open, playwright keeps an event loop running in this thread.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return Debian's Chromium, without a window."""
    if CHROMIUM is None:
        why = "no chromium on this machine; on Debian: apt-get install chromium"
        # CI promises to look at pages: there a missing browser is a failure, not an excuse.
        (pytest.fail if os.environ.get("REQUIRE_BROWSER") else pytest.skip)(why)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield launched
        launched.close()
