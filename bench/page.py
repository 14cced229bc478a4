"""The comparison page of the documentation, rendered from the measured rows."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from bench.explanations import explain
from bench.goals import evaluate_goals
from bench.model import LIMITATIONS, MODEL, PEERS
from bench.policies.all import ORACLE, OURS, POLICIES
from bench.rows import ComparisonRow
from bench.scenarios.all import SCENARIOS_BY_NAME
from bench.totals import FAR_FROM_OPTIMUM_FACTOR, compute_totals, find_far_from_optimum, find_outperformed

_HARD_OUTAGE = "hard outage: "

_INTRODUCTION = """\
# Comparison with other failover policies

For: those who choose a failover policy. `make bench` writes this page: the controller's own code and other policies in
the same simulated days ([model](#the-model), [limits](#what-the-model-leaves-out)). All rows, with intervals:
`build/bench/policies.json`. Terms: [glossary](glossary.md).
"""

_DEFINITIONS = """\
A move is **wrong** if, in the five minutes after the first changed answer, the new Region was no better (for a
failback: worse). A **flap** is an automatic move reversed automatically within five minutes. An outage is **missed** if
it cost a fifth of the sign-ins for two minutes, the standby could have served them, and users never moved.
"""


def render_page(rows: Sequence[ComparisonRow], charts: Sequence[str]) -> str:
    """Return the page, in Markdown.

    Parameters
    ----------
    rows
        The figures.
    charts
        File names of the plots in `comparison/`.

    """
    return "\n".join(
        (
            _INTRODUCTION,
            "## All scenarios together\n",
            *_render_totals(rows),
            "",
            _DEFINITIONS,
            *(f"![{name.removesuffix('.svg')}](comparison/{name})\n" for name in charts),
            "## Goals\n",
            *_render_goals(rows),
            "\n## Where a peer loses fewer sign-ins\n",
            *_render_outperformed(rows),
            "\n## Where it stays far from the oracle\n",
            f"{FAR_FROM_OPTIMUM_FACTOR:g} times the oracle's loss or more.\n",
            *_render_far_from_optimum(rows),
            "\nReasons of both tables:\n",
            *_render_reasons(rows),
            "\n## Every scenario\n",
            "Lost sign-ins, as a multiple of the oracle's (whole numbers: sign-ins, where the oracle loses none); in",
            "brackets the wrong moves of a day, or of a year of weather.\n",
            *_render_scenarios(rows),
            "\n## How quickly\n",
            "Seconds from the onset, 95th percentile: detected / decided / all name servers / half of users /",
            "95 % of users.\n",
            *_render_speeds(rows),
            "\n## The model\n",
            MODEL,
            "### The policies\n",
            PEERS,
            "## What the model leaves out\n",
            LIMITATIONS.rstrip(),
            "",
        )
    )


def _render_totals(rows: Sequence[ComparisonRow]) -> Iterator[str]:
    yield from _render_table(
        ("policy", "lost, times the oracle's", "wrong moves", "flaps", "missed outages"),
        [
            (
                total.policy,
                f"{total.times_oracle:.2f}",
                # The oracle's moves are right by definition.
                "" if total.policy == ORACLE else f"{total.wrong_moves:.1f}",
                "" if total.policy == ORACLE else f"{total.flaps:.1f}",
                f"{total.missed:.1f}",
            )
            for total in compute_totals(rows)
        ],
    )


def _render_goals(rows: Sequence[ComparisonRow]) -> Iterator[str]:
    yield from _render_table(
        ("goal at default settings", "measured", ""),
        [
            (goal.description, goal.measured, "met" if goal.is_met else f"**missed**. {goal.missed_reason}".rstrip())
            for goal in evaluate_goals(rows)
        ],
    )


def _render_outperformed(rows: Sequence[ComparisonRow]) -> Iterator[str]:
    reasons = _number_reasons(rows)
    cells = [
        (
            comparison.ours.scenario,
            f"{comparison.ours.lost_sign_ins:,.0f}",
            f"{comparison.peer.policy}: {comparison.peer.lost_sign_ins:,.0f}",
            f"{comparison.ours.wrong_moves:.2f}/{comparison.peer.wrong_moves:.2f}",
            reasons[_explain(comparison.ours.scenario)],
        )
        for comparison in find_outperformed(rows)
    ]
    yield from _render_table(("scenario", "ours", "best peer", "wrong moves, ours/peer's", "reason"), cells)


def _render_far_from_optimum(rows: Sequence[ComparisonRow]) -> Iterator[str]:
    reasons = _number_reasons(rows)
    cells = [
        (row.scenario, f"{row.times_oracle:.2f}", reasons[_explain(row.scenario)])
        for row in find_far_from_optimum(rows)
    ]
    yield from _render_table(("scenario", "times the oracle's", "reason"), cells)


def _explain(scenario: str) -> str:
    return explain(scenario, SCENARIOS_BY_NAME[scenario].group)


def _number_reasons(rows: Sequence[ComparisonRow]) -> dict[str, str]:
    """Return the number of each reason, in the order of its first scenario. An unknown reason has no number."""
    outperformed = (comparison.ours.scenario for comparison in find_outperformed(rows))
    far = (row.scenario for row in find_far_from_optimum(rows))
    reasons = dict.fromkeys(filter(None, map(_explain, (*outperformed, *far))))
    return {reason: str(number) for number, reason in enumerate(reasons, start=1)} | {"": ""}


def _render_reasons(rows: Sequence[ComparisonRow]) -> Iterator[str]:
    yield from (f"{number}. {reason}" for reason, number in _number_reasons(rows).items() if reason)


def _render_scenarios(rows: Sequence[ComparisonRow]) -> Iterator[str]:
    compared = [policy for policy in POLICIES if policy != ORACLE]
    cells: list[Sequence[str]] = []
    for group, of_group in groupby(rows, key=lambda row: SCENARIOS_BY_NAME[row.scenario].group):
        cells.append((f"**{group}**", "|" * (len(compared) - 1)))
        for name, of_scenario in groupby(of_group, key=lambda row: row.scenario):
            cells.append((name, *(_format_cell(row) for row in of_scenario if row.policy != ORACLE)))
    yield from _render_table(("scenario", *compared), cells)


def _format_cell(row: ComparisonRow) -> str:
    lost = f"{row.lost_sign_ins:,.0f}" if row.times_oracle is None else f"{row.times_oracle:.2f}"
    wrong = "" if not row.wrong_moves else f" ({row.wrong_moves:.2g})"
    return f"**{lost}**{wrong}" if row.policy == OURS else f"{lost}{wrong}"


def _render_speeds(rows: Sequence[ComparisonRow]) -> Iterator[str]:
    hard = {(row.policy, row.scenario): row for row in rows if row.scenario.startswith(_HARD_OUTAGE)}
    scenarios = list(dict.fromkeys(scenario for _, scenario in hard))
    yield from _render_table(
        ("policy", *(name.removeprefix(_HARD_OUTAGE) for name in scenarios)),
        [(policy, *(_format_speeds(hard[policy, name]) for name in scenarios)) for policy in POLICIES if hard],
    )


def _format_speeds(row: ComparisonRow) -> str:
    moments = (
        row.detect_p95_seconds,
        row.decide_p95_seconds,
        row.authoritative_p95_seconds,
        row.half_of_users_p95_seconds,
        row.most_users_p95_seconds,
    )
    return "/".join("-" if seconds is None else f"{seconds:.0f}" for seconds in moments)


def _render_table(headings: Sequence[str], lines: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(headings)} |"
    yield f"|{'---|' * len(headings)}"
    for line in lines:
        yield f"| {' | '.join(line)} |"
