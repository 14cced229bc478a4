import xml.etree.ElementTree as ET
from io import StringIO

import pytest
from rich.console import Console

from bench.goals import evaluate_goals
from bench.page import render_page
from bench.plots import build_plots
from bench.policies.all import ORACLE, OURS, POLICIES
from bench.rows import ComparisonRow, build_row, compute_rate_upper_bound
from bench.scenarios.all import SCENARIOS, SCENARIOS_BY_NAME
from bench.score import PolicyScore
from bench.simulate import simulate, simulate_seed
from bench.table import print_tables
from bench.totals import compute_totals, find_outperformed

BROWNOUTS = [scenario for scenario in SCENARIOS if scenario.name in {"brownout of 20%", "brownout of 80%"}]


def make_score(lost: float, decided: float | None = None) -> PolicyScore:
    return PolicyScore(
        lost=lost,
        attempted=1000.0,
        detected=None,
        decided=decided,
        authoritative=None,
        half_of_users=None,
        most_users=None,
        wrong_moves=0,
        flaps=0,
        missed=0,
    )


@pytest.fixture(scope="module")
def rows() -> tuple[ComparisonRow, ...]:
    return simulate(BROWNOUTS, seeds=2, on_progress=lambda _count: None)


def test_row_has_mean_interval_and_oracle_multiple() -> None:
    row = build_row("a day", "a policy", [make_score(100), make_score(200), make_score(300)], [make_score(50)] * 3)

    assert (row.lost_sign_ins, row.times_oracle, row.lost_share) == (200, 4, 0.2)
    assert row.lost_sign_ins_low < 200 < row.lost_sign_ins_high
    assert (row.lost_sign_ins_p5, row.lost_sign_ins_p95) == (110, 290)


def test_time_percentiles_ignore_seeds_without_the_event() -> None:
    row = build_row("a day", "a policy", [make_score(1, 10.0), make_score(1, 20.0), make_score(1)], [make_score(1)] * 3)

    assert row.decide_p50_seconds == 15.0
    assert row.moved_share == pytest.approx(2 / 3)
    assert row.detect_p50_seconds is None


def test_rate_upper_bound_is_the_95_percent_poisson_bound() -> None:
    assert compute_rate_upper_bound(0, 10) == pytest.approx(0.2996, abs=1e-3)
    assert compute_rate_upper_bound(2, 10) == pytest.approx(0.6296, abs=1e-3)


def test_same_seed_gives_the_same_scores() -> None:
    assert simulate_seed("brownout of 20%", 4) == simulate_seed("brownout of 20%", 4)


def test_rows_cover_each_scenario_and_policy_in_order(rows: tuple[ComparisonRow, ...]) -> None:
    assert [(row.scenario, row.policy) for row in rows] == [
        (scenario.name, policy) for scenario in BROWNOUTS for policy in POLICIES
    ]
    assert {row.seeds for row in rows} == {2}


def test_json_of_a_row_has_the_expected_fields(rows: tuple[ComparisonRow, ...]) -> None:
    assert set(rows[0].to_json()) >= {
        "scenario",
        "policy",
        "seeds",
        "lost_sign_ins",
        "times_oracle",
        "detect_p50_seconds",
        "detect_p95_seconds",
        "authoritative_p95_seconds",
        "wrong_moves",
        "flaps",
        "missed",
    }


def test_totals_are_sums_over_the_scenarios(rows: tuple[ComparisonRow, ...]) -> None:
    totals = {total.policy: total for total in compute_totals(rows)}
    ours, oracle = totals[OURS], totals[ORACLE]

    assert ours.lost_sign_ins == pytest.approx(sum(row.lost_sign_ins for row in rows if row.policy == OURS))
    assert oracle.times_oracle == 1.0


def test_significantly_better_peer_is_listed() -> None:
    oracle = [make_score(50)] * 3
    ours = build_row("a day", OURS, [make_score(90), make_score(100), make_score(110)], oracle)
    better = build_row("a day", "a peer", [make_score(60)] * 3, oracle)
    hardly_better = build_row("a day", "a peer", [make_score(80), make_score(98), make_score(116)], oracle)

    assert [scenario.peer for scenario in find_outperformed((ours, better))] == [better]
    assert list(find_outperformed((ours, hardly_better))) == []


def test_scenario_names_are_unique_and_onsets_after_warm_up() -> None:
    assert len(SCENARIOS_BY_NAME) == len(SCENARIOS)
    for scenario in SCENARIOS:
        world = scenario.build_world(0)
        assert world.end > world.onset
        assert world.onset >= 900 or scenario.name.startswith("a year of")


def test_table_names_every_scenario_and_policy(rows: tuple[ComparisonRow, ...]) -> None:
    console = Console(file=StringIO(), width=200)

    print_tables(console, rows)

    assert isinstance(console.file, StringIO)
    text = console.file.getvalue()
    assert all(name in text for name in (*POLICIES, "brownout of 20%", "brownout of 80%"))


def test_plots_are_well_formed_and_show_every_policy(rows: tuple[ComparisonRow, ...]) -> None:
    (chart,) = (chart for name, chart in build_plots(rows).items() if name == "brownouts.svg")

    texts = {element.text for element in ET.fromstring(chart.to_svg()).iter() if element.text}  # noqa: S314 - our own

    assert texts >= {*POLICIES, "20%", "80%"}


def test_page_shows_plots_goals_and_scenarios(rows: tuple[ComparisonRow, ...]) -> None:
    text = render_page(rows, ("brownouts.svg",))

    assert "(comparison/brownouts.svg)" in text
    assert all(goal.description in text for goal in evaluate_goals(rows))
    assert "| brownout of 80% |" in text
