"""``make bench``: simulates every policy in every scenario, measures the running cost, writes the comparison page."""

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from bench.benchmark import benchmark
from bench.page import render_page
from bench.plots import build_plots
from bench.rows import ComparisonRow
from bench.scenarios.all import SCENARIOS
from bench.scenarios.scenario import BenchScenario
from bench.simulate import count_seeds, simulate
from bench.table import print_tables

ROOT = Path(__file__).parents[1]
POLICIES_JSON = ROOT / "build" / "bench" / "policies.json"
PAGE = ROOT / "docs" / "comparison.md"


def main() -> None:
    """Run the scenarios that the command line selects."""
    arguments = _parse_arguments()
    console = Console(highlight=False, width=arguments.width)
    scenarios = tuple(
        scenario for scenario in SCENARIOS if arguments.only in scenario.name or arguments.only in scenario.group
    )
    began_at = time.monotonic()
    rows = _run_simulation(console, scenarios, arguments.seeds)
    print_tables(console, rows)
    console.print(f"{len(rows)} rows in {time.monotonic() - began_at:.0f} s.")
    if scenarios != SCENARIOS or arguments.seeds is not None:
        console.print("This was a partial run. The figures, the page and the plots are unchanged.")
        return
    _save_rows(rows)
    _write_documentation(rows)
    console.print(f"The figures are in {POLICIES_JSON.relative_to(ROOT)}, the comparison in {PAGE.relative_to(ROOT)}.")
    if not arguments.policies_only:
        benchmark.main()


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Compare failover policies in simulated worlds."
    )
    parser.add_argument("--only", default="", help="only scenarios whose name or group contains this")
    parser.add_argument("--seeds", type=int, default=None, help="maximum number of instances of each scenario")
    parser.add_argument("--width", type=int, default=None, help="columns of the table (default: the terminal's width)")
    parser.add_argument("--policies-only", action="store_true", help="do not measure the running cost")
    return parser.parse_args()


def _run_simulation(
    console: Console, scenarios: Sequence[BenchScenario], seeds: int | None
) -> tuple[ComparisonRow, ...]:
    columns = (
        TextColumn("simulating"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("remaining:"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("seeds", total=sum(count_seeds(scenario, seeds) for scenario in scenarios))
        return simulate(scenarios, seeds=seeds, on_progress=lambda count: progress.advance(task, count))


def _save_rows(rows: Sequence[ComparisonRow]) -> None:
    POLICIES_JSON.parent.mkdir(parents=True, exist_ok=True)
    POLICIES_JSON.write_text(json.dumps([row.to_json() for row in rows], indent=1) + "\n")


def _write_documentation(rows: Sequence[ComparisonRow]) -> None:
    """Write the comparison page and its plots."""
    charts = build_plots(rows)
    plots_folder = PAGE.with_suffix("")
    plots_folder.mkdir(parents=True, exist_ok=True)
    for name, chart in charts.items():
        (plots_folder / name).write_text(chart.to_svg())
    PAGE.write_text(render_page(rows, tuple(charts)))


if __name__ == "__main__":
    main()
