"""The costs in docs/cost.md match ``failoverctl cost``."""

from bench.benchmark import deployed_stack
from bench.costs import PAGE, build_default_bill, render_table, replace_table
from tests.unit.docs.pages import read_text


def test_table_matches_make_costs() -> None:
    text = read_text(PAGE)

    table = render_table(build_default_bill(deployed_stack.read_deployed()))
    assert text == replace_table(text, table), "run: make costs"
