"""The plots of the comparison page."""

from collections.abc import Callable, Mapping, Sequence

from bench.chart import LineChart
from bench.policies.all import POLICIES
from bench.rows import ComparisonRow
from bench.scenarios.all import SCENARIOS_BY_NAME


def build_plots(rows: Sequence[ComparisonRow]) -> Mapping[str, LineChart]:
    """Return the charts by file name. Omit a chart for which the rows are missing."""
    charts = {
        "outages.svg": _build_chart(
            rows,
            "Hard outages by length",
            prefix="outage of ",
            title="Hard outages: sign-ins lost, as a multiple of the physical limit",
            x_label="length of the outage",
            y_label="times the oracle's",
            get_value=lambda row: row.times_oracle,
        ),
        "brownouts.svg": _build_chart(
            rows,
            "Brownouts of 30 minutes",
            prefix="brownout of ",
            title="Brownouts of half an hour: sign-ins lost",
            x_label="share of the sign-ins that fail",
            y_label="times the oracle's",
            get_value=lambda row: row.times_oracle,
            is_logarithmic=True,
        ),
        "flapping.svg": _build_chart(
            rows,
            "Flapping for an hour",
            prefix="flapping, period ",
            title="A primary that is down for half of each period: sign-ins lost",
            x_label="period",
            y_label="times the oracle's",
            get_value=lambda row: row.times_oracle,
        ),
        "flapping-moves.svg": _build_chart(
            rows,
            "Flapping for an hour",
            prefix="flapping, period ",
            title="A primary that is down for half of each period: users moved back and forth",
            x_label="period",
            y_label="automatic moves taken back within 5 minutes",
            get_value=lambda row: row.flaps,
        ),
    }
    return {name: chart for name, chart in charts.items() if chart is not None}


def _build_chart(
    rows: Sequence[ComparisonRow],
    group: str,
    *,
    prefix: str,
    title: str,
    x_label: str,
    y_label: str,
    get_value: Callable[[ComparisonRow], float | None],
    is_logarithmic: bool = False,
) -> LineChart | None:
    of_group = [row for row in rows if SCENARIOS_BY_NAME[row.scenario].group == group]
    scenarios = list(dict.fromkeys(row.scenario for row in of_group))
    lines = {
        policy: [
            (scenarios.index(row.scenario), value)
            for row in of_group
            if row.policy == policy and (value := get_value(row)) is not None
        ]
        for policy in POLICIES
    }
    if not scenarios or not any(value for points in lines.values() for _, value in points):
        return None
    x_ticks = [scenario.removeprefix(prefix) for scenario in scenarios]
    return LineChart(
        title=title, x_label=x_label, y_label=y_label, x_ticks=x_ticks, lines=lines, is_logarithmic=is_logarithmic
    )
