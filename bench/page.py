"""The comparison as a page of the documentation, written from the figures so that it can't say anything else."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from bench.explanations import explain
from bench.goals import evaluate_goals
from bench.model import LIMITATIONS, MODEL, PEERS
from bench.policies.all import ORACLE, OURS, POLICIES
from bench.rows import ComparisonRow
from bench.scenarios.all import SCENARIOS_BY_NAME
from bench.totals import FAR_FROM_OPTIMUM_FACTOR, compute_totals, find_far_from_optimum, find_outperformed

_INTRODUCTION = """\
# The controller beside what you might pick instead

Written by `make bench`, which plays every policy through the same simulated days with the same random draws. Don't edit
this page: run it again. All rows, with intervals and percentiles, are in `build/bench/policies.json`.

The simulation drives the controller's own code: its rounds, verdict, quorum, decision, levers and operator function.
Only the world around it is invented: [how](#the-model), and [what is left out](#what-the-model-leaves-out).
"""

_DEFINITIONS = """\
A move is **wrong** if, in the five minutes from the first changed answer on, the side it led to was no better than the
side it left (or, going back to the primary, worse). A **flap** is an automatic move taken back automatically within
five minutes. An outage is **missed** if it cost a fifth of the sign-ins for two minutes, the standby could have served
them, and users were never moved.
"""


def render_page(rows: Sequence[ComparisonRow], charts: Sequence[str]) -> str:
    """Return the page, in Markdown.

    Parameters
    ----------
    rows
        The figures.
    charts
        File names of the plots, beside the page in `comparison/`.

    """
    return "\n".join(
        (
            _INTRODUCTION,
            "## All scenarios together\n",
            *_render_totals(rows),
            "",
            _DEFINITIONS,
            *(f"![{name.removesuffix('.svg')}](comparison/{name})\n" for name in charts),
            "## Aims\n",
            *_render_goals(rows),
            "\n## Where a peer loses fewer sign-ins\n",
            *_render_outperformed(rows),
            "\n## Where it stays far from the oracle\n",
            f"{FAR_FROM_OPTIMUM_FACTOR:g} times the oracle's loss or more.\n",
            *_render_far_from_optimum(rows),
            "\n## Every scenario\n",
            "Sign-ins lost, as a multiple of the oracle's (as a number where the oracle loses none); in brackets the",
            "wrong moves of a day, or of a year of weather.\n",
            *_render_scenarios(rows),
            "\n## How quickly\n",
            "Seconds from the onset, 95th percentile.\n",
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
                # What the oracle does is right by definition, however little it gains.
                "" if total.policy == ORACLE else f"{total.wrong_moves:.1f}",
                "" if total.policy == ORACLE else f"{total.flaps:.1f}",
                f"{total.missed:.1f}",
            )
            for total in compute_totals(rows)
        ],
    )


def _render_goals(rows: Sequence[ComparisonRow]) -> Iterator[str]:
    yield from _render_table(
        ("aim at default settings", "measured", ""),
        [
            (goal.description, goal.measured, "met" if goal.is_met else f"**missed**. {goal.missed_reason}".rstrip())
            for goal in evaluate_goals(rows)
        ],
    )


def _render_outperformed(rows: Sequence[ComparisonRow]) -> Iterator[str]:
    found = [
        (
            each.ours.scenario,
            f"{each.ours.lost_sign_ins:,.0f}",
            f"{each.peer.policy}: {each.peer.lost_sign_ins:,.0f}",
            f"{each.ours.wrong_moves:.2f} and {each.peer.wrong_moves:.2f}",
            explain(each.ours.scenario, SCENARIOS_BY_NAME[each.ours.scenario].group),
        )
        for each in find_outperformed(rows)
    ]
    yield from _render_table(("scenario", "ours", "best peer", "wrong moves, ours and its", "why"), found)


def _render_far_from_optimum(rows: Sequence[ComparisonRow]) -> Iterator[str]:
    found = [
        (row.scenario, f"{row.times_oracle:.2f}", explain(row.scenario, SCENARIOS_BY_NAME[row.scenario].group))
        for row in find_far_from_optimum(rows)
    ]
    yield from _render_table(("scenario", "times the oracle's", "why"), found)


def _render_scenarios(rows: Sequence[ComparisonRow]) -> Iterator[str]:
    for group, of_group in groupby(rows, key=lambda row: SCENARIOS_BY_NAME[row.scenario].group):
        yield f"### {group}\n"
        yield from _render_table(
            ("scenario", *POLICIES),
            [
                (name, *(_format_cell(row) for row in of_scenario))
                for name, of_scenario in groupby(of_group, key=lambda row: row.scenario)
            ],
        )
        yield ""


def _format_cell(row: ComparisonRow) -> str:
    lost = f"{row.lost_sign_ins:,.0f} lost" if row.times_oracle is None else f"{row.times_oracle:.2f}"
    wrong = "" if row.policy == ORACLE or not row.wrong_moves else f" ({row.wrong_moves:.2g})"
    return f"**{lost}**{wrong}" if row.policy == OURS else f"{lost}{wrong}"


def _render_speeds(rows: Sequence[ComparisonRow]) -> Iterator[str]:
    hard = [row for row in rows if row.scenario.startswith("hard outage")]
    yield from _render_table(
        ("scenario", "policy", "detected", "decided", "all name servers", "half of the users", "95 % of the users"),
        [
            (
                row.scenario,
                row.policy,
                *(
                    "" if seconds is None else f"{seconds:.0f}"
                    for seconds in (
                        row.detect_p95_seconds,
                        row.decide_p95_seconds,
                        row.authoritative_p95_seconds,
                        row.half_of_users_p95_seconds,
                        row.most_users_p95_seconds,
                    )
                ),
            )
            for row in hard
        ],
    )


def _render_table(headings: Sequence[str], lines: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(headings)} |"
    yield f"|{'---|' * len(headings)}"
    for line in lines:
        yield f"| {' | '.join(line)} |"
