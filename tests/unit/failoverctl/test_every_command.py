"""Every command: an error of the machine is a message with an exit code, and one JSON object under ``--json``."""

import errno
import importlib
from pathlib import Path

import click
import pytest

from failoverctl.cli import COMMAND_MODULES
from failoverctl.exit_codes import ExitCode
from tests.unit.failoverctl.cli_harness import CliHarness, read_output

ARGUMENTS: dict[str, tuple[str, ...]] = {
    "cost": ("--mau", "1000"),
    "completion": ("bash",),
    "drill": ("--yes", "--reason", "r"),
    "measure": (),
    "pause": ("--minutes", "5", "--reason", "r"),
    "replicate": ("--standby", "us-east-1"),
    **dict.fromkeys(("failover", "failback", "abort"), ("--yes", "--reason", "r")),
    **dict.fromkeys(("acknowledge", "attach", "detach", "observe-only", "resume"), ("--reason", "r")),
}
PATH = "/root/nobody/file"
OS_ERRORS = [
    (PermissionError(errno.EACCES, "Permission denied", PATH), ExitCode.USAGE, PATH),
    (FileNotFoundError(errno.ENOENT, "No such file or directory", PATH), ExitCode.USAGE, PATH),
    (OSError(errno.ENOSPC, "No space left on device", PATH), ExitCode.USAGE, "No space left on device"),
    (OSError(errno.EROFS, "Read-only file system", PATH, None, "/other"), ExitCode.USAGE, "/other"),
    (OSError(errno.EIO, "Input/output error"), ExitCode.USAGE, "Input/output error"),
    (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), ExitCode.UNREACHABLE, "reset by peer"),
    (TimeoutError(), ExitCode.UNREACHABLE, "TimeoutError"),
]


def fail_in(command: str, error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    module = importlib.import_module(f"failoverctl.commands.{COMMAND_MODULES[command]}")
    found = getattr(module, command.replace("-", "_"))
    assert isinstance(found, click.Command)
    monkeypatch.setattr(found, "callback", fail)


@pytest.mark.parametrize(("error", "code", "text"), OS_ERRORS, ids=lambda value: str(value)[:40])
@pytest.mark.parametrize("command", COMMAND_MODULES)
def test_error_of_the_machine_is_explained_by_every_command(
    command: str, error: OSError, code: ExitCode, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_in(command, error, monkeypatch)
    arguments = ARGUMENTS.get(command, ())
    in_json = CliHarness().run("--json", command, *arguments)
    assert in_json.exit_code == code
    answer = read_output(in_json)
    assert (answer["done"], answer["error"]) == (False, code.name.lower())
    assert text in answer["message"]
    for_people = CliHarness().run(command, *arguments)
    assert for_people.exit_code == code
    assert text in for_people.stderr
    assert "Traceback" not in for_people.output


@pytest.mark.parametrize("command", COMMAND_MODULES)
def test_ctrl_c_is_json_for_scripts_in_every_command(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_in(command, KeyboardInterrupt(), monkeypatch)
    result = CliHarness().run("--json", command, *ARGUMENTS.get(command, ()))
    assert result.exit_code == ExitCode.INTERRUPTED
    assert read_output(result)["error"] == "interrupted"


def test_reader_that_has_left_ends_the_run_without_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    fail_in("status", BrokenPipeError(errno.EPIPE, "Broken pipe"), monkeypatch)
    result = CliHarness().run("status")
    assert (result.exit_code, result.stderr) == (1, "")


def test_unwritable_report_path_is_named(tmp_path: Path) -> None:
    harness = CliHarness()
    report = {"id": "m-1", "page": "https://bucket/page", "data": "https://bucket/data"}
    harness.queue_outcomes({"done": True, "report": report})
    harness.runtime_overrides = {"fetch": lambda _: b"<html>"}
    path = tmp_path / "missing" / "report.html"
    result = harness.run("report", "--json", "--output", str(path))
    assert result.exit_code == ExitCode.USAGE
    assert str(path) in read_output(result)["message"]


def test_completion_script_is_json_for_scripts() -> None:
    assert "_failoverctl_completion" in read_output(CliHarness().run("--json", "completion", "bash"))["script"]
