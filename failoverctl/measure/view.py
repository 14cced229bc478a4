"""Shows what would be measured, and what was."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.table import Table

from failoverctl.measure.findings import Finding, Verdict, findings
from failoverctl.measure.measurement import Measurement, Moves
from failoverctl.measure.results import Results
from failoverctl.views.text import brief, sentence

_STYLES = {Verdict.HOLDS: "green", Verdict.DIFFERS: "bold red", Verdict.NOT_MEASURED: "yellow", Verdict.SEEN: ""}


def planned(chosen: Sequence[Measurement], results: Results, *, repeats: int) -> list[dict[str, Any]]:
    """Return what each measurement would still do."""
    plans = []
    for each in chosen:
        missing = max(0, repeats - len(results.of(each.name)))
        begins, repeat_lasts = each.lasts_seconds
        plans.append(
            {
                "name": each.name,
                "asks": each.asks,
                "makes": each.makes,
                "costs": each.costs,
                "moves": each.moves.value,
                "repeats_left": missing,
                "about_seconds": begins + missing * repeat_lasts if missing else 0.0,
            }
        )
    return plans


def found(chosen: Sequence[Measurement], results: Results) -> list[dict[str, Any]]:
    """Return what each measurement has found."""
    return [
        {
            "name": each.name,
            "trouble": results.troubles.get(each.name, ""),
            "findings": [_described(finding) for finding in findings(each, results.of(each.name))],
        }
        for each in chosen
        if results.of(each.name) or each.name in results.troubles
    ]


def _described(finding: Finding) -> dict[str, Any]:
    spread = finding.spread
    return {
        "of": finding.assumption.of,
        "verdict": finding.verdict.value,
        "assumed": finding.assumption.sentence,
        "otherwise": finding.assumption.otherwise,
        "samples": spread.count if spread else sum(count for _, count in finding.answers),
        "seconds": {"least": spread.least, "p50": spread.p50, "p95": spread.p95, "most": spread.most}
        if spread
        else None,
        "answers": dict(finding.answers),
    }


def measure_view(answer: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Show the plan of a run, or what it has found."""
    for plan in answer["plan"]:
        yield from _plan(plan)
    for each in answer["measured"]:
        yield sentence(each["name"], style="bold")
        if each["trouble"]:
            yield sentence(f"  Not finished: {each['trouble']}", style="bold red")
        yield _table(each["findings"])
        for finding in each["findings"]:
            if finding["verdict"] == Verdict.DIFFERS:
                yield sentence(
                    f"  {finding['of']}: not as assumed. To change: {finding['otherwise']}.", style="bold red"
                )
    yield sentence(answer["message"], style="bold")


def _plan(plan: Mapping[str, Any]) -> Iterator[RenderableType]:
    moves = plan["moves"] == Moves.USERS
    left = plan["repeats_left"]
    lasts = f"{left} repeats, about {brief(plan['about_seconds'])}" if left else "enough samples are there"
    yield sentence(f"{plan['name']}: {plan['asks']}", style="bold")
    yield sentence(f"  Makes: {plan['makes']}.", style="bold red" if moves else "")
    yield sentence(f"  Costs: {plan['costs']}.")
    yield sentence(f"  Takes: {lasts}. Moves {'USERS' if moves else 'nobody'}.")


def _table(rows: Sequence[Mapping[str, Any]]) -> Table:
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
        verdict = sentence(row["verdict"], style=_STYLES[Verdict(row["verdict"])])
        cells = [row["of"], str(row["samples"] or ""), *numbers, answered, row["assumed"]]
        table.add_row(*(sentence(cell) for cell in cells), verdict)
    return table
