"""The plots that the comparison shows."""

from collections.abc import Callable, Mapping, Sequence

from bench.chart import Chart
from bench.policies.all import POLICIES
from bench.rows import Row
from bench.scenarios.all import BY_NAME


def plots(rows: Sequence[Row]) -> Mapping[str, Chart]:
    """Return the charts that the rows suffice for, by file name."""
    charts = {
        "outages.svg": _chart(
            rows,
            "Hard outages by length",
            prefix="outage of ",
            title="Hard outages: sign-ins lost, as a multiple of the physical limit",
            across="length of the outage",
            up="times the oracle's",
            height=lambda row: row.times_oracle,
        ),
        "brownouts.svg": _chart(
            rows,
            "Brownouts of 30 minutes",
            prefix="brownout of ",
            title="Brownouts of half an hour: sign-ins lost",
            across="share of the sign-ins that fail",
            up="times the oracle's",
            height=lambda row: row.times_oracle,
            logarithmic=True,
        ),
        "flapping.svg": _chart(
            rows,
            "Flapping for an hour",
            prefix="flapping, period ",
            title="A primary that is down for half of each period: sign-ins lost",
            across="period",
            up="times the oracle's",
            height=lambda row: row.times_oracle,
        ),
        "flapping-moves.svg": _chart(
            rows,
            "Flapping for an hour",
            prefix="flapping, period ",
            title="A primary that is down for half of each period: users thrown to and fro",
            across="period",
            up="automatic moves taken back within 5 minutes",
            height=lambda row: row.flaps,
        ),
    }
    return {name: chart for name, chart in charts.items() if chart is not None}


def _chart(
    rows: Sequence[Row],
    group: str,
    *,
    prefix: str,
    title: str,
    across: str,
    up: str,
    height: Callable[[Row], float | None],
    logarithmic: bool = False,
) -> Chart | None:
    of_group = [row for row in rows if BY_NAME[row.scenario].group == group]
    scenarios = list(dict.fromkeys(row.scenario for row in of_group))
    lines = {
        policy: [
            (scenarios.index(row.scenario), value)
            for row in of_group
            if row.policy == policy and (value := height(row)) is not None
        ]
        for policy in POLICIES
    }
    if not scenarios or not any(value for points in lines.values() for _, value in points):
        return None
    places = [scenario.removeprefix(prefix) for scenario in scenarios]
    return Chart(title=title, across=across, up=up, places=places, lines=lines, logarithmic=logarithmic)
