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

from failover.decision.drill import DrillOutcome
from failover.report.chart import Chart, answer_share, clock, weight_share
from failover.report.document import Document, Moment
from failover.report.material import LEAD_SECONDS
from failover.timetext import span

_FOLDER = Path(__file__).parent

_UNIT = re.compile(r"(?<=\d) (?=(?:s|min|h)\b|%)")

OUTCOMES = {
    "": "it is on",
    DrillOutcome.CLEAN: "clean: as planned",
    DrillOutcome.ABORTED: "aborted: users went home early, or never left",
    DrillOutcome.OVERTAKEN: "overtaken: something real came between, and users stay where that left them",
    DrillOutcome.REFUSED: "refused: never begun",
}
"""How a drill ended, as a person reads it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
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

    moment: Moment
    clock: str
    weight: str
    name_servers: str
    resolvers: str
    sign_in: str


def page(document: Document) -> str:
    """Return the report as HTML."""
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            report=document,
            # Safe as it is: the chart escapes every text, and JSON without "<" ends no element.
            chart=Markup(Chart(document).as_svg() if document.moments else ""),  # noqa: S704
            data=Markup(_embedded(document)),  # noqa: S704
            style=Markup((_FOLDER / "page.css").read_text(encoding="utf-8")),  # noqa: S704
            rows=tuple(rows(document)),
            clock_of=partial(_clock_of, document),
            outcomes=OUTCOMES,
            whole=partial(_whole, names=(document.primary, document.standby)),
        )
    )


def rows(document: Document) -> Iterator[Row]:
    """Give the rounds in which anything was otherwise than in the one before."""
    before: tuple[object, ...] | None = None
    for moment in document.moments:
        row = Row(
            moment=moment,
            clock=_clock_of(document, moment.at),
            weight=_percent(weight_share(moment, document.standby)),
            name_servers=_percent(answer_share(moment.name_servers.values(), document.standby)),
            resolvers=_percent(answer_share(moment.resolvers.values(), document.standby)),
            sign_in=_fared(moment),
        )
        told = (moment.phase, moment.active, moment.known, row.weight, row.name_servers, row.resolvers, row.sign_in)
        if told != before:
            yield row
        before = told


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.0f} %"


def _fared(moment: Moment) -> str:
    if moment.sign_in is None:
        return ""
    return {True: "ok", False: f"failed: {moment.sign_in.code}", None: f"says nothing: {moment.sign_in.code}"}[
        moment.sign_in.ok
    ]


def _clock_of(document: Document, at: str) -> str:
    cause = datetime.fromisoformat(document.began_at) + timedelta(seconds=LEAD_SECONDS)
    return clock((datetime.fromisoformat(at) - cause).total_seconds())


def _embedded(document: Document) -> str:
    return msgspec.json.encode(document).decode().replace("<", "\\u003c")


def _clock(at: str | None) -> str:
    return at[11:19] if at else ""


def _whole(text: str, names: tuple[str, ...]) -> Markup:
    """Return a text in which no line ends within the name of a Region, or between a number and its unit."""
    whole = escape(_UNIT.sub("\N{NO-BREAK SPACE}", text))
    for name in names:
        whole = whole.replace(name, Markup('<span class="whole">{}</span>').format(name))
    return whole


def _day(at: str) -> str:
    return at[:10]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.do"],
    )
    environment.filters.update(clock=_clock, day=_day, span=span)
    return environment
