"""Line charts as small SVG files that read well on light and dark pages."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 820, 420
LEFT, RIGHT, TOP, BOTTOM = 64, 210, 48, 52

COLOURS = ("#0072b2", "#56b4e9", "#d55e00", "#e69f00", "#009e73", "#cc79a7", "#999999", "#882255", "#332288")
"""The palette of Okabe and Ito, distinguishable with any colour vision; then wine and indigo of Tol's palette."""

_STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-size: 15px; font-weight: 600 }
  .grid { stroke: #d0d7de; stroke-width: 1 }
  .line { fill: none; stroke-width: 2 }
  .last { stroke: #24292f; stroke-dasharray: 5 4 }
  .last-dot { fill: #24292f }
  rect { fill: #ffffff }
  @media (prefers-color-scheme: dark) {
    text { fill: #c9d1d9 }
    .grid { stroke: #30363d }
    .last { stroke: #c9d1d9 }
    .last-dot { fill: #c9d1d9 }
    rect { fill: #0d1117 }
  }
"""

type ChartPoints = Sequence[tuple[int, float]]
"""Points of a line: the index of a tick on the horizontal axis, and the value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChart:
    """A line chart.

    Attributes
    ----------
    title, x_label, y_label
        The title, and the labels of the axes.
    x_ticks
        Labels along the horizontal axis.
    lines
        Points by name, in the order of the legend. The last line is dashed.
    is_logarithmic
        Whether the vertical axis is logarithmic (base 2).

    """

    title: str
    x_label: str
    y_label: str
    x_ticks: Sequence[str]
    lines: Mapping[str, ChartPoints]
    is_logarithmic: bool = False

    def to_svg(self) -> str:
        """Return the SVG text."""
        scale = _VerticalAxis.from_values(
            [height for points in self.lines.values() for _, height in points], self.is_logarithmic
        )
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
            f"<title>{escape(self.title)}</title><style>{_STYLE}</style>",
            f'<rect width="{WIDTH}" height="{HEIGHT}"/>',
            _draw_text(LEFT, 26, self.title, css="title"),
            _draw_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, self.x_label, anchor="middle"),
            _draw_text(LEFT, TOP - 6, self.y_label),
            *self._draw_grid(scale),
            *(part for number in range(len(self.lines)) for part in self._draw_line(number, scale)),
            "</svg>",
        ]
        return "\n".join(parts) + "\n"

    def _draw_grid(self, axis: "_VerticalAxis") -> list[str]:
        lines = [
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}"'
            f' y1="{axis.compute_y(tick):.1f}" y2="{axis.compute_y(tick):.1f}"/>'
            + _draw_text(LEFT - 8, axis.compute_y(tick) + 4, f"{tick:,g}", anchor="end")
            for tick in axis.ticks
        ]
        names = [
            _draw_text(self._compute_x(place), HEIGHT - BOTTOM + 20, name, anchor="middle")
            for place, name in enumerate(self.x_ticks)
        ]
        return [*lines, *names]

    def _draw_line(self, number: int, axis: "_VerticalAxis") -> list[str]:
        name, points = list(self.lines.items())[number]
        is_last = number == len(self.lines) - 1
        drawn = [(self._compute_x(place), axis.compute_y(height)) for place, height in points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in drawn)
        stroke = 'class="line last"' if is_last else f'class="line" stroke="{COLOURS[number]}"'
        dot = 'class="last-dot"' if is_last else f'fill="{COLOURS[number]}"'
        legend_x, legend_y = WIDTH - RIGHT + 16, TOP + 14 + 24 * number
        return [
            f'<polyline {stroke} points="{path}"/>',
            *(f'<circle {dot} cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in drawn),
            f'<polyline {stroke} points="{legend_x},{legend_y} {legend_x + 24},{legend_y}"/>',
            _draw_text(legend_x + 32, legend_y + 4, name),
        ]

    def _compute_x(self, place: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (place + 0.5) / len(self.x_ticks)


@dataclass(frozen=True, slots=True, kw_only=True)
class _VerticalAxis:
    """Maps a value to a vertical position in the image."""

    ticks: Sequence[float]
    is_logarithmic: bool

    @classmethod
    def from_values(cls, values: Sequence[float], is_logarithmic: bool) -> "_VerticalAxis":
        highest = max(values)
        if is_logarithmic:
            top = math.ceil(math.log2(highest))
            bottom = math.floor(math.log2(min(values)))
            return cls(ticks=[2.0**power for power in range(bottom, top + 1)], is_logarithmic=True)
        step = 10 ** math.floor(math.log10(highest))
        while highest / step < 4:  # noqa: PLR2004 - with fewer grid lines, values are hard to read
            step /= 2
        return cls(ticks=[step * number for number in range(math.ceil(highest / step) + 1)], is_logarithmic=False)

    def compute_y(self, value: float) -> float:
        low, high = self._transform(self.ticks[0]), self._transform(self.ticks[-1])
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (self._transform(value) - low) / (high - low)

    def _transform(self, value: float) -> float:
        return math.log2(value) if self.is_logarithmic else value


def _draw_text(x: float, y: float, text: str, *, anchor: str = "start", css: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{css}">{escape(text)}</text>'
