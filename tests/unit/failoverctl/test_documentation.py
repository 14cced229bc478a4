"""The page about the command, held to the code."""

import re
from pathlib import Path

import pytest

from failoverctl.cost import prices
from failoverctl.cost.bill import bill
from failoverctl.cost.pool import Tier, pool
from failoverctl.exits import ExitCode
from failoverctl.place import PLACE_OPTIONS
from failoverctl.program import program
from tests.unit.docs.pages import ROOT, table, text_of

PAGE = ROOT / "docs" / "failoverctl.md"
COSTS = ROOT / "docs" / "cost.md"


def test_every_exit_code_is_explained() -> None:
    codes = [int(row[0]) for row in table(PAGE, "exit code", "means", "what to do")]
    assert codes == list(ExitCode)


def test_every_option_that_says_where_the_controller_is_is_explained_with_its_variable() -> None:
    rows = [row[:2] for row in table(PAGE, "option", "variable", "means", "if not given")]
    assert rows == [(f"`--{name}`", f"`FAILOVERCTL_{name.upper()}`") for name in PLACE_OPTIONS]


@pytest.mark.parametrize(("page", "at_least"), [(PAGE, 11), (COSTS, 3)])
def test_every_command_that_is_shown_can_be_parsed(page: Path, at_least: int) -> None:
    shown = re.findall(r"^    failoverctl (.+)$", text_of(page), re.MULTILINE)
    assert len(shown) >= at_least
    with program.make_context("failoverctl", ["status"]) as context:
        for line in shown:
            words = [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', line)]
            command = program.get_command(context, words[0])
            assert command, line
            command.make_context(words[0], words[1:], parent=context)


def test_every_option_of_cost_is_explained() -> None:
    explained = {row[0].strip("`") for row in table(COSTS, "option", "means", "if not given")}
    with program.make_context("failoverctl", ["status"]) as context:
        command = program.get_command(context, "cost")
    assert command
    own = {option.opts[-1] for option in command.params if option.name not in {*PLACE_OPTIONS, "_json"}}

    assert explained == own - {"--records"} | {"--no-records"}


def test_the_published_estimate_is_shown_as_the_command_reckons_it() -> None:
    for users, *dollars in table(COSTS, "active users", "base", "replication", "keys", "together"):
        (billed,) = bill([pool(int(users.replace(",", "")), Tier.ESSENTIALS)], prices.read()).parts
        reckoned = [*(line.due_usd for line in billed.lines), billed.due_usd]
        shown = [float(each.strip("$").replace(",", "")) for each in dollars]
        assert shown == pytest.approx(reckoned, abs=0.51)
