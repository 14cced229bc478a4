"""The report's page in a real browser: nothing overflows, nothing is asked of a network, everything can be used."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser

from tests.integration.report_page.conftest import Visit

type Scheme = Literal["light", "dark"]

PHONE, DESK = 375, 1280
LEAST_CONTRAST = 4.5
"""Of text to what is behind it, by WCAG 2.2, level AA."""

CONTRASTS = """
() => {
  const parse = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const luminance = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = parse(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  const note = (text, ink, ground) => {
    const [a, b] = [luminance(ink), luminance(ground)].sort((x, y) => y - x);
    found.push([text.trim().slice(0, 40), (a + 0.05) / (b + 0.05)]);
  };
  for (const element of document.querySelectorAll("h1, h2, h3, p, a, th, td, dt, dd, summary, caption, footer")) {
    if (element.textContent.trim()) note(element.textContent, parse(getComputedStyle(element).color), behind(element));
  }
  const runs = [...document.querySelectorAll("svg .run")];
  for (const text of document.querySelectorAll("svg text")) {
    const box = text.getBoundingClientRect();
    const under = runs.find(run => {
      const r = run.getBoundingClientRect();
      return r.left <= box.left && r.right >= box.right && r.top <= box.top + 4 && r.bottom >= box.bottom - 4;
    });
    const flag = text.classList.contains("flag-number") ? text.parentElement.querySelector(".flag") : null;
    const ground = flag || under ? parse(getComputedStyle(flag || under).fill) : behind(text);
    note(text.textContent, parse(getComputedStyle(text).fill), ground);
  }
  return found;
}
"""


def visit(browser: Browser, file: Path, *, width: int = DESK, scheme: Scheme = "light") -> Visit:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True)
    seen = Visit(page=context.new_page()).noted()
    seen.page.goto(file.as_uri())
    return seen


@pytest.fixture(params=[(DESK, "light"), (DESK, "dark"), (PHONE, "light"), (PHONE, "dark")], ids=str)
def seen(request: pytest.FixtureRequest, browser: Browser, report_file: Path) -> Iterator[Visit]:
    width, scheme = request.param
    visited = visit(browser, report_file, width=width, scheme=scheme)
    yield visited
    visited.page.context.close()


@pytest.fixture
def at_desk(browser: Browser, report_file: Path) -> Iterator[Visit]:
    visited = visit(browser, report_file)
    yield visited
    visited.page.context.close()


def test_it_asks_for_nothing_but_itself_and_complains_of_nothing(seen: Visit, report_file: Path) -> None:
    seen.page.wait_for_load_state("networkidle")
    assert set(seen.requested) <= {report_file.as_uri(), "data:,"}
    assert seen.complaints == []


def test_nothing_is_wider_than_the_page(seen: Visit) -> None:
    page_width, window_width = seen.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert page_width <= window_width
    outside: list[str] = seen.page.evaluate(
        """() => [...document.querySelectorAll("body *")]
             .filter(e => !e.closest(".scroll") && !e.closest(".skip"))
             .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
             .map(e => e.tagName + " " + e.textContent.slice(0, 30))"""
    )
    assert outside == []


def test_every_text_stands_out_from_what_is_behind_it(seen: Visit) -> None:
    contrasts: list[tuple[str, float]] = seen.page.evaluate(CONTRASTS)
    assert len(contrasts) > 100
    assert [(text, round(contrast, 2)) for text, contrast in contrasts if contrast < LEAST_CONTRAST] == []


def test_light_and_dark_differ(browser: Browser, report_file: Path) -> None:
    grounds = set()
    for scheme in ("light", "dark"):
        visited = visit(browser, report_file, scheme="light" if scheme == "light" else "dark")
        grounds.add(visited.page.evaluate("getComputedStyle(document.body).backgroundColor"))
        visited.page.context.close()
    assert len(grounds) == 2


def test_every_link_leads_to_its_part(at_desk: Visit) -> None:
    links = at_desk.page.locator("nav a").all()
    assert len(links) == 7
    for link in links:
        target = str(link.get_attribute("href"))
        link.click()
        assert at_desk.page.evaluate("location.hash") == target
        assert at_desk.page.locator(target).is_visible()


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
    phone = visit(browser, report_file, width=PHONE)
    box = phone.page.locator("figure .scroll")
    box.focus()
    phone.page.keyboard.press("ArrowRight")
    phone.page.wait_for_function("document.querySelector('figure .scroll').scrollLeft > 0")
    phone.page.context.close()


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
    paper = visit(browser, report_file, width=680, scheme="dark")  # A4 without its margins
    paper.page.emulate_media(media="print")
    ink, ground = paper.page.evaluate(
        "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
    )
    assert (ink, ground) == ("rgb(0, 0, 0)", "rgb(255, 255, 255)")
    assert not paper.page.locator("nav").is_visible()
    assert paper.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert paper.page.locator("#rounds table").is_visible()
    assert paper.page.pdf(format="A4").startswith(b"%PDF")
    paper.page.context.close()
