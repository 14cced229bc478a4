"""The costs in docs/cost.md are those that ``failoverctl cost`` reckons."""

from bench.benchmark import deployed_stack
from bench.costs import PAGE, build_default_bill, replace_table
from bench.costs import render_table as written
from tests.unit.docs.pages import read_text


def test_table_matches_make_costs() -> None:
    text = read_text(PAGE)

    assert text == replace_table(text, written(build_default_bill(deployed_stack.read_deployed()))), "run: make costs"
