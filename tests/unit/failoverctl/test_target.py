"""The controller's target: options override variables, which override the configuration file."""

import sys
import tomllib
from pathlib import Path

import pytest

from failoverctl import sandbox_reexec
from failoverctl.target import ControllerTarget, merge_levels
from sandbox.client import NotRunningError, SandboxClient
from tests.unit.failoverctl.cli_harness import CliHarness


def run_with_config(harness: CliHarness, folder: Path, content: str) -> CliHarness:
    (folder / "failoverctl").mkdir()
    (folder / "failoverctl" / "config.toml").write_text(content, encoding="utf-8")
    harness.environment["XDG_CONFIG_HOME"] = str(folder)
    return harness


def test_default_stack_name_matches_readme() -> None:
    harness = CliHarness()
    harness.run("status")
    assert harness.targets[0] == ControllerTarget(stack="cognito-failover")


def test_options_are_allowed_before_and_after_subcommand() -> None:
    harness = CliHarness()
    harness.run("--stack", "mine", "status", "--region", "eu-west-1", "--profile", "ops")
    assert harness.targets[0] == ControllerTarget(stack="mine", region="eu-west-1", profile="ops")


def test_option_overrides_variable_overrides_file(tmp_path: Path) -> None:
    harness = run_with_config(CliHarness(), tmp_path, 'stack = "file"\nregion = "file"\nprofile = "file"\n')
    harness.environment |= {"FAILOVERCTL_STACK": "variable", "FAILOVERCTL_REGION": "variable"}
    harness.run("status", "--stack", "option")
    assert harness.targets[0] == ControllerTarget(stack="option", region="variable", profile="file")


def test_given_stack_overrides_configured_function() -> None:
    assert merge_levels({"function": "configured"}, {"stack": "given"}) == {"stack": "given"}
    assert merge_levels({"stack": "configured"}, {"function": "given"}) == {"stack": "configured", "function": "given"}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('stak = "mine"', "stak is unknown. Allowed: stack, region, function, profile, sandbox"),
        ("stack = 7", "stack must be a string"),
        ("stack =", "can't be read"),
    ],
)
def test_invalid_configuration_file_is_reported(tmp_path: Path, content: str, sentence: str) -> None:
    harness = run_with_config(CliHarness(), tmp_path, content)
    result = harness.run("status")
    assert result.exit_code == 2
    assert "config.toml" in result.stderr
    assert sentence in result.stderr
    assert harness.functions.events == []


class StubSandbox:
    description = {"standby": "us-east-1"}  # noqa: RUF012 - never changed

    def build_environment(self) -> dict[str, str]:
        return {"SANDBOX_NETWORK": "127.99", "AWS_REGION": "ap-northeast-1"}


def test_sandbox_option_reruns_command_on_sandbox_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SANDBOX_NETWORK", raising=False)
    monkeypatch.setattr(SandboxClient, "connect", lambda _: StubSandbox())
    monkeypatch.setattr(sys, "argv", ["failoverctl", "status", "--sandbox", "127.99"])
    executed = []
    sandbox_reexec.reexec_in_sandbox("127.99", lambda *arguments: executed.append(arguments))
    ((_, argv, environment),) = executed
    assert argv[1:] == ["-m", "failoverctl", "status", "--sandbox", "127.99"]
    assert environment["SANDBOX_NETWORK"] == "127.99"
    assert environment["AWS_REGION"] == environment["AWS_DEFAULT_REGION"] == "us-east-1"


def test_command_on_sandbox_network_is_not_rerun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDBOX_NETWORK", "127.99")
    harness = CliHarness()
    assert harness.run("status", "--sandbox", "127.99").exit_code == 0
    assert harness.functions.invoked_names


def test_stopped_sandbox_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def find_no_sandbox(prefix: str) -> SandboxClient:
        raise NotRunningError(f"no sandbox runs on network {prefix}")

    monkeypatch.delenv("SANDBOX_NETWORK", raising=False)
    monkeypatch.setattr(SandboxClient, "connect", find_no_sandbox)
    result = CliHarness().run("status", "--sandbox", "127.99")
    assert result.exit_code == 2
    assert "no sandbox runs on network 127.99" in result.stderr


def test_installed_command_without_sandbox_explains_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SANDBOX_NETWORK", raising=False)
    monkeypatch.setitem(sys.modules, "sandbox.client", None)
    result = CliHarness().run("status", "--sandbox", "127.99")
    assert result.exit_code == 2
    assert "run scripts/failoverctl of a checkout" in result.stderr


def test_console_script_is_this_command() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["scripts"] == {"failoverctl": "failoverctl.__main__:main"}
