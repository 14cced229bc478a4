"""The costs in docs/cost.md are those that ``failoverctl cost`` reckons."""

from bench import running_stack
from bench.costs import PAGE, at_defaults, with_table
from bench.costs import table as written
from tests.unit.docs.pages import text_of


def test_the_table_is_what_make_costs_writes() -> None:
    text = text_of(PAGE)

    assert text == with_table(text, written(at_defaults(running_stack.read()))), "run: make costs"
