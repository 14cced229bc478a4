"""The page about the command, held to the code."""

import re

from failoverctl.exits import ExitCode
from failoverctl.place import PLACE_OPTIONS
from failoverctl.program import program
from tests.unit.docs.pages import ROOT, table, text_of

PAGE = ROOT / "docs" / "failoverctl.md"


def test_every_exit_code_is_explained() -> None:
    codes = [int(row[0]) for row in table(PAGE, "exit code", "means", "what to do")]
    assert codes == list(ExitCode)


def test_every_option_that_says_where_the_controller_is_is_explained_with_its_variable() -> None:
    rows = [row[:2] for row in table(PAGE, "option", "variable", "means", "if not given")]
    assert rows == [(f"`--{name}`", f"`FAILOVERCTL_{name.upper()}`") for name in PLACE_OPTIONS]


def test_every_command_that_is_shown_can_be_parsed() -> None:
    shown = re.findall(r"^    failoverctl (.+)$", text_of(PAGE), re.MULTILINE)
    assert len(shown) > 10
    with program.make_context("failoverctl", ["status"]) as context:
        for line in shown:
            words = [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', line)]
            command = program.get_command(context, words[0])
            assert command, line
            command.make_context(words[0], words[1:], parent=context)
