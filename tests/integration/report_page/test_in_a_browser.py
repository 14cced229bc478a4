"""The report's page in a real browser: nothing overflows, nothing is asked of a network, everything can be used."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.support.browser import DESK, PHONE, Visit, visiting

LEAST_CONTRAST = 4.5
"""Of text to what is behind it, by WCAG 2.2, level AA."""


@pytest.fixture(params=[(DESK, "light"), (DESK, "dark"), (PHONE, "light"), (PHONE, "dark")], ids=str)
def seen(request: pytest.FixtureRequest, browser: Browser, report_file: Path) -> Iterator[Visit]:
    width, scheme = request.param
    with visiting(browser, report_file, width=width, scheme=scheme) as visit:
        yield visit


@pytest.fixture
def at_desk(browser: Browser, report_file: Path) -> Iterator[Visit]:
    with visiting(browser, report_file) as visit:
        yield visit


def test_it_asks_for_nothing_but_itself_and_complains_of_nothing(seen: Visit, report_file: Path) -> None:
    seen.page.wait_for_load_state("networkidle")
    assert set(seen.requested) <= {report_file.as_uri(), "data:,"}
    assert seen.complaints == []


def test_nothing_is_wider_than_the_page(seen: Visit) -> None:
    assert seen.overflowing() == []


def test_no_label_of_the_picture_lies_on_another(seen: Visit) -> None:
    assert seen.collisions() == []


def test_every_text_stands_out_from_what_is_behind_it(seen: Visit) -> None:
    contrasts = seen.contrasts()
    assert len(contrasts) > 100
    assert [(text, round(contrast, 2)) for text, contrast in contrasts if contrast < LEAST_CONTRAST] == []


def test_light_and_dark_differ(browser: Browser, report_file: Path) -> None:
    with visiting(browser, report_file) as light, visiting(browser, report_file, scheme="dark") as dark:
        grounds = {each.page.evaluate("getComputedStyle(document.body).backgroundColor") for each in (light, dark)}
    assert len(grounds) == 2


def test_every_link_leads_to_its_part(at_desk: Visit) -> None:
    assert len(at_desk.links()) == 7


def test_the_table_of_rounds_opens_and_closes_by_keyboard(at_desk: Visit) -> None:
    table = at_desk.page.locator("#rounds table")
    assert not table.is_visible()
    at_desk.page.locator("#rounds summary").focus()
    at_desk.page.keyboard.press("Enter")
    assert table.is_visible()
    assert table.locator("tbody tr").count() >= 5
    at_desk.page.keyboard.press("Enter")
    assert not table.is_visible()


def test_the_settings_open(at_desk: Visit) -> None:
    at_desk.page.locator("#audit summary").click()
    assert at_desk.page.get_by_text("SUSPECT_ROUNDS").is_visible()


def test_on_a_phone_the_picture_is_reached_by_scrolling_inside_it(browser: Browser, report_file: Path) -> None:
    with visiting(browser, report_file, width=PHONE) as phone:
        phone.page.locator("figure .scroll").focus()
        phone.page.keyboard.press("ArrowRight")
        phone.page.wait_for_function("document.querySelector('figure .scroll').scrollLeft > 0")


def test_a_reader_that_sees_nothing_is_told_what_the_picture_is(at_desk: Visit) -> None:
    picture = at_desk.page.get_by_role("img", name="Timeline: Failover of auth.example.com to us-east-1")
    assert picture.count() == 1
    snapshot = at_desk.page.locator("main").aria_snapshot()
    assert 'heading "Timeline" [level=2]' in snapshot
    assert 'heading "Round by round" [level=2]' in snapshot


def test_a_mark_says_what_it_is_when_pointed_at(at_desk: Visit) -> None:
    assert "failed: connect-timeout" in at_desk.page.locator("svg .bad title").first.text_content()  # type: ignore[operator]
    titles: list[str] = at_desk.page.locator("svg .run title").all_text_contents()
    assert any(title.startswith("agreed: sick from") for title in titles)


def test_the_data_inside_can_be_read_by_a_program(at_desk: Visit) -> None:
    data: dict[str, Any] = at_desk.page.evaluate("JSON.parse(document.getElementById('report-data').textContent)")
    assert data["format"] == "cognito-failover/report/1"
    assert len(data["moments"]) == 23


def test_on_paper_it_is_black_on_white_all_of_it_and_as_wide_as_the_sheet(browser: Browser, report_file: Path) -> None:
    with visiting(browser, report_file, width=680, scheme="dark") as paper:  # A4 without its margins
        paper.page.emulate_media(media="print")
        ink, ground = paper.page.evaluate(
            "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
        )
        assert (ink, ground) == ("rgb(0, 0, 0)", "rgb(255, 255, 255)")
        assert not paper.page.locator("nav").is_visible()
        assert paper.overflowing() == []
        assert paper.page.locator("#rounds table").is_visible()
        assert paper.page.pdf(format="A4").startswith(b"%PDF")


def test_the_flags_of_a_drill_stand_clear_of_each_other_and_over_their_lines(
    browser: Browser, drill_file: Path
) -> None:
    with visiting(browser, drill_file) as drill:
        assert drill.collisions() == []
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
