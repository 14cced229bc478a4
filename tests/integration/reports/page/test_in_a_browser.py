"""The page of a report in a browser: no overflow, no requests, and every part is usable."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.support.browser import DESKTOP, PHONE, PageVisit, open_page

MIN_CONTRAST = 4.5
"""Minimum contrast of text, by WCAG 2.2, level AA."""


@pytest.fixture(params=[(DESKTOP, "light"), (DESKTOP, "dark"), (PHONE, "light"), (PHONE, "dark")], ids=str)
def viewport_visit(request: pytest.FixtureRequest, browser: Browser, report_file: Path) -> Iterator[PageVisit]:
    width, scheme = request.param
    with open_page(browser, report_file, width=width, scheme=scheme) as visit:
        yield visit


@pytest.fixture
def desktop_visit(browser: Browser, report_file: Path) -> Iterator[PageVisit]:
    with open_page(browser, report_file) as visit:
        yield visit


def test_page_makes_no_requests_and_logs_no_errors(viewport_visit: PageVisit, report_file: Path) -> None:
    viewport_visit.page.wait_for_load_state("networkidle")
    assert set(viewport_visit.requested_urls) <= {report_file.as_uri(), "data:,"}
    assert viewport_visit.console_errors == []


def test_nothing_overflows_the_page(viewport_visit: PageVisit) -> None:
    assert viewport_visit.find_overflow() == []


def test_chart_labels_do_not_overlap(viewport_visit: PageVisit) -> None:
    assert viewport_visit.find_collisions() == []


def test_text_contrast_is_sufficient(viewport_visit: PageVisit) -> None:
    contrasts = viewport_visit.measure_contrasts()
    assert len(contrasts) > 100
    assert [(text, round(contrast, 2)) for text, contrast in contrasts if contrast < MIN_CONTRAST] == []


def test_light_and_dark_themes_differ(browser: Browser, report_file: Path) -> None:
    with open_page(browser, report_file) as light, open_page(browser, report_file, scheme="dark") as dark:
        colors = {visit.page.evaluate("getComputedStyle(document.body).backgroundColor") for visit in (light, dark)}
    assert len(colors) == 2


def test_every_link_has_a_target(desktop_visit: PageVisit) -> None:
    assert len(desktop_visit.follow_links()) == 7


def test_rounds_table_toggles_by_keyboard(desktop_visit: PageVisit) -> None:
    table = desktop_visit.page.locator("#rounds table")
    assert not table.is_visible()
    desktop_visit.page.locator("#rounds summary").focus()
    desktop_visit.page.keyboard.press("Enter")
    assert table.is_visible()
    assert table.locator("tbody tr").count() >= 5
    desktop_visit.page.keyboard.press("Enter")
    assert not table.is_visible()


def test_settings_section_opens(desktop_visit: PageVisit) -> None:
    desktop_visit.page.locator("#audit summary").click()
    assert desktop_visit.page.get_by_text("SUSPECT_ROUNDS").is_visible()


def test_chart_scrolls_horizontally_on_phone(browser: Browser, report_file: Path) -> None:
    with open_page(browser, report_file, width=PHONE) as phone:
        phone.page.locator("figure .scroll").focus()
        phone.page.keyboard.press("ArrowRight")
        phone.page.wait_for_function("document.querySelector('figure .scroll').scrollLeft > 0")


def test_chart_has_accessible_description(desktop_visit: PageVisit) -> None:
    chart = desktop_visit.page.get_by_role("img", name="Timeline: Failover of auth.example.com to us-east-1")
    assert chart.count() == 1
    snapshot = desktop_visit.page.locator("main").aria_snapshot()
    assert 'heading "Timeline" [level=2]' in snapshot
    assert 'heading "Round by round" [level=2]' in snapshot


def test_marker_shows_tooltip(desktop_visit: PageVisit) -> None:
    assert "failed: connect-timeout" in desktop_visit.page.locator("svg .bad title").first.text_content()  # type: ignore[operator]
    titles: list[str] = desktop_visit.page.locator("svg .run title").all_text_contents()
    assert any(title.startswith("agreed: sick from") for title in titles)


def test_embedded_data_is_machine_readable(desktop_visit: PageVisit) -> None:
    data: dict[str, Any] = desktop_visit.page.evaluate("JSON.parse(document.getElementById('report-data').textContent)")
    assert data["format"] == "cognito-failover/report/1"
    assert len(data["samples"]) == 23


def test_print_layout_is_complete_and_monochrome(browser: Browser, report_file: Path) -> None:
    with open_page(browser, report_file, width=680, scheme="dark") as print_visit:  # A4 without its margins
        print_visit.page.emulate_media(media="print")
        color, background = print_visit.page.evaluate(
            "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
        )
        assert (color, background) == ("rgb(0, 0, 0)", "rgb(255, 255, 255)")
        assert not print_visit.page.locator("nav").is_visible()
        assert print_visit.find_overflow() == []
        assert print_visit.page.locator("#rounds table").is_visible()
        assert print_visit.page.pdf(format="A4").startswith(b"%PDF")


def test_drill_stage_markers_do_not_overlap(browser: Browser, drill_file: Path) -> None:
    with open_page(browser, drill_file) as drill:
        assert drill.find_collisions() == []
        over: list[str] = drill.page.evaluate(
            """() => [...document.querySelectorAll(".flag-number")].map(number => {
                 const box = number.getBoundingClientRect();
                 window.scrollTo(0, 0);
                 const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
                 return top.classList.contains("stage") ? number.textContent : "";
               }).filter(Boolean)"""
        )
        assert drill.page.locator(".flag").count() == 7
        assert over == []
