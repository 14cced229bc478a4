"""The timeline as a picture: SVG whose parts are told apart by place, pattern and words, and by colour beside.

Whatever was said by somebody goes through ``_said``: the library writes texts as they are.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import svg
from markupsafe import escape

from failover.report.document import Answers, Document, Moment
from failover.report.material import LEAD_SECONDS

WIDTH, LEFT, RIGHT = 960, 190, 18
LANE, GAP, PANEL = 18, 6, 96
FLAG, FLAG_ROOM = 18, 20
"""How high a flag is with its gap, and how far apart two must be to stand side by side."""

LABEL_ROOM = 6.6
"""How wide a letter of a label is, about."""

LONGEST_RUN_SECONDS = 90.0
"""A moment stands for no longer than this, if the next one is later."""

TICKS = 8
_STEPS = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400)

PATTERNS = {
    "healthy": "",
    "unverified": "",
    "sick": "M0 8 L8 0 M-2 2 L2 -2 M6 10 L10 6",
    "throttled": "M0 4 L8 4",
    "trigger": "M4 0 L4 8",
    "canary-broken": "M0 0 L8 8 M0 8 L8 0",
    "not-ready": "M0 0 L8 8",
    "unknown": "M4 3.4 L4 4.6",
}
"""What lies over the colour of each verdict, drawn in a square of eight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A stretch of one value: which, since when, and from where to where in the picture."""

    value: str
    at: str
    left: float
    right: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """The mark of a stage: its number, where it stands, how many others below it keep it up there, what it says."""

    number: int
    x: float
    level: int
    title: str


class Chart:
    """Draws one report's timeline.

    Parameters
    ----------
    document
        The report.

    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._began = datetime.fromisoformat(document.began_at)
        until = datetime.fromisoformat(document.until)
        self._seconds = max(1.0, (until - self._began).total_seconds())
        self._cause = self._began + timedelta(seconds=LEAD_SECONDS)
        self._flags = tuple(_flags(document, self._x))
        self._top = 28.0 + FLAG * max((flag.level for flag in self._flags), default=0)
        self._y = self._top
        self._parts: list[svg.Element] = []

    def as_svg(self) -> str:
        """Return the picture as an ``svg`` element to be put into a page."""
        moments = self._document.moments
        self._lane("state", self._runs(moments, lambda each: each.phase), "phase")
        if any(each.drill for each in moments):
            self._lane("drill", self._runs(moments, self._drill), "drill")
        for region in (self._document.primary, self._document.standby):
            self._verdicts(region, moments)
        for latch in sorted({name for each in moments for name in each.latches}):
            self._lane(f"latch: {latch}", self._runs(moments, partial(_latch, name=latch)), "latch")
        self._shares(moments)
        self._sign_ins(moments)
        bottom = self._y
        marks = [*self._ticks(bottom), *self._stages(bottom)]
        height = bottom + 30
        return svg.SVG(
            class_=["timeline"],
            viewBox=svg.ViewBoxSpec(0, 0, WIDTH, height),
            extra={"role": "img", "aria-labelledby": "timeline-title timeline-description"},
            elements=[
                svg.Title(id="timeline-title", text=_said(f"Timeline: {self._document.title}")),
                svg.Desc(id="timeline-description", text=_said(self._description())),
                svg.Defs(elements=list(_patterns())),
                *marks,
                *self._parts,
            ],
        ).as_str()

    def _description(self) -> str:
        return (
            f"{self._document.summary} State, verdicts of each observer, shares of weights and answers on "
            f"{self._document.standby}, and sign-ins, over {self._seconds:.0f} seconds. The tables below hold the same."
        )

    def _drill(self, moment: Moment) -> str:
        own = {self._document.id, self._document.drill.id if self._document.drill else ""}
        return "" if not moment.drill else "drill" if moment.drill in own else "another drill"

    def _x(self, at: str | datetime) -> float:
        moment = datetime.fromisoformat(at) if isinstance(at, str) else at
        share = (moment - self._began).total_seconds() / self._seconds
        return round(LEFT + (WIDTH - LEFT - RIGHT) * min(1.0, max(0.0, share)), 1)

    def _verdicts(self, region: str, moments: Sequence[Moment]) -> None:
        self._heading(region)
        self._lane("agreed", self._runs(moments, lambda each: each.known.get(region, "unknown")), "verdict")
        for observer in sorted({name for each in moments for name in each.seen}):
            runs = self._runs(moments, partial(_seen, observer=observer, region=region))
            self._lane(f"from {observer}", runs, "verdict")

    def _runs(self, moments: Sequence[Moment], value_of: Callable[[Moment], str]) -> Iterator[Run]:
        """Give each stretch of one value. A gap in the timeline is left open."""
        run: Run | None = None
        for moment, after in zip(moments, [*moments[1:], None], strict=True):
            value, until = value_of(moment), self._stretch(moment.at, after.at if after else self._document.until)
            if run and run.value == value and self._x(moment.at) <= run.right:
                run = replace(run, right=self._x(until))
                continue
            if run:
                yield run
            run = Run(value=value, at=moment.at, left=self._x(moment.at), right=self._x(until))
        if run:
            yield run

    def _stretch(self, at: str, end: str) -> str:
        longest = datetime.fromisoformat(at) + timedelta(seconds=LONGEST_RUN_SECONDS)
        return min(datetime.fromisoformat(end), longest).isoformat()

    def _heading(self, text: str) -> None:
        self._y += 4
        self._parts.append(_label(8, self._y + 13, text, "heading"))
        self._y += LANE

    def _lane(self, label: str, runs: Iterable[Run], kind: str) -> None:
        self._parts.append(_label(16, self._y + 13, label, "label"))
        for run in runs:
            if not run.value:
                continue
            title = svg.Title(text=_said(f"{label}: {run.value} from {_clock(run.at)}"))
            self._parts.append(self._box(run, ["run", kind, run.value], elements=[title]))
            label_width = LABEL_ROOM * len(run.value) + 8
            labelled = run.right - run.left > label_width
            if kind == "verdict" and PATTERNS.get(run.value):
                rest = replace(run, left=round(run.left + label_width, 1)) if labelled else run  # clear of the word
                self._parts.append(self._box(rest, ["over"], fill=f"url(#pattern-{run.value})"))
            if labelled:
                self._parts.append(_label(run.left + 4, self._y + 13, run.value, "in-run"))
        self._y += LANE + GAP

    def _box(
        self, run: Run, classes: list[str], *, elements: list[svg.Element] | None = None, fill: str | None = None
    ) -> svg.Rect:
        return svg.Rect(
            x=run.left,
            y=self._y,
            width=round(max(1.5, run.right - run.left), 1),
            height=LANE,
            class_=classes,
            fill=fill,
            elements=elements,
        )

    def _shares(self, moments: Sequence[Moment]) -> None:
        region = self._document.standby
        self._heading(f"share on {region}")
        top, height = self._y, PANEL
        # 95 % is written a little lower: it would lie on 100 %.
        for percent, lower in ((0, 4), (50, 4), (95, 9), (100, 4)):
            y = top + height * (1 - percent / 100)
            self._parts.append(svg.Line(x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_=["grid"]))
            self._parts.append(_label(LEFT - 6, y + lower, f"{percent} %", "scale"))
        series: tuple[tuple[str, str, Callable[[Moment], float | None]], ...] = (
            ("weights", "weights", lambda each: weight_share(each, region)),
            ("name servers", "name-servers", lambda each: answer_share(each.name_servers.values(), region)),
            ("public resolvers", "resolvers", lambda each: answer_share(each.resolvers.values(), region)),
        )
        for row, (label, kind, share_of) in enumerate(series):
            y = top + 16 + row * 18
            self._parts.append(svg.Line(x1=16, x2=44, y1=y, y2=y, class_=["series", kind]))
            self._parts.append(_mark(30, y, kind))
            self._parts.append(_label(52, y + 4, label, "label"))
            points = [
                (self._x(each.at), top + height * (1 - share))
                for each in moments
                if (share := share_of(each)) is not None
            ]
            self._parts += _series(points, kind, stepped=kind == "weights")
        self._y += height + GAP + 6

    def _sign_ins(self, moments: Sequence[Moment]) -> None:
        self._heading("sign-in through the domain")
        rows = {True: ("succeeded", 0.0), False: ("failed", LANE + 2.0), None: ("says nothing", 2 * (LANE + 2.0))}
        used = {each.sign_in.ok for each in moments if each.sign_in} | {True, False}
        for ok, (label, offset) in rows.items():
            if ok in used:
                self._parts.append(_label(16, self._y + offset + 13, label, "label"))
        for each in moments:
            if each.sign_in:
                y = self._y + rows[each.sign_in.ok][1] + 9
                self._parts.append(_attempt(self._x(each.sign_in.at), y, each))
        self._y += len(used) * (LANE + 2) + GAP

    def _ticks(self, bottom: float) -> Iterator[svg.Element]:
        step = next((each for each in _STEPS if self._seconds / each <= TICKS), _STEPS[-1])
        offset = (self._cause - self._began).total_seconds()
        first = -int(offset // step) * step
        at = float(first)
        while at <= self._seconds - offset:
            x = self._x(self._cause + timedelta(seconds=at))
            yield svg.Line(x1=x, x2=x, y1=self._top - 4, y2=bottom, class_=["grid"])
            yield _label(x, bottom + 16, clock(at), "tick")
            at += step

    def _stages(self, bottom: float) -> Iterator[svg.Element]:
        """Give a flag for each stage, all of them over all of their lines."""
        placed = [(flag, self._top - 14 - FLAG * flag.level) for flag in self._flags]
        for flag, y in placed:
            yield svg.Line(x1=flag.x, x2=flag.x, y1=y, y2=bottom, class_=["stage"])
        for flag, y in placed:
            yield svg.G(
                elements=[
                    svg.Title(text=_said(flag.title)),
                    svg.Circle(cx=flag.x, cy=y, r=9, class_=["flag"]),
                    _label(flag.x, y + 4, str(flag.number), "flag-number"),
                ]
            )


def _flags(document: Document, x_of: Callable[[str], float]) -> Iterator[Flag]:
    """Give the stages in the order of the tables, each on the lowest level where no other stands in its way."""
    last_x = list[float]()
    stages = [stage for move in document.moves for stage in move.stages]
    for number, stage in enumerate(stages, start=1):
        x = x_of(stage.at)
        level = next((level for level, taken in enumerate(last_x) if abs(x - taken) >= FLAG_ROOM), len(last_x))
        last_x[level : level + 1] = [x]
        yield Flag(number=number, x=x, level=level, title=f"{number}: {stage.name}, {_clock(stage.at)}")


def _said(text: str) -> str:
    return str(escape(text))


def _label(x: float, y: float, text: str, classes: str) -> svg.Text:
    return svg.Text(x=round(x, 1), y=round(y, 1), class_=classes.split(), text=_said(text))


def _patterns() -> Iterator[svg.Element]:
    for verdict, path in PATTERNS.items():
        if path:
            yield svg.Pattern(
                id=f"pattern-{verdict}",
                width=8,
                height=8,
                patternUnits="userSpaceOnUse",
                elements=[svg.Path(extra={"d": path}, class_=["pattern"])],
            )


def _series(points: Sequence[tuple[float, float]], kind: str, *, stepped: bool) -> Iterator[svg.Element]:
    if not points:
        return
    corners = list[tuple[float, float]]()
    for x, y in points:
        if stepped and corners:
            corners.append((x, corners[-1][1]))
        corners.append((x, y))
    yield svg.Polyline(points=[svg.Point(round(x, 1), round(y, 1)) for x, y in corners], class_=["series", kind])
    yield from (_mark(x, y, kind) for x, y in (points if not stepped else ()))


def _mark(x: float, y: float, kind: str) -> svg.Element:
    x, y = round(x, 1), round(y, 1)
    if kind == "name-servers":
        return svg.Rect(x=x - 2.5, y=y - 2.5, width=5, height=5, class_=["mark", kind])
    if kind == "resolvers":
        return svg.Circle(cx=x, cy=y, r=2.8, class_=["mark", kind])
    return svg.G()


def _attempt(x: float, y: float, moment: Moment) -> svg.Element:
    attempt = moment.sign_in
    if attempt is None:
        return svg.G()
    took = "" if attempt.seconds is None else f" in {attempt.seconds:.2f} s"
    what = {True: f"signed in{took}", False: f"failed: {attempt.code}", None: f"says nothing: {attempt.code}"}
    title = svg.Title(text=_said(f"{_clock(attempt.at)}: {what[attempt.ok]}"))
    if attempt.ok:
        return svg.Circle(cx=x, cy=y, r=3.4, class_=["good"], elements=[title])
    if attempt.ok is None:
        return svg.Circle(cx=x, cy=y, r=2, class_=["unclear"], elements=[title])
    cross = f"M{x - 4} {y - 4} L{x + 4} {y + 4} M{x - 4} {y + 4} L{x + 4} {y - 4}"
    return svg.Path(extra={"d": cross}, class_=["bad"], elements=[title])


def _latch(moment: Moment, name: str) -> str:
    latch = moment.latches.get(name)
    return ("thrown" if latch.thrown else "") if latch else ""


def _seen(moment: Moment, observer: str, region: str) -> str:
    seen = moment.seen.get(observer, {}).get(region)
    return seen.verdict if seen else ""


def weight_share(moment: Moment, region: str) -> float | None:
    """Return the share of the weights on a Region, 0 to 1; None where there are none."""
    total = sum(moment.weights.values())
    return moment.weights.get(region, 0) / total if total else None


def answer_share(answers: Iterable[Answers], region: str) -> float | None:
    """Return the share of the answers that led to a Region, 0 to 1; None where none was given."""
    counted = tuple(answers)
    given = sum(sum(each.regions.values()) + each.unclear for each in counted)
    return sum(each.regions.get(region, 0) for each in counted) / given if given else None


def _clock(at: str) -> str:
    return f"{at[11:19]} UTC"


def clock(seconds: float) -> str:
    """Return a moment on the clock of the picture, which counts from the first cause."""
    minutes, rest = divmod(abs(round(seconds)), 60)
    sign = "-" if seconds < 0 else "+"
    return f"{sign}{minutes}:{rest:02d}"
