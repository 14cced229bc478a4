"""The report as one HTML page without scripts and external fonts or images. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from cognito_failover.common.text import format_duration
from cognito_failover.core.model.drill import DrillOutcome
from cognito_failover.reports.chart import TimelineChart, compute_answer_share, compute_weight_share, format_offset
from cognito_failover.reports.document import Document, TimelineSample
from cognito_failover.reports.source_data import LEAD_SECONDS

_FOLDER = Path(__file__).parent

_UNIT = re.compile(r"(?<=\d) (?=(?:s|min|h)\b|%)")

OUTCOME_TEXTS = {
    "": "still running",
    DrillOutcome.SUCCEEDED: "succeeded: as planned",
    DrillOutcome.ABORTED: "aborted: users returned early, or were never moved",
    DrillOutcome.INTERRUPTED: "interrupted by a real event: users stay where that left them",
    DrillOutcome.REFUSED: "refused: it did not start",
}
"""The outcome of a drill, as the page shows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineRow:
    """One row of the table of rounds.

    Attributes
    ----------
    sample
        The round.
    clock
        Its time on the clock of the chart.
    weight, name_servers, resolvers
        The share of each on the standby, as text; empty if it is unknown.
    sign_in
        The result of the sign-in, as text.

    """

    sample: TimelineSample
    clock: str
    weight: str
    name_servers: str
    resolvers: str
    sign_in: str


def render_page(document: Document) -> str:
    """Return the report as HTML."""
    return (
        _build_environment()
        .get_template("page.html.j2")
        .render(
            report=document,
            # Safe: the chart escapes every text, and JSON without "<" can't end the element.
            chart=Markup(TimelineChart(document).as_svg() if document.samples else ""),  # noqa: S704
            data=Markup(_encode_embedded_json(document)),  # noqa: S704
            style=Markup((_FOLDER / "page.css").read_text(encoding="utf-8")),  # noqa: S704
            rows=tuple(build_rows(document)),
            clock_of=partial(_format_offset_at, document),
            outcomes=OUTCOME_TEXTS,
            whole=partial(_prevent_line_breaks, names=(document.primary, document.standby)),
        )
    )


def build_rows(document: Document) -> Iterator[TimelineRow]:
    """Yield the rounds in which a shown value differs from the round before."""
    previous_values: tuple[object, ...] | None = None
    for sample in document.samples:
        row = TimelineRow(
            sample=sample,
            clock=_format_offset_at(document, sample.at),
            weight=_format_percent(compute_weight_share(sample, document.standby)),
            name_servers=_format_percent(compute_answer_share(sample.name_servers.values(), document.standby)),
            resolvers=_format_percent(compute_answer_share(sample.resolvers.values(), document.standby)),
            sign_in=_describe_sign_in(sample),
        )
        shown_values = (
            sample.phase,
            sample.active,
            sample.consensus,
            row.weight,
            row.name_servers,
            row.resolvers,
            row.sign_in,
        )
        if shown_values != previous_values:
            yield row
        previous_values = shown_values


def _format_percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.0f} %"


def _describe_sign_in(sample: TimelineSample) -> str:
    if sample.sign_in is None:
        return ""
    return {True: "ok", False: f"failed: {sample.sign_in.code}", None: f"inconclusive: {sample.sign_in.code}"}[
        sample.sign_in.ok
    ]


def _format_offset_at(document: Document, at: str) -> str:
    cause = datetime.fromisoformat(document.began_at) + timedelta(seconds=LEAD_SECONDS)
    return format_offset((datetime.fromisoformat(at) - cause).total_seconds())


def _encode_embedded_json(document: Document) -> str:
    return msgspec.json.encode(document).decode().replace("<", "\\u003c")


def _format_clock(at: str | None) -> str:
    return at[11:19] if at else ""


def _prevent_line_breaks(text: str, names: tuple[str, ...]) -> Markup:
    """Return the text without line breaks inside names of Regions, and between numbers and units."""
    unbroken = escape(_UNIT.sub("\N{NO-BREAK SPACE}", text))
    for name in names:
        unbroken = unbroken.replace(name, Markup('<span class="whole">{}</span>').format(name))
    return unbroken


def _format_day(at: str) -> str:
    return at[:10]


@cache
def _build_environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.do"],
    )
    environment.filters.update(clock=_format_clock, day=_format_day, span=format_duration)
    return environment
