"""Requests that do not move users: events sent, output and exit codes."""

import json
import re

import pytest

from cognito_failover.core.operator.request import OperatorAction
from failoverctl.cli import cli
from tests.unit.failoverctl.cli_harness import FUNCTION, REGION, CliHarness, read_output

PLAIN_ACTIONS = [
    ("resume", "Automation is neither paused nor set to observe only"),
    ("acknowledge", "Nothing waits for an acknowledgement"),
    ("observe-only", "aiko set the controller to observe only"),
]


def test_every_operator_action_has_a_subcommand() -> None:
    with cli.make_context("failoverctl", ["status"]) as context:
        assert {action.value for action in OperatorAction} <= set(cli.list_commands(context))


@pytest.mark.parametrize(("subcommand", "message"), PLAIN_ACTIONS)
def test_change_sends_reason_token_and_requester(subcommand: str, message: str) -> None:
    harness = CliHarness()
    result = harness.run(subcommand, "--reason", " a reason ")
    (event,) = harness.requests()
    assert result.exit_code == 0
    assert message in result.stdout
    assert (event["action"], event["reason"], event["requested_by"]) == (subcommand, "a reason", "aiko")
    assert re.fullmatch(rf"{subcommand}-20270115T\d{{6}}Z-[0-9a-f]{{6}}", event["token"])
    assert f"Token: {event['token']}" in result.stderr


def test_pause_takes_minutes() -> None:
    harness = CliHarness()
    result = harness.run("pause", "--minutes", "30", "--reason", "deploy", "--requested-by", "Bo")
    assert harness.requests()[0]["minutes"] == 30
    assert "Bo paused automation until" in result.stdout
    assert harness.world.state.pause


@pytest.mark.parametrize("minutes", ["0", "10081", "half"])
def test_invalid_pause_duration_is_rejected_before_request(minutes: str) -> None:
    harness = CliHarness()
    assert harness.run("pause", "--minutes", minutes, "--reason", "deploy").exit_code == 2
    assert not harness.functions.events


def test_each_request_has_its_own_token() -> None:
    harness = CliHarness()
    harness.run("resume", "--reason", "r")
    harness.run("resume", "--reason", "r")
    assert len({event["token"] for event in harness.requests()}) == 2


def test_given_token_repeats_request() -> None:
    harness = CliHarness()
    harness.run("pause", "--minutes", "30", "--reason", "deploy", "--token", "mine")
    result = harness.run("pause", "--minutes", "30", "--reason", "deploy", "--token", "mine")
    assert result.exit_code == 0
    assert "nothing was done again" in result.stdout


def test_token_of_another_action_is_refused() -> None:
    harness = CliHarness()
    harness.run("pause", "--minutes", "30", "--reason", "deploy", "--token", "mine")
    result = harness.run("resume", "--reason", "over", "--token", "mine")
    assert result.exit_code == 1
    assert "Use a new token for resume" in result.stdout


def test_script_gets_one_json_object_with_token() -> None:
    harness = CliHarness()
    result = harness.run("resume", "--reason", "r", "--json")
    answer = read_output(result)
    assert answer["done"] is True
    assert answer["token"] == harness.requests()[0]["token"]
    assert answer["status"]["phase"] == "steady"


def test_json_option_is_allowed_before_subcommand() -> None:
    assert read_output(CliHarness().run("--json", "status"))["done"] is True


def test_missing_reason_is_prompted_for() -> None:
    harness = CliHarness(terminal=True)
    assert harness.run("resume", types="\nrecovered\n").exit_code == 0
    assert harness.requests()[0]["reason"] == "recovered"


def test_script_without_reason_is_rejected() -> None:
    harness = CliHarness()
    result = harness.run("resume")
    assert result.exit_code == 2
    assert "Give --reason" in result.stderr
    assert not harness.functions.events


def test_acknowledgement_of_a_hold_that_is_over_is_refused() -> None:
    harness = CliHarness()
    result = harness.run("acknowledge", "--hold", "hold-1800000000", "--reason", "as I read")
    assert harness.requests()[0]["hold"] == "hold-1800000000"
    assert result.exit_code == 1
    assert "hold-1800000000 is over. Automation is not on hold." in result.stdout


@pytest.mark.parametrize("option", ["--reason", "--token", "--requested-by"])
def test_text_length_is_limited(option: str) -> None:
    harness = CliHarness()
    for text in (" ", "x" * 501):
        result = harness.run("resume", "--reason", "r", option, text)
        assert result.exit_code == 2
        assert "give 1 to 500 characters" in result.stderr
    assert not harness.functions.events


def test_requester_can_be_configured() -> None:
    harness = CliHarness()
    harness.environment["FAILOVERCTL_REQUESTED_BY"] = "on call"
    harness.run("resume", "--reason", "r")
    assert harness.requests()[0]["requested_by"] == "on call"


@pytest.mark.parametrize("subcommand", ["attach", "detach"])
def test_latches_are_attached_and_detached_by_function(subcommand: str) -> None:
    harness = CliHarness()
    harness.queue_outcomes({"done": True, "message": "The latch is attached."})
    result = harness.run(subcommand, "--reason", "r")
    assert result.exit_code == 0
    assert result.stdout == "The latch is attached.\n"
    assert harness.requests()[0]["action"] == subcommand


@pytest.mark.parametrize("subcommand", ["attach", "detach"])
def test_unfinished_request_is_repeated_with_same_token(subcommand: str) -> None:
    harness = CliHarness()
    pending = {"done": False, "message": "Route 53 is still bringing the checks to its name servers."}
    harness.queue_outcomes(pending, pending, {"done": True, "message": "The latch is attached."})
    result = harness.run(subcommand, "--reason", "r")
    assert result.exit_code == 0
    assert result.stdout == "The latch is attached.\n"
    assert "still bringing the checks" in result.stderr
    assert len({event["token"] for event in harness.requests()}) == 1
    assert len(harness.requests()) == 3


def test_timeout_has_its_own_exit_code() -> None:
    harness = CliHarness()
    harness.queue_outcomes({"done": False, "message": "Route 53 is still bringing the checks to its name servers."})
    result = harness.run("attach", "--reason", "r", "--timeout", "0")
    assert result.exit_code == 5
    assert "still bringing the checks" in result.stdout
    assert not harness.slept


def test_refusal_has_exit_code_and_rule_name() -> None:
    result = CliHarness().run("attach", "--reason", "r", "--json")
    assert result.exit_code == 1
    assert read_output(result)["refused_by"]


@pytest.mark.parametrize(
    ("refused_by", "code"), [("request", 2), ("ledger", 4), ("fault", 4), ("no-state", 1), ("cool-down", 1)]
)
def test_non_rule_refusal_has_its_own_exit_code(refused_by: str, code: int) -> None:
    harness = CliHarness()
    harness.queue_outcomes({"done": False, "message": "No.", "refused_by": refused_by})
    assert harness.run("resume", "--reason", "r").exit_code == code


def test_script_gets_complete_status() -> None:
    harness = CliHarness()
    assert read_output(harness.run("status", "--json")) == harness.world.request("status")


def test_controller_without_state_is_no_success() -> None:
    harness = CliHarness()
    harness.world.memory.lose_state()
    result = harness.run("status")
    assert result.exit_code == 1
    assert "Wait a minute" in result.stdout


def test_history_is_newest_first_and_limited() -> None:
    harness = CliHarness()
    harness.run("pause", "--minutes", "30", "--reason", "deploy")
    harness.run("resume", "--reason", "over")
    result = harness.run("history", "--limit", "2")
    assert harness.functions.events[-1] == {"action": "history", "limit": 2}
    assert result.stdout.index("resumed") < result.stdout.index("paused")
    assert "state-initialized" not in result.stdout
    assert len(read_output(harness.run("history", "--limit", "2", "--json"))["history"]) == 2


def test_history_counts_entries_of_another_version() -> None:
    harness = CliHarness()
    harness.queue_outcomes({"done": True, "history": [], "unreadable_history_entries": 3})
    output = " ".join(harness.run("history").stdout.split())
    assert "Another version of the controller saved 3 of the latest entries." in output
    assert "There is no history yet." not in output


def test_empty_history_is_reported() -> None:
    harness = CliHarness()
    harness.queue_outcomes({"done": True, "history": []})
    assert "There is no history yet." in harness.run("history").stdout


def test_function_name_comes_from_stack_outputs() -> None:
    harness = CliHarness()
    harness.stacks.outputs["OperatorFunctionName"] = "renamed"
    harness.run("status", "--stack", "mine", "--region", REGION)
    assert harness.stacks.requested_names == ["mine"]
    assert harness.functions.invoked_names == ["renamed"]


def test_given_function_is_not_looked_up() -> None:
    harness = CliHarness()
    harness.run("status", "--function", FUNCTION)
    assert harness.stacks.requested_names == []
    assert harness.functions.invoked_names == [FUNCTION]


def test_brackets_in_reason_are_shown_verbatim() -> None:
    harness = CliHarness()
    result = harness.run("observe-only", "--reason", "[red]alert[/red] [x")
    assert "[red]alert[/red] [x" in result.stdout


def test_json_keeps_non_ascii_text() -> None:
    harness = CliHarness()
    result = harness.run("observe-only", "--reason", "東京", "--json")
    assert "東京" in result.stdout
    assert json.loads(result.stdout)
