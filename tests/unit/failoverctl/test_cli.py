"""The command line as a whole: help, typing errors, completion and imports."""

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from failoverctl.cli import COMMAND_MODULES, cli
from failoverctl.exit_codes import ExitCode
from tests.unit.failoverctl.cli_harness import CliHarness

ROOT = Path(__file__).parents[3]
WITH_CONTEXT = [
    *("abort", "acknowledge", "attach", "detach", "failback", "failover"),
    *("history", "observe-only", "pause", "resume", "status", "watch"),
]


@pytest.mark.parametrize("subcommand", WITH_CONTEXT)
def test_every_subcommand_has_help_and_common_options(subcommand: str) -> None:
    result = CliHarness().run(subcommand, "--help")
    assert result.exit_code == 0
    assert {"--stack", "--region", "--function", "--profile", "--sandbox", "--json"} <= set(result.stdout.split())


def test_help_lists_every_subcommand_with_full_sentence() -> None:
    commands = CliHarness().run("--help").stdout.partition("Commands:")[2]
    assert set(COMMAND_MODULES) == set(re.findall(r"^  ([a-z-]+)  ", commands, re.MULTILINE))
    assert [line for line in commands.splitlines() if line.endswith("...")] == []


def test_help_lists_every_exit_code() -> None:
    epilog = " ".join(CliHarness().run("--help").stdout.split()).partition("Exit codes: ")[2]
    codes = [int(code) for code in re.findall(r"(?:^|, )(\d+) ", epilog)]
    assert codes == [code.value for code in ExitCode if code is not ExitCode.INTERRUPTED]


def test_mistyped_subcommand_gets_suggestion() -> None:
    result = CliHarness().run("stats")
    assert result.exit_code == 2
    assert "Did you mean 'status'?" in result.stderr


@pytest.mark.parametrize("shell", ["bash", "fish", "zsh"])
def test_completion_setup_is_printed(shell: str) -> None:
    result = CliHarness().run("completion", shell)
    assert result.exit_code == 0
    assert "_FAILOVERCTL_COMPLETE" in result.stdout


def test_subcommands_and_values_are_completed() -> None:
    complete = click.shell_completion.ShellComplete(cli, {}, "failoverctl", "_FAILOVERCTL_COMPLETE")
    assert [item.value for item in complete.get_completions([], "fail")] == ["failback", "failover"]
    assert [item.value for item in complete.get_completions(["failback", "--mode"], "all")] == ["all-at-once"]


def test_version_is_printed() -> None:
    assert CliHarness().run("--version").stdout.startswith("failoverctl ")


def test_help_and_completion_import_no_sdk() -> None:
    """Run a new process: other tests have already imported the SDK in this one."""
    code = (
        "import sys; from failoverctl.cli import cli; cli(['--help'], standalone_mode=False); "
        "print(sorted({'boto3', 'botocore', 'msgspec', 'jwt', 'cryptography', 'dns'} & set(sys.modules)))"
    )
    paths = f"{ROOT}:{ROOT / 'layers' / 'failover'}"
    result = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], env={"PYTHONPATH": paths}, capture_output=True, text=True, check=False
    )
    assert result.stdout.endswith("[]\n"), result.stdout + result.stderr
