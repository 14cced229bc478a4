"""The report as one page that needs nothing else: no script, no font, no picture from elsewhere. Pure."""

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
    "": "it is on",
    DrillOutcome.SUCCEEDED: "clean: as planned",
    DrillOutcome.ABORTED: "aborted: users went home early, or never left",
    DrillOutcome.INTERRUPTED: "overtaken: something real came between, and users stay where that left them",
    DrillOutcome.REFUSED: "refused: never begun",
}
"""How a drill ended, as a person reads it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineRow:
    """One line of the table of rounds.

    Attributes
    ----------
    moment
        The round.
    clock
        When, on the clock of the picture.
    weight, name_servers, resolvers
        The share of each on the standby, as text; empty where nothing is known.
    sign_in
        How the sign-in fared, as text.

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
            # Safe as it is: the chart escapes every text, and JSON without "<" ends no element.
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
    """Give the rounds in which anything was otherwise than in the one before."""
    previous: tuple[object, ...] | None = None
    for moment in document.samples:
        row = TimelineRow(
            sample=moment,
            clock=_format_offset_at(document, moment.at),
            weight=_format_percent(compute_weight_share(moment, document.standby)),
            name_servers=_format_percent(compute_answer_share(moment.name_servers.values(), document.standby)),
            resolvers=_format_percent(compute_answer_share(moment.resolvers.values(), document.standby)),
            sign_in=_describe_sign_in(moment),
        )
        shown_values = (
            moment.phase,
            moment.active,
            moment.consensus,
            row.weight,
            row.name_servers,
            row.resolvers,
            row.sign_in,
        )
        if shown_values != previous:
            yield row
        previous = shown_values


def _format_percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.0f} %"


def _describe_sign_in(sample: TimelineSample) -> str:
    if sample.sign_in is None:
        return ""
    return {True: "ok", False: f"failed: {sample.sign_in.code}", None: f"says nothing: {sample.sign_in.code}"}[
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
    """Return a text in which no line ends within the name of a Region, or between a number and its unit."""
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
