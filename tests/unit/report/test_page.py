"""The page holds all of the report, needs nothing else, and says nothing that somebody else wrote as its own."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from failover.probe.verdict import Verdict
from failover.report.chart import Chart
from failover.report.page import page, rows
from tests.support.recorded import Recorded

HOSTILE = """</script><script>alert("x")</script>'"><img src=x onerror=alert(1)>&amp;"""


class Outline(HTMLParser):
    """Notes the elements of a page, and what it refers to."""

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
def failed_over() -> Recorded:
    return Recorded().failed_over()


@pytest.fixture(scope="module")
def html(failed_over: Recorded) -> str:
    return page(failed_over.report())


def test_it_refers_to_nothing_outside_itself(html: str) -> None:
    outline = Outline(html)
    assert {link for link in outline.links if not link.startswith("#")} == {"data:,"}
    assert {link[1:] for link in outline.links if link.startswith("#")} <= set(outline.ids)
    assert "http://" not in html.replace("http://www.w3.org/2000/svg", "")
    assert "url(http" not in html
    assert "@import" not in html


def test_ids_are_used_once(html: str) -> None:
    ids = Outline(html).ids
    assert len(ids) == len(set(ids))


def test_headings_descend_without_a_gap_and_every_table_has_a_head(html: str) -> None:
    levels = [int(tag[1]) for tag in Outline(html).tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
    tags = Outline(html).tags
    assert tags.count("table") == tags.count("thead") > 0


def test_the_picture_has_a_name_and_a_description_and_the_same_as_a_table(failed_over: Recorded, html: str) -> None:
    assert 'role="img" aria-labelledby="timeline-title timeline-description"' in html
    assert "The tables below hold the same." in html
    assert len(list(rows(failed_over.report()))) >= 5


def test_the_data_inside_is_the_report(failed_over: Recorded, html: str) -> None:
    found = re.search(r'<script type="application/json" id="report-data">(.*?)</script>', html, re.DOTALL)
    assert found
    assert json.loads(found[1])["id"] == failed_over.report().id


def test_what_somebody_wrote_stays_text() -> None:
    recorded = Recorded()
    assert recorded.world.request("failover", reason=HOSTILE, token="t", requested_by=HOSTILE)["done"]
    recorded.run(6)
    html = page(recorded.report())
    outline = Outline(html)
    assert outline.tags.count("script") == 1
    assert "img" not in outline.tags
    assert "alert(" in html


def test_the_picture_shows_every_sign_in_and_every_stage(failed_over: Recorded) -> None:
    report = failed_over.report()
    drawn = Chart(report).as_svg()
    assert drawn.count('class="bad"') == report.sign_ins.failed
    assert drawn.count('class="good"') == report.sign_ins.tried - report.sign_ins.failed
    assert drawn.count('class="flag"') == len(report.moves[0].stages)


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if verdict is not Verdict.SICK])
def test_every_verdict_can_be_drawn(verdict: Verdict) -> None:
    recorded = Recorded()
    recorded.world.request("failover", reason="there", token="t")
    recorded.world.primary(verdict)
    recorded.run(5)
    assert f": {verdict.value} from " in Chart(recorded.report()).as_svg()


def test_a_gap_in_the_timeline_is_left_open() -> None:
    recorded = Recorded().failed_over()
    report = recorded.report()
    later = report.moments[:3] + report.moments[16:]
    drawn = Chart(replace(report, moments=later)).as_svg()
    assert drawn.count("<title>agreed: sick") == 2


def test_a_report_without_a_timeline_says_so() -> None:
    recorded = Recorded()
    recorded.world.primary(Verdict.SICK)
    recorded.world.run(5)
    html = page(recorded.report())
    assert "No round of this time was kept" in html
    assert "<svg" not in html


def test_a_report_that_is_not_complete_says_so() -> None:
    recorded = Recorded()
    recorded.world.primary(Verdict.SICK)
    recorded.run(5)
    assert "Not complete yet." in page(recorded.report())
