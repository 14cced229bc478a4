"""The page of a report is complete, needs no other resource, and escapes texts of people."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from cognito_failover.core.verdict import Verdict
from cognito_failover.reports.chart import TimelineChart
from cognito_failover.reports.page import build_rows, render_page
from tests.support.recorded_failover import RecordedFailover

HOSTILE = """</script><script>alert("x")</script>'"><img src=x onerror=alert(1)>&amp;"""


class HtmlOutline(HTMLParser):
    """Collects the elements, ids and links of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id" and value:
                self.ids.append(value)
            if name in {"href", "src", "xlink:href"} and value:
                self.links.append(value)


@pytest.fixture(scope="module")
def failed_over_report() -> RecordedFailover:
    return RecordedFailover().fail_over()


@pytest.fixture(scope="module")
def html(failed_over_report: RecordedFailover) -> str:
    return render_page(failed_over_report.build_report())


def test_page_has_no_external_references(html: str) -> None:
    outline = HtmlOutline(html)
    assert {link for link in outline.links if not link.startswith("#")} == {"data:,"}
    assert {link[1:] for link in outline.links if link.startswith("#")} <= set(outline.ids)
    assert "http://" not in html.replace("http://www.w3.org/2000/svg", "")
    assert "url(http" not in html
    assert "@import" not in html


def test_ids_are_unique(html: str) -> None:
    ids = HtmlOutline(html).ids
    assert len(ids) == len(set(ids))


def test_headings_are_nested_and_tables_have_headers(html: str) -> None:
    levels = [int(tag[1]) for tag in HtmlOutline(html).tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
    tags = HtmlOutline(html).tags
    assert tags.count("table") == tags.count("thead") > 0


def test_chart_has_name_description_and_equivalent_table(failed_over_report: RecordedFailover, html: str) -> None:
    assert 'role="img" aria-labelledby="timeline-title timeline-description"' in html
    assert "The tables below have the same data." in html
    assert len(list(build_rows(failed_over_report.build_report()))) >= 5


def test_embedded_data_is_the_report(failed_over_report: RecordedFailover, html: str) -> None:
    match = re.search(r'<script type="application/json" id="report-data">(.*?)</script>', html, re.DOTALL)
    assert match
    assert json.loads(match[1])["id"] == failed_over_report.build_report().id


def test_user_text_is_escaped() -> None:
    recorded = RecordedFailover()
    assert recorded.world.request("failover", reason=HOSTILE, token="t", requested_by=HOSTILE)["done"]
    recorded.run(6)
    html = render_page(recorded.build_report())
    outline = HtmlOutline(html)
    assert outline.tags.count("script") == 1
    assert "img" not in outline.tags
    assert "alert(" in html


def test_chart_shows_every_sign_in_and_stage(failed_over_report: RecordedFailover) -> None:
    report = failed_over_report.build_report()
    chart = TimelineChart(report).as_svg()
    assert chart.count('class="bad"') == report.sign_ins.failed
    assert chart.count('class="good"') == report.sign_ins.tried - report.sign_ins.failed
    assert chart.count('class="flag"') == len(report.moves[0].stages)


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if verdict is not Verdict.SICK])
def test_every_verdict_is_drawable(verdict: Verdict) -> None:
    recorded = RecordedFailover()
    recorded.world.request("failover", reason="there", token="t")
    recorded.world.set_primary(verdict)
    recorded.run(5)
    assert f": {verdict.value} from " in TimelineChart(recorded.build_report()).as_svg()


def test_timeline_gap_is_left_open() -> None:
    recorded = RecordedFailover().fail_over()
    report = recorded.build_report()
    samples_with_gap = report.samples[:3] + report.samples[16:]
    chart = TimelineChart(replace(report, samples=samples_with_gap)).as_svg()
    assert chart.count("<title>agreed: sick") == 2


def test_report_without_timeline_says_so() -> None:
    recorded = RecordedFailover()
    recorded.world.set_primary(Verdict.SICK)
    recorded.world.run(5)
    html = render_page(recorded.build_report())
    assert "No rounds were recorded in this time" in html
    assert "<svg" not in html


def test_incomplete_report_says_so() -> None:
    recorded = RecordedFailover()
    recorded.world.set_primary(Verdict.SICK)
    recorded.run(5)
    assert "Not complete yet." in render_page(recorded.build_report())
