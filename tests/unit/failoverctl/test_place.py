"""Where the operator function is looked for: options over variables over the configuration file."""

import sys
import tomllib
from pathlib import Path

import pytest

from failoverctl import sandboxed
from failoverctl.place import Place, merged
from sandbox.attached import NotRunningError, Sandbox
from tests.unit.failoverctl.stage import Stage


def configured(stage: Stage, folder: Path, content: str) -> Stage:
    (folder / "failoverctl").mkdir()
    (folder / "failoverctl" / "config.toml").write_text(content, encoding="utf-8")
    stage.environment["XDG_CONFIG_HOME"] = str(folder)
    return stage


def test_the_stack_has_the_name_that_the_readme_gives_it() -> None:
    stage = Stage()
    stage.run("status")
    assert stage.places[0] == Place(stack="cognito-failover")


def test_options_stand_before_the_subcommand_or_after_it() -> None:
    stage = Stage()
    stage.run("--stack", "mine", "status", "--region", "eu-west-1", "--profile", "ops")
    assert stage.places[0] == Place(stack="mine", region="eu-west-1", profile="ops")


def test_an_option_goes_before_a_variable_and_that_before_the_file(tmp_path: Path) -> None:
    stage = configured(Stage(), tmp_path, 'stack = "file"\nregion = "file"\nprofile = "file"\n')
    stage.environment |= {"FAILOVERCTL_STACK": "variable", "FAILOVERCTL_REGION": "variable"}
    stage.run("status", "--stack", "option")
    assert stage.places[0] == Place(stack="option", region="variable", profile="file")


def test_a_stack_that_is_given_takes_the_place_of_a_function_that_is_configured() -> None:
    assert merged({"function": "configured"}, {"stack": "given"}) == {"stack": "given"}
    assert merged({"stack": "configured"}, {"function": "given"}) == {"stack": "configured", "function": "given"}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('stak = "mine"', "stak is unknown; it may hold stack, region, function, profile, sandbox"),
        ("stack = 7", "stack must be a text"),
        ("stack =", "can't be read"),
    ],
)
def test_a_wrong_configuration_file_is_said_to_be(tmp_path: Path, content: str, sentence: str) -> None:
    stage = configured(Stage(), tmp_path, content)
    result = stage.run("status")
    assert result.exit_code == 2
    assert "config.toml" in result.stderr
    assert sentence in result.stderr
    assert stage.functions.events == []


class SandboxOfATest:
    description = {"standby": "us-east-1"}  # noqa: RUF012 - never changed

    def environment(self) -> dict[str, str]:
        return {"SANDBOX_NETWORK": "127.99", "AWS_REGION": "ap-northeast-1"}


def test_in_a_sandbox_the_command_runs_once_more_on_its_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SANDBOX_NETWORK", raising=False)
    monkeypatch.setattr(Sandbox, "on", lambda _: SandboxOfATest())
    monkeypatch.setattr(sys, "argv", ["failoverctl", "status", "--sandbox", "127.99"])
    executed = []
    sandboxed.enter("127.99", lambda *arguments: executed.append(arguments))
    ((_, argv, environment),) = executed
    assert argv[1:] == ["-m", "failoverctl", "status", "--sandbox", "127.99"]
    assert environment["SANDBOX_NETWORK"] == "127.99"
    assert environment["AWS_REGION"] == environment["AWS_DEFAULT_REGION"] == "us-east-1"


def test_on_the_sandboxs_network_nothing_is_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDBOX_NETWORK", "127.99")
    stage = Stage()
    assert stage.run("status", "--sandbox", "127.99").exit_code == 0
    assert stage.functions.called


def test_a_sandbox_that_does_not_run_is_said_not_to(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_sandbox(prefix: str) -> Sandbox:
        raise NotRunningError(f"no sandbox runs on network {prefix}")

    monkeypatch.delenv("SANDBOX_NETWORK", raising=False)
    monkeypatch.setattr(Sandbox, "on", no_sandbox)
    result = Stage().run("status", "--sandbox", "127.99")
    assert result.exit_code == 2
    assert "no sandbox runs on network 127.99" in result.stderr


def test_an_installed_command_has_no_sandbox_and_says_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SANDBOX_NETWORK", raising=False)
    monkeypatch.setitem(sys.modules, "sandbox.attached", None)
    result = Stage().run("status", "--sandbox", "127.99")
    assert result.exit_code == 2
    assert "run scripts/failoverctl of a checkout" in result.stderr


def test_the_command_that_is_installed_is_this_one() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["scripts"] == {"failoverctl": "failoverctl.__main__:main"}
