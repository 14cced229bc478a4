"""Shows what would be measured, and what was."""

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
    """Return what each measurement would still do."""
    plans = []
    for each in measurements:
        missing = max(0, repeats - len(results.get_samples(each.name)))
        setup_seconds, repeat_seconds = each.duration_seconds
        plans.append(
            {
                "name": each.name,
                "asks": each.question,
                "makes": each.creates,
                "costs": each.cost,
                "moves": each.traffic_impact.value,
                "repeats_left": missing,
                "about_seconds": setup_seconds + missing * repeat_seconds if missing else 0.0,
            }
        )
    return plans


def summarize_results(measurements: Sequence[Measurement], results: Results) -> list[dict[str, Any]]:
    """Return what each measurement has found."""
    return [
        {
            "name": each.name,
            "last_error": results.failures.get(each.name, ""),
            "findings": [_serialize_result(finding) for finding in evaluate(each, results.get_samples(each.name))],
        }
        for each in measurements
        if results.get_samples(each.name) or each.name in results.failures
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
    """Show the plan of a run, or what it has found."""
    for plan in answer["plan"]:
        yield from _render_plan(plan)
    for each in answer["measured"]:
        yield plain_text(each["name"], style="bold")
        if each["last_error"]:
            yield plain_text(f"  Not finished: {each['last_error']}", style="bold red")
        yield _create_table(each["findings"])
        for finding in each["findings"]:
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
        else "enough samples are there"
    )
    yield plain_text(f"{plan['name']}: {plan['asks']}", style="bold")
    yield plain_text(f"  Makes: {plan['makes']}.", style="bold red" if moves_users else "")
    yield plain_text(f"  Costs: {plan['costs']}.")
    yield plain_text(f"  Takes: {duration}. Moves {'USERS' if moves_users else 'nobody'}.")


def _create_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("of", overflow="fold")
    for name in ("n", "p50", "p95", "most"):
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("answered", "assumed", ""):
        table.add_column(name, overflow="fold")
    for row in rows:
        seconds = row["seconds"]
        numbers = [f"{seconds[name]:.2f} s" for name in ("p50", "p95", "most")] if seconds else ["", "", ""]
        answered = ", ".join(f"{text} ({count})" for text, count in row["answers"].items())
        verdict = plain_text(row["verdict"], style=_STYLES[AssumptionVerdict(row["verdict"])])
        cells = [row["of"], str(row["samples"] or ""), *numbers, answered, row["assumed"]]
        table.add_row(*(plain_text(cell) for cell in cells), verdict)
    return table
