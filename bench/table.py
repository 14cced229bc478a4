"""The comparison as tables on a terminal."""

from collections.abc import Sequence
from itertools import groupby

from rich import box
from rich.console import Console
from rich.table import Table

from bench.policies.all import ORACLE, OURS
from bench.rows import ComparisonRow
from bench.scenarios.all import SCENARIOS_BY_NAME


def print_tables(console: Console, rows: Sequence[ComparisonRow]) -> None:
    """Print a table for each group of scenarios."""
    for group, of_group in groupby(rows, key=lambda row: SCENARIOS_BY_NAME[row.scenario].group):
        console.print(_build_table(group, tuple(of_group)))


def _build_table(title: str, rows: Sequence[ComparisonRow]) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("scenario")
    table.add_column("policy")
    for heading in (
        "lost",
        "95 % interval",
        "x oracle",
        "detect p50",
        "p95",
        "decide p95",
        "DNS p95",
        "95 % of users",
        "moved",
        "wrong",
        "flaps",
        "missed",
    ):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, of_scenario in groupby(rows, key=lambda row: row.scenario):
        for number, row in enumerate(of_scenario):
            style = "bold" if row.policy == OURS else "dim" if row.policy == ORACLE else ""
            table.add_row("" if number else name, row.policy, *_format_cells(row), style=style)
        table.add_section()
    return table


def _format_cells(row: ComparisonRow) -> tuple[str, ...]:
    return (
        f"{row.lost_sign_ins:,.0f}",
        f"{row.lost_sign_ins_low:,.0f} to {row.lost_sign_ins_high:,.0f}",
        "" if row.times_oracle is None else f"{row.times_oracle:.2f}",
        _format_seconds(row.detect_p50_seconds),
        _format_seconds(row.detect_p95_seconds),
        _format_seconds(row.decide_p95_seconds),
        _format_seconds(row.authoritative_p95_seconds),
        _format_seconds(row.most_users_p95_seconds),
        f"{row.moved_share:.0%}",
        _format_count(row.wrong_moves),
        _format_count(row.flaps),
        _format_count(row.missed),
    )


def _format_seconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:,.0f} s"


def _format_count(mean: float) -> str:
    return f"{mean:.2f}".rstrip("0").rstrip(".") if mean else "·"
