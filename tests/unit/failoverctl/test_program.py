"""The command line as a whole: help, mistypings, completion, and how soon it starts."""

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from failoverctl.exits import ExitCode
from failoverctl.program import program
from tests.unit.failoverctl.stage import Stage

ROOT = Path(__file__).parents[3]
WITH_SESSION = [
    *("abort", "acknowledge", "attach", "detach", "failback", "failover"),
    *("history", "observe-only", "pause", "resume", "status", "watch"),
]


@pytest.mark.parametrize("subcommand", WITH_SESSION)
def test_every_subcommand_explains_itself_and_takes_the_common_options(subcommand: str) -> None:
    result = Stage().run(subcommand, "--help")
    assert result.exit_code == 0
    assert {"--stack", "--region", "--function", "--profile", "--sandbox", "--json"} <= set(result.stdout.split())


def test_the_help_lists_every_subcommand_with_a_whole_sentence() -> None:
    listed = Stage().run("--help").stdout.partition("Commands:")[2]
    assert set(WITH_SESSION) <= set(re.findall(r"^  ([a-z-]+)  ", listed, re.MULTILINE))
    assert [line for line in listed.splitlines() if line.endswith("...")] == []


def test_the_help_names_every_exit_code_a_script_may_meet() -> None:
    told = " ".join(Stage().run("--help").stdout.split()).partition("Exit codes: ")[2]
    codes = [int(code) for code in re.findall(r"(?:^|, )(\d+) ", told)]
    assert codes == [code.value for code in ExitCode if code is not ExitCode.INTERRUPTED]


def test_a_mistyped_subcommand_is_guessed() -> None:
    result = Stage().run("stats")
    assert result.exit_code == 2
    assert "Did you mean 'status'?" in result.stderr


@pytest.mark.parametrize("shell", ["bash", "fish", "zsh"])
def test_a_shell_is_told_how_to_complete_it(shell: str) -> None:
    result = Stage().run("completion", shell)
    assert result.exit_code == 0
    assert "_FAILOVERCTL_COMPLETE" in result.stdout


def test_subcommands_and_values_are_completed() -> None:
    complete = click.shell_completion.ShellComplete(program, {}, "failoverctl", "_FAILOVERCTL_COMPLETE")
    assert [item.value for item in complete.get_completions([], "fail")] == ["failback", "failover"]
    assert [item.value for item in complete.get_completions(["failback", "--pace"], "in-o")] == ["in-one"]


def test_a_version_is_told() -> None:
    assert Stage().run("--version").stdout.startswith("failoverctl ")


def test_help_and_completion_wait_for_no_sdk() -> None:
    """As a process: what other tests have imported is in this one already."""
    code = (
        "import sys; from failoverctl.program import program; program(['--help'], standalone_mode=False); "
        "print(sorted({'boto3', 'botocore', 'msgspec', 'jwt', 'cryptography', 'dns'} & set(sys.modules)))"
    )
    paths = f"{ROOT}:{ROOT / 'layers' / 'failover'}"
    told = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], env={"PYTHONPATH": paths}, capture_output=True, text=True, check=False
    )
    assert told.stdout.endswith("[]\n"), told.stdout + told.stderr
