import xml.etree.ElementTree as ET
from io import StringIO

import pytest
from rich.console import Console

from bench.goals import goals
from bench.page import page
from bench.plots import plots
from bench.policies.all import ORACLE, OURS, POLICIES
from bench.rows import Row, at_most, row
from bench.scenarios.all import BY_NAME, SCENARIOS
from bench.score import Score
from bench.simulate import play_seed, simulate
from bench.table import show
from bench.totals import beaten, totals

BROWNOUTS = [each for each in SCENARIOS if each.name in {"brownout of 20%", "brownout of 80%"}]


def scored(lost: float, decided: float | None = None) -> Score:
    return Score(
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
def rows() -> tuple[Row, ...]:
    return simulate(BROWNOUTS, seeds=2, played=lambda _count: None)


def test_a_row_has_the_mean_with_its_interval_and_the_multiple_of_the_oracle_s() -> None:
    summed = row("a day", "a policy", [scored(100), scored(200), scored(300)], [scored(50)] * 3)

    assert (summed.lost_sign_ins, summed.times_oracle, summed.lost_share) == (200, 4, 0.2)
    assert summed.lost_sign_ins_low < 200 < summed.lost_sign_ins_high
    assert (summed.lost_sign_ins_p5, summed.lost_sign_ins_p95) == (110, 290)


def test_percentiles_of_times_are_over_the_seeds_in_which_it_happened() -> None:
    summed = row("a day", "a policy", [scored(1, 10.0), scored(1, 20.0), scored(1)], [scored(1)] * 3)

    assert summed.decide_p50_seconds == 15.0
    assert summed.moved_share == pytest.approx(2 / 3)
    assert summed.detect_p50_seconds is None


def test_no_event_in_ten_years_bounds_the_rate_by_the_rule_of_three() -> None:
    assert at_most(0, 10) == pytest.approx(0.2996, abs=1e-3)
    assert at_most(2, 10) == pytest.approx(0.6296, abs=1e-3)


def test_the_same_seeds_give_the_same_scores() -> None:
    assert play_seed("brownout of 20%", 4) == play_seed("brownout of 20%", 4)


def test_there_is_a_row_for_each_scenario_and_policy_in_order(rows: tuple[Row, ...]) -> None:
    assert [(each.scenario, each.policy) for each in rows] == [
        (scenario.name, policy) for scenario in BROWNOUTS for policy in POLICIES
    ]
    assert {each.seeds for each in rows} == {2}


def test_a_row_as_json_has_what_readers_of_the_file_expect(rows: tuple[Row, ...]) -> None:
    assert set(rows[0].as_json()) >= {
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


def test_the_totals_are_sums_over_the_scenarios(rows: tuple[Row, ...]) -> None:
    ours, oracle = (next(each for each in totals(rows) if each.policy == policy) for policy in (OURS, ORACLE))

    assert ours.lost_sign_ins == pytest.approx(sum(each.lost_sign_ins for each in rows if each.policy == OURS))
    assert oracle.times_oracle == 1.0


def test_a_peer_that_loses_fewer_is_found_unless_chance_explains_it() -> None:
    oracle = [scored(50)] * 3
    ours = row("a day", OURS, [scored(90), scored(100), scored(110)], oracle)
    better = row("a day", "a peer", [scored(60)] * 3, oracle)
    hardly_better = row("a day", "a peer", [scored(80), scored(98), scored(116)], oracle)

    assert [each.peer for each in beaten((ours, better))] == [better]
    assert list(beaten((ours, hardly_better))) == []


def test_every_scenario_has_a_name_of_its_own_and_begins_after_everybody_has_settled() -> None:
    assert len(BY_NAME) == len(SCENARIOS)
    for scenario in SCENARIOS:
        there = scenario.world(0)
        assert there.end > there.onset
        assert there.onset >= 900 or scenario.name.startswith("a year of")


def test_the_table_names_every_scenario_and_policy(rows: tuple[Row, ...]) -> None:
    console = Console(file=StringIO(), width=200)

    show(console, rows)

    assert isinstance(console.file, StringIO)
    text = console.file.getvalue()
    assert all(name in text for name in (*POLICIES, "brownout of 20%", "brownout of 80%"))


def test_plots_are_well_formed_and_show_every_policy(rows: tuple[Row, ...]) -> None:
    (chart,) = (chart for name, chart in plots(rows).items() if name == "brownouts.svg")

    texts = {element.text for element in ET.fromstring(chart.as_svg()).iter() if element.text}  # noqa: S314 - our own

    assert texts >= {*POLICIES, "20%", "80%"}


def test_the_page_shows_plots_aims_and_every_row(rows: tuple[Row, ...]) -> None:
    text = page(rows, ("brownouts.svg",))

    assert "(comparison/brownouts.svg)" in text
    assert all(goal.aim in text for goal in goals(rows))
    assert "| brownout of 80% |" in text
