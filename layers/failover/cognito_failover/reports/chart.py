"""The timeline as an SVG chart. Position, pattern and words distinguish its parts; colour only repeats that.

Every text passes through `_escape_text`, because the library does not escape.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import svg
from markupsafe import escape

from cognito_failover.reports.document import Document, ServerAnswerCounts, TimelineSample
from cognito_failover.reports.source_data import LEAD_SECONDS

WIDTH, LEFT, RIGHT = 960, 190, 18
LANE, GAP, PANEL = 18, 6, 96
MARKER_HEIGHT, MARKER_SPACING = 18, 20
"""The height of a marker with its gap, and the minimum distance of two markers in one row."""

LABEL_CHARACTER_WIDTH = 6.6
"""The approximate width of a character."""

MAX_SEGMENT_SECONDS = 90.0
"""The longest time that one sample stands for."""

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
    "inactive": "M0 2 L8 2 M0 6 L8 6",
    "target-refuses": "M2 0 L2 8 M6 0 L6 8",
    "intermediary": "M0 4 L8 4 M4 0 L4 8",
    "unknown": "M4 3.4 L4 4.6",
}
"""The pattern over the colour of each verdict, in a square of 8 x 8."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A time in which a value does not change: the value, its start, and its place in the chart."""

    value: str
    at: str
    left: float
    right: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StageMarker:
    """The marker of a stage: its number, place, row (0 is the lowest) and tooltip."""

    number: int
    x: float
    level: int
    title: str


class TimelineChart:
    """Draws one report's timeline.

    Parameters
    ----------
    document
        The report.

    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._starts_at = datetime.fromisoformat(document.began_at)
        until = datetime.fromisoformat(document.until)
        self._seconds = max(1.0, (until - self._starts_at).total_seconds())
        self._cause_at = self._starts_at + timedelta(seconds=LEAD_SECONDS)
        self._markers = tuple(_build_stage_markers(document, self._to_x))
        self._top = 28.0 + MARKER_HEIGHT * max((marker.level for marker in self._markers), default=0)
        self._y = self._top
        self._parts: list[svg.Element] = []

    def as_svg(self) -> str:
        """Return the chart as an ``svg`` element for a page."""
        samples = self._document.samples
        self._draw_lane("state", self._build_segments(samples, lambda sample: sample.phase), "phase")
        if any(sample.drill for sample in samples):
            self._draw_lane("drill", self._build_segments(samples, self._classify_drill), "drill")
        for region in (self._document.primary, self._document.standby):
            self._draw_verdicts(region, samples)
        for latch in sorted({name for sample in samples for name in sample.latches}):
            self._draw_lane(
                f"latch: {latch}", self._build_segments(samples, partial(_get_latch_state, name=latch)), "latch"
            )
        self._draw_shares(samples)
        self._draw_sign_ins(samples)
        bottom = self._y
        overlay = [*self._make_ticks(bottom), *self._make_stage_markers(bottom)]
        height = bottom + 30
        return svg.SVG(
            class_=["timeline"],
            viewBox=svg.ViewBoxSpec(0, 0, WIDTH, height),
            extra={"role": "img", "aria-labelledby": "timeline-title timeline-description"},
            elements=[
                svg.Title(id="timeline-title", text=_escape_text(f"Timeline: {self._document.title}")),
                svg.Desc(id="timeline-description", text=_escape_text(self._describe())),
                svg.Defs(elements=list(_make_patterns())),
                *overlay,
                *self._parts,
            ],
        ).as_str()

    def _describe(self) -> str:
        return (
            f"{self._document.summary} State, verdicts of each observer, shares of weights and answers on "
            f"{self._document.standby}, and sign-ins, over {self._seconds:.0f} seconds. The tables below have the same "
            f"data."
        )

    def _classify_drill(self, sample: TimelineSample) -> str:
        own_ids = {self._document.id, self._document.drill.id if self._document.drill else ""}
        return "" if not sample.drill else "drill" if sample.drill in own_ids else "another drill"

    def _to_x(self, at: str | datetime) -> float:
        moment = datetime.fromisoformat(at) if isinstance(at, str) else at
        share = (moment - self._starts_at).total_seconds() / self._seconds
        return round(LEFT + (WIDTH - LEFT - RIGHT) * min(1.0, max(0.0, share)), 1)

    def _draw_verdicts(self, region: str, samples: Sequence[TimelineSample]) -> None:
        self._draw_heading(region)
        self._draw_lane(
            "agreed", self._build_segments(samples, lambda sample: sample.consensus.get(region, "unknown")), "verdict"
        )
        for observer in sorted({name for sample in samples for name in sample.verdicts_by_observer}):
            segments = self._build_segments(samples, partial(_get_verdict, observer=observer, region=region))
            self._draw_lane(f"from {observer}", segments, "verdict")

    def _build_segments(
        self, samples: Sequence[TimelineSample], get_value: Callable[[TimelineSample], str]
    ) -> Iterator[Segment]:
        """Yield the segments of a value. Gaps in the timeline stay empty."""
        segment: Segment | None = None
        for sample, following in zip(samples, [*samples[1:], None], strict=True):
            value, until = (
                get_value(sample),
                self._limit_segment_end(sample.at, following.at if following else self._document.until),
            )
            if segment and segment.value == value and self._to_x(sample.at) <= segment.right:
                segment = replace(segment, right=self._to_x(until))
                continue
            if segment:
                yield segment
            segment = Segment(value=value, at=sample.at, left=self._to_x(sample.at), right=self._to_x(until))
        if segment:
            yield segment

    def _limit_segment_end(self, at: str, end: str) -> str:
        longest = datetime.fromisoformat(at) + timedelta(seconds=MAX_SEGMENT_SECONDS)
        return min(datetime.fromisoformat(end), longest).isoformat()

    def _draw_heading(self, text: str) -> None:
        self._y += 4
        self._parts.append(_make_label(8, self._y + 13, text, "heading"))
        self._y += LANE

    def _draw_lane(self, label: str, segments: Iterable[Segment], kind: str) -> None:
        self._parts.append(_make_label(16, self._y + 13, label, "label"))
        for segment in segments:
            if not segment.value:
                continue
            title = svg.Title(text=_escape_text(f"{label}: {segment.value} from {_format_utc_clock(segment.at)}"))
            self._parts.append(self._make_box(segment, ["run", kind, segment.value], elements=[title]))
            label_width = LABEL_CHARACTER_WIDTH * len(segment.value) + 8
            labelled = segment.right - segment.left > label_width
            if kind == "verdict" and PATTERNS.get(segment.value):
                # The pattern leaves the label free.
                rest = replace(segment, left=round(segment.left + label_width, 1)) if labelled else segment
                self._parts.append(self._make_box(rest, ["over"], fill=f"url(#pattern-{segment.value})"))
            if labelled:
                self._parts.append(_make_label(segment.left + 4, self._y + 13, segment.value, "in-run"))
        self._y += LANE + GAP

    def _make_box(
        self,
        segment: Segment,
        classes: list[str],
        *,
        elements: list[svg.Element] | None = None,
        fill: str | None = None,
    ) -> svg.Rect:
        return svg.Rect(
            x=segment.left,
            y=self._y,
            width=round(max(1.5, segment.right - segment.left), 1),
            height=LANE,
            class_=classes,
            fill=fill,
            elements=elements,
        )

    def _draw_shares(self, samples: Sequence[TimelineSample]) -> None:
        region = self._document.standby
        self._draw_heading(f"share on {region}")
        top, height = self._y, PANEL
        # The label of 95 % is a little lower, so that it does not cover that of 100 %.
        for percent, offset in ((0, 4), (50, 4), (95, 9), (100, 4)):
            y = top + height * (1 - percent / 100)
            self._parts.append(svg.Line(x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_=["grid"]))
            self._parts.append(_make_label(LEFT - 6, y + offset, f"{percent} %", "scale"))
        series: tuple[tuple[str, str, Callable[[TimelineSample], float | None]], ...] = (
            ("weights", "weights", lambda sample: compute_weight_share(sample, region)),
            ("name servers", "name-servers", lambda sample: compute_answer_share(sample.name_servers.values(), region)),
            ("public resolvers", "resolvers", lambda sample: compute_answer_share(sample.resolvers.values(), region)),
        )
        for row, (label, kind, share_of) in enumerate(series):
            y = top + 16 + row * 18
            self._parts.append(svg.Line(x1=16, x2=44, y1=y, y2=y, class_=["series", kind]))
            self._parts.append(_make_mark(30, y, kind))
            self._parts.append(_make_label(52, y + 4, label, "label"))
            points = [
                (self._to_x(sample.at), top + height * (1 - share))
                for sample in samples
                if (share := share_of(sample)) is not None
            ]
            self._parts += _make_series(points, kind, stepped=kind == "weights")
        self._y += height + GAP + 6

    def _draw_sign_ins(self, samples: Sequence[TimelineSample]) -> None:
        self._draw_heading("sign-in through the domain")
        rows = {True: ("succeeded", 0.0), False: ("failed", LANE + 2.0), None: ("inconclusive", 2 * (LANE + 2.0))}
        used = {sample.sign_in.ok for sample in samples if sample.sign_in} | {True, False}
        for ok, (label, offset) in rows.items():
            if ok in used:
                self._parts.append(_make_label(16, self._y + offset + 13, label, "label"))
        for sample in samples:
            if sample.sign_in:
                y = self._y + rows[sample.sign_in.ok][1] + 9
                self._parts.append(_make_attempt(self._to_x(sample.sign_in.at), y, sample))
        self._y += len(used) * (LANE + 2) + GAP

    def _make_ticks(self, bottom: float) -> Iterator[svg.Element]:
        step = next((step for step in _STEPS if self._seconds / step <= TICKS), _STEPS[-1])
        offset = (self._cause_at - self._starts_at).total_seconds()
        first = -int(offset // step) * step
        at = float(first)
        while at <= self._seconds - offset:
            x = self._to_x(self._cause_at + timedelta(seconds=at))
            yield svg.Line(x1=x, x2=x, y1=self._top - 4, y2=bottom, class_=["grid"])
            yield _make_label(x, bottom + 16, format_offset(at), "tick")
            at += step

    def _make_stage_markers(self, bottom: float) -> Iterator[svg.Element]:
        """Yield a marker for each stage. All markers lie above all lines."""
        placed = [(marker, self._top - 14 - MARKER_HEIGHT * marker.level) for marker in self._markers]
        for marker, y in placed:
            yield svg.Line(x1=marker.x, x2=marker.x, y1=y, y2=bottom, class_=["stage"])
        for marker, y in placed:
            yield svg.G(
                elements=[
                    svg.Title(text=_escape_text(marker.title)),
                    svg.Circle(cx=marker.x, cy=y, r=9, class_=["flag"]),
                    _make_label(marker.x, y + 4, str(marker.number), "marker-number"),
                ]
            )


def _build_stage_markers(document: Document, to_x: Callable[[str], float]) -> Iterator[StageMarker]:
    """Yield the markers in the order of the tables, each in the lowest row with enough space."""
    last_x = list[float]()
    stages = [stage for move in document.moves for stage in move.stages]
    for number, stage in enumerate(stages, start=1):
        x = to_x(stage.at)
        level = next((level for level, other_x in enumerate(last_x) if abs(x - other_x) >= MARKER_SPACING), len(last_x))
        last_x[level : level + 1] = [x]
        yield StageMarker(
            number=number, x=x, level=level, title=f"{number}: {stage.name}, {_format_utc_clock(stage.at)}"
        )


def _escape_text(text: str) -> str:
    return str(escape(text))


def _make_label(x: float, y: float, text: str, classes: str) -> svg.Text:
    return svg.Text(x=round(x, 1), y=round(y, 1), class_=classes.split(), text=_escape_text(text))


def _make_patterns() -> Iterator[svg.Element]:
    for verdict, path in PATTERNS.items():
        if path:
            yield svg.Pattern(
                id=f"pattern-{verdict}",
                width=8,
                height=8,
                patternUnits="userSpaceOnUse",
                elements=[svg.Path(extra={"d": path}, class_=["pattern"])],
            )


def _make_series(points: Sequence[tuple[float, float]], kind: str, *, stepped: bool) -> Iterator[svg.Element]:
    if not points:
        return
    corners = list[tuple[float, float]]()
    for x, y in points:
        if stepped and corners:
            corners.append((x, corners[-1][1]))
        corners.append((x, y))
    yield svg.Polyline(points=[svg.Point(round(x, 1), round(y, 1)) for x, y in corners], class_=["series", kind])
    yield from (_make_mark(x, y, kind) for x, y in (points if not stepped else ()))


def _make_mark(x: float, y: float, kind: str) -> svg.Element:
    x, y = round(x, 1), round(y, 1)
    if kind == "name-servers":
        return svg.Rect(x=x - 2.5, y=y - 2.5, width=5, height=5, class_=["mark", kind])
    if kind == "resolvers":
        return svg.Circle(cx=x, cy=y, r=2.8, class_=["mark", kind])
    return svg.G()


def _make_attempt(x: float, y: float, sample: TimelineSample) -> svg.Element:
    attempt = sample.sign_in
    if attempt is None:
        return svg.G()
    duration = "" if attempt.seconds is None else f" in {attempt.seconds:.2f} s"
    texts = {True: f"signed in{duration}", False: f"failed: {attempt.code}", None: f"inconclusive: {attempt.code}"}
    title = svg.Title(text=_escape_text(f"{_format_utc_clock(attempt.at)}: {texts[attempt.ok]}"))
    if attempt.ok:
        return svg.Circle(cx=x, cy=y, r=3.4, class_=["good"], elements=[title])
    if attempt.ok is None:
        return svg.Circle(cx=x, cy=y, r=2, class_=["unclear"], elements=[title])
    cross = f"M{x - 4} {y - 4} L{x + 4} {y + 4} M{x - 4} {y + 4} L{x + 4} {y - 4}"
    return svg.Path(extra={"d": cross}, class_=["bad"], elements=[title])


def _get_latch_state(sample: TimelineSample, name: str) -> str:
    latch = sample.latches.get(name)
    return ("thrown" if latch.thrown else "") if latch else ""


def _get_verdict(sample: TimelineSample, observer: str, region: str) -> str:
    observed = sample.verdicts_by_observer.get(observer, {}).get(region)
    return observed.verdict if observed else ""


def compute_weight_share(sample: TimelineSample, region: str) -> float | None:
    """Return the share of the weights on a Region, 0 to 1; None if all are 0."""
    total = sum(sample.weights.values())
    return sample.weights.get(region, 0) / total if total else None


def compute_answer_share(answers: Iterable[ServerAnswerCounts], region: str) -> float | None:
    """Return the share of the answers that led to a Region, 0 to 1; None without answers."""
    all_counts = tuple(answers)
    total = sum(sum(counts.regions.values()) + counts.unclear for counts in all_counts)
    return sum(counts.regions.get(region, 0) for counts in all_counts) / total if total else None


def _format_utc_clock(at: str) -> str:
    return f"{at[11:19]} UTC"


def format_offset(seconds: float) -> str:
    """Return a time on the clock of the chart, which counts from the first cause."""
    minutes, rest = divmod(abs(round(seconds)), 60)
    sign = "-" if seconds < 0 else "+"
    return f"{sign}{minutes}:{rest:02d}"
