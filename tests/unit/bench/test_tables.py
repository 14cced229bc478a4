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

BROWNOUTS = [each for each in SCENARIOS if each.name in {"brownout of 20%", "brownout of 80%"}]


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
    summed = build_row("a day", "a policy", [make_score(100), make_score(200), make_score(300)], [make_score(50)] * 3)

    assert (summed.lost_sign_ins, summed.times_oracle, summed.lost_share) == (200, 4, 0.2)
    assert summed.lost_sign_ins_low < 200 < summed.lost_sign_ins_high
    assert (summed.lost_sign_ins_p5, summed.lost_sign_ins_p95) == (110, 290)


def test_time_percentiles_ignore_seeds_without_the_event() -> None:
    summed = build_row(
        "a day", "a policy", [make_score(1, 10.0), make_score(1, 20.0), make_score(1)], [make_score(1)] * 3
    )

    assert summed.decide_p50_seconds == 15.0
    assert summed.moved_share == pytest.approx(2 / 3)
    assert summed.detect_p50_seconds is None


def test_no_event_in_ten_years_bounds_the_rate_by_the_rule_of_three() -> None:
    assert compute_rate_upper_bound(0, 10) == pytest.approx(0.2996, abs=1e-3)
    assert compute_rate_upper_bound(2, 10) == pytest.approx(0.6296, abs=1e-3)


def test_the_same_seeds_give_the_same_scores() -> None:
    assert simulate_seed("brownout of 20%", 4) == simulate_seed("brownout of 20%", 4)


def test_there_is_a_row_for_each_scenario_and_policy_in_order(rows: tuple[ComparisonRow, ...]) -> None:
    assert [(each.scenario, each.policy) for each in rows] == [
        (scenario.name, policy) for scenario in BROWNOUTS for policy in POLICIES
    ]
    assert {each.seeds for each in rows} == {2}


def test_a_row_as_json_has_what_readers_of_the_file_expect(rows: tuple[ComparisonRow, ...]) -> None:
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


def test_the_totals_are_sums_over_the_scenarios(rows: tuple[ComparisonRow, ...]) -> None:
    ours, oracle = (next(each for each in compute_totals(rows) if each.policy == policy) for policy in (OURS, ORACLE))

    assert ours.lost_sign_ins == pytest.approx(sum(each.lost_sign_ins for each in rows if each.policy == OURS))
    assert oracle.times_oracle == 1.0


def test_significantly_better_peer_is_listed() -> None:
    oracle = [make_score(50)] * 3
    ours = build_row("a day", OURS, [make_score(90), make_score(100), make_score(110)], oracle)
    better = build_row("a day", "a peer", [make_score(60)] * 3, oracle)
    hardly_better = build_row("a day", "a peer", [make_score(80), make_score(98), make_score(116)], oracle)

    assert [each.peer for each in find_outperformed((ours, better))] == [better]
    assert list(find_outperformed((ours, hardly_better))) == []


def test_scenario_names_are_unique_and_onsets_after_warm_up() -> None:
    assert len(SCENARIOS_BY_NAME) == len(SCENARIOS)
    for scenario in SCENARIOS:
        there = scenario.build_world(0)
        assert there.end > there.onset
        assert there.onset >= 900 or scenario.name.startswith("a year of")


def test_the_table_names_every_scenario_and_policy(rows: tuple[ComparisonRow, ...]) -> None:
    console = Console(file=StringIO(), width=200)

    print_tables(console, rows)

    assert isinstance(console.file, StringIO)
    text = console.file.getvalue()
    assert all(name in text for name in (*POLICIES, "brownout of 20%", "brownout of 80%"))


def test_plots_are_well_formed_and_show_every_policy(rows: tuple[ComparisonRow, ...]) -> None:
    (chart,) = (chart for name, chart in build_plots(rows).items() if name == "brownouts.svg")

    texts = {element.text for element in ET.fromstring(chart.to_svg()).iter() if element.text}  # noqa: S314 - our own

    assert texts >= {*POLICIES, "20%", "80%"}


def test_the_page_shows_plots_aims_and_every_row(rows: tuple[ComparisonRow, ...]) -> None:
    text = render_page(rows, ("brownouts.svg",))

    assert "(comparison/brownouts.svg)" in text
    assert all(goal.description in text for goal in evaluate_goals(rows))
    assert "| brownout of 80% |" in text
