"""The plan and the results of measurements."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.table import Table

from failoverctl.measure.evaluation import AssumptionResult, AssumptionVerdict, evaluate
from failoverctl.measure.measurement import Measurement, TrafficImpact
from failoverctl.measure.results import Results
from failoverctl.views.text import format_short_duration, plain_text

_STYLES = {
    AssumptionVerdict.HOLDS: "green",
    AssumptionVerdict.DIFFERS: "bold red",
    AssumptionVerdict.NOT_MEASURED: "yellow",
    AssumptionVerdict.OBSERVED: "",
}


def summarize_plan(measurements: Sequence[Measurement], results: Results, *, repeats: int) -> list[dict[str, Any]]:
    """Return the plan of each measurement as a JSON object."""
    plans = []
    for measurement in measurements:
        missing = max(0, repeats - len(results.get_samples(measurement.name)))
        setup_seconds, repeat_seconds = measurement.duration_seconds
        plans.append(
            {
                "name": measurement.name,
                "asks": measurement.question,
                "makes": measurement.creates,
                "costs": measurement.cost,
                "moves": measurement.traffic_impact.value,
                "repeats_left": missing,
                "about_seconds": setup_seconds + missing * repeat_seconds if missing else 0.0,
            }
        )
    return plans


def summarize_results(measurements: Sequence[Measurement], results: Results) -> list[dict[str, Any]]:
    """Return the results of each measurement as a JSON object. Measurements that never ran are left out."""
    return [
        {
            "name": measurement.name,
            "last_error": results.failures.get(measurement.name, ""),
            "findings": [
                _serialize_result(result) for result in evaluate(measurement, results.get_samples(measurement.name))
            ],
        }
        for measurement in measurements
        if results.get_samples(measurement.name) or measurement.name in results.failures
    ]


def _serialize_result(result: AssumptionResult) -> dict[str, Any]:
    percentiles = result.percentiles
    return {
        "of": result.assumption.name,
        "verdict": result.verdict.value,
        "assumed": result.assumption.expectation,
        "otherwise": result.assumption.if_violated,
        "samples": percentiles.count if percentiles else sum(count for _, count in result.answers),
        "seconds": {
            "least": percentiles.minimum,
            "p50": percentiles.p50,
            "p95": percentiles.p95,
            "most": percentiles.maximum,
        }
        if percentiles
        else None,
        "answers": dict(result.answers),
    }


def render_measurements(answer: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Show the plan of a run, or its results."""
    for plan in answer["plan"]:
        yield from _render_plan(plan)
    for measured in answer["measured"]:
        yield plain_text(measured["name"], style="bold")
        if measured["last_error"]:
            yield plain_text(f"  Not finished: {measured['last_error']}", style="bold red")
        yield _create_table(measured["findings"])
        for finding in measured["findings"]:
            if finding["verdict"] == AssumptionVerdict.DIFFERS:
                yield plain_text(
                    f"  {finding['of']}: not as assumed. To change: {finding['otherwise']}.", style="bold red"
                )
    yield plain_text(answer["message"], style="bold")


def _render_plan(plan: Mapping[str, Any]) -> Iterator[RenderableType]:
    moves_users = plan["moves"] == TrafficImpact.USERS
    repeats_left = plan["repeats_left"]
    duration = (
        f"{repeats_left} repeats, about {format_short_duration(plan['about_seconds'])}"
        if repeats_left
        else "no time, all samples exist"
    )
    yield plain_text(f"{plan['name']}: {plan['asks']}", style="bold")
    yield plain_text(f"  Creates: {plan['makes']}.", style="bold red" if moves_users else "")
    yield plain_text(f"  Costs: {plan['costs']}.")
    yield plain_text(f"  Takes: {duration}. {'MOVES USERS' if moves_users else 'Does not move users'}.")


def _create_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("stage", overflow="fold")
    for name in ("n", "p50", "p95", "max"):
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("answers", "assumed", ""):
        table.add_column(name, overflow="fold")
    for row in rows:
        seconds = row["seconds"]
        numbers = [f"{seconds[name]:.2f} s" for name in ("p50", "p95", "most")] if seconds else ["", "", ""]
        answers = ", ".join(f"{text} ({count})" for text, count in row["answers"].items())
        verdict = plain_text(row["verdict"], style=_STYLES[AssumptionVerdict(row["verdict"])])
        cells = [row["of"], str(row["samples"] or ""), *numbers, answers, row["assumed"]]
        table.add_row(*(plain_text(cell) for cell in cells), verdict)
    return table
