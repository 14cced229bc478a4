"""The page about the command matches the code."""

import re
from pathlib import Path

import click
import pytest

from failoverctl.cli import cli
from failoverctl.cost import prices
from failoverctl.cost.bill import compute_bill
from failoverctl.cost.pool import PoolTier, estimate_pool
from failoverctl.exit_codes import ExitCode
from failoverctl.target import TARGET_OPTIONS
from tests.unit.docs.pages import ROOT, read_table, read_text

PAGE = ROOT / "docs" / "failoverctl.md"
COSTS = ROOT / "docs" / "cost.md"


def test_every_exit_code_is_explained() -> None:
    codes = [int(row[0]) for row in read_table(PAGE, "exit code", "means", "what to do")]
    assert codes == list(ExitCode)


def test_every_target_option_is_explained_with_its_variable() -> None:
    rows = [row[:2] for row in read_table(PAGE, "option", "variable", "means", "if not given")]
    assert rows == [(f"`--{name}`", f"`FAILOVERCTL_{name.upper()}`") for name in TARGET_OPTIONS]


@pytest.mark.parametrize(("page", "min_count"), [(PAGE, 11), (COSTS, 3)])
def test_shown_commands_parse(page: Path, min_count: int) -> None:
    lines = re.findall(r"^    failoverctl (.+)$", read_text(page), re.MULTILINE)
    assert len(lines) >= min_count
    with cli.make_context("failoverctl", ["status"]) as context:
        for line in lines:
            words = [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', line)]
            command = cli.get_command(context, words[0])
            assert command, line
            command.make_context(words[0], words[1:], parent=context)


def test_every_cost_option_is_explained_by_its_help() -> None:
    with cli.make_context("failoverctl", ["status"]) as context:
        command = cli.get_command(context, "cost")
        assert command
        helps = {option.name: option.help for option in command.params if isinstance(option, click.Option)}
    assert helps
    assert [name for name, text in helps.items() if not text] == []


def test_published_estimate_matches_command() -> None:
    for users, *dollars in read_table(COSTS, "active users", "base", "replication", "keys", "together"):
        (billed,) = compute_bill(
            [estimate_pool(int(users.replace(",", "")), PoolTier.ESSENTIALS)], prices.read()
        ).components
        computed = [*(line.billed_usd for line in billed.lines), billed.billed_usd]
        published = [float(text.strip("$").replace(",", "")) for text in dollars]
        assert published == pytest.approx(computed, abs=0.51)
