"""Requests that move nobody: what is asked, what is shown, how it ends."""

import json
import re

import pytest

from failover.decision.request import Action
from failoverctl.program import program
from tests.unit.failoverctl.stage import FUNCTION, REGION, Stage, said

PLAIN = [
    ("resume", "Automation is neither paused nor set to observe only"),
    ("acknowledge", "aiko acknowledged: a reason."),
    ("observe-only", "aiko set the controller to observe only"),
]


def test_every_action_of_the_operator_function_has_a_subcommand() -> None:
    with program.make_context("failoverctl", ["status"]) as context:
        assert {action.value for action in Action} <= set(program.list_commands(context))


@pytest.mark.parametrize(("subcommand", "message"), PLAIN)
def test_a_change_is_asked_for_with_reason_token_and_name(subcommand: str, message: str) -> None:
    stage = Stage()
    result = stage.run(subcommand, "--reason", " a reason ")
    (event,) = stage.asked()
    assert result.exit_code == 0
    assert message in result.stdout
    assert (event["action"], event["reason"], event["requested_by"]) == (subcommand, "a reason", "aiko")
    assert re.fullmatch(rf"{subcommand}-20270115T\d{{6}}Z-[0-9a-f]{{6}}", event["token"])
    assert f"Token: {event['token']}" in result.stderr


def test_a_pause_takes_minutes() -> None:
    stage = Stage()
    result = stage.run("pause", "--minutes", "30", "--reason", "deploy", "--requested-by", "Bo")
    assert stage.asked()[0]["minutes"] == 30
    assert "Bo paused automation until" in result.stdout
    assert stage.world.state.pause


@pytest.mark.parametrize("minutes", ["0", "10081", "half"])
def test_a_pause_of_a_wrong_length_is_not_asked_for(minutes: str) -> None:
    stage = Stage()
    assert stage.run("pause", "--minutes", minutes, "--reason", "deploy").exit_code == 2
    assert not stage.functions.events


def test_two_requests_have_two_tokens() -> None:
    stage = Stage()
    stage.run("resume", "--reason", "r")
    stage.run("resume", "--reason", "r")
    assert len({event["token"] for event in stage.asked()}) == 2


def test_a_token_that_is_given_repeats_a_request() -> None:
    stage = Stage()
    stage.run("pause", "--minutes", "30", "--reason", "deploy", "--token", "mine")
    result = stage.run("pause", "--minutes", "30", "--reason", "deploy", "--token", "mine")
    assert result.exit_code == 0
    assert "nothing was done twice" in result.stdout


def test_a_token_of_another_action_is_refused() -> None:
    stage = Stage()
    stage.run("pause", "--minutes", "30", "--reason", "deploy", "--token", "mine")
    result = stage.run("resume", "--reason", "over", "--token", "mine")
    assert result.exit_code == 1
    assert "Give resume a token of its own" in result.stdout


def test_a_script_gets_one_json_object_with_the_token() -> None:
    stage = Stage()
    result = stage.run("resume", "--reason", "r", "--json")
    answer = said(result)
    assert answer["done"] is True
    assert answer["token"] == stage.asked()[0]["token"]
    assert answer["status"]["phase"] == "steady"


def test_json_may_stand_before_the_subcommand() -> None:
    assert said(Stage().run("--json", "status"))["done"] is True


def test_a_person_is_asked_for_a_reason_that_is_missing() -> None:
    stage = Stage(terminal=True)
    assert stage.run("resume", types="\nwell again\n").exit_code == 0
    assert stage.asked()[0]["reason"] == "well again"


def test_a_script_without_a_reason_is_told_to_give_one() -> None:
    stage = Stage()
    result = stage.run("resume")
    assert result.exit_code == 2
    assert "Give --reason" in result.stderr
    assert not stage.functions.events


@pytest.mark.parametrize("option", ["--reason", "--token", "--requested-by"])
def test_a_text_has_a_length(option: str) -> None:
    stage = Stage()
    for text in (" ", "x" * 501):
        result = stage.run("resume", "--reason", "r", option, text)
        assert result.exit_code == 2
        assert "give 1 to 500 characters" in result.stderr
    assert not stage.functions.events


def test_who_asks_can_be_set_once_for_all() -> None:
    stage = Stage()
    stage.environment["FAILOVERCTL_REQUESTED_BY"] = "on call"
    stage.run("resume", "--reason", "r")
    assert stage.asked()[0]["requested_by"] == "on call"


@pytest.mark.parametrize("subcommand", ["attach", "detach"])
def test_latches_are_attached_and_detached_by_the_function(subcommand: str) -> None:
    stage = Stage()
    stage.stage({"done": True, "message": "The latch is as asked for."})
    result = stage.run(subcommand, "--reason", "r")
    assert result.exit_code == 0
    assert result.stdout == "The latch is as asked for.\n"
    assert stage.asked()[0]["action"] == subcommand


@pytest.mark.parametrize("subcommand", ["attach", "detach"])
def test_what_takes_several_requests_is_repeated_under_one_token_until_it_is_done(subcommand: str) -> None:
    stage = Stage()
    waiting = {"done": False, "message": "Route 53 is still bringing the checks to its name servers."}
    stage.stage(waiting, waiting, {"done": True, "message": "The latch is as asked for."})
    result = stage.run(subcommand, "--reason", "r")
    assert result.exit_code == 0
    assert result.stdout == "The latch is as asked for.\n"
    assert "still bringing the checks" in result.stderr
    assert len({event["token"] for event in stage.asked()}) == 1
    assert len(stage.asked()) == 3


def test_what_is_not_done_in_time_says_so_in_its_exit_code() -> None:
    stage = Stage()
    stage.stage({"done": False, "message": "Route 53 is still bringing the checks to its name servers."})
    result = stage.run("attach", "--reason", "r", "--timeout", "0")
    assert result.exit_code == 5
    assert "still bringing the checks" in result.stdout
    assert not stage.slept


def test_a_refusal_says_so_in_its_exit_code_and_by_name() -> None:
    result = Stage().run("attach", "--reason", "r", "--json")
    assert result.exit_code == 1
    assert said(result)["refused_by"]


@pytest.mark.parametrize(
    ("refused_by", "code"), [("request", 2), ("ledger", 4), ("fault", 4), ("no-state", 1), ("cool-down", 1)]
)
def test_what_is_no_rule_has_an_exit_code_of_its_own(refused_by: str, code: int) -> None:
    stage = Stage()
    stage.stage({"done": False, "message": "No.", "refused_by": refused_by})
    assert stage.run("resume", "--reason", "r").exit_code == code


def test_the_status_is_given_whole_to_a_script() -> None:
    stage = Stage()
    assert said(stage.run("status", "--json")) == stage.world.request("status")


def test_a_controller_without_state_is_no_success() -> None:
    stage = Stage()
    stage.world.memory.lose_state()
    result = stage.run("status")
    assert result.exit_code == 1
    assert "wait a minute" in result.stdout


def test_the_history_is_shown_latest_first_and_as_long_as_asked_for() -> None:
    stage = Stage()
    stage.run("pause", "--minutes", "30", "--reason", "deploy")
    stage.run("resume", "--reason", "over")
    result = stage.run("history", "--limit", "2")
    assert stage.functions.events[-1] == {"action": "history", "limit": 2}
    assert result.stdout.index("resumed") < result.stdout.index("paused")
    assert "adopted" not in result.stdout
    assert len(said(stage.run("history", "--limit", "2", "--json"))["history"]) == 2


def test_an_empty_history_is_said_to_be() -> None:
    stage = Stage()
    stage.stage({"done": True, "history": []})
    assert "There is no history yet." in stage.run("history").stdout


def test_the_function_is_found_in_the_stacks_outputs() -> None:
    stage = Stage()
    stage.stacks.outputs["OperatorFunctionName"] = "renamed"
    stage.run("status", "--stack", "mine", "--region", REGION)
    assert stage.stacks.asked_for == ["mine"]
    assert stage.functions.called == ["renamed"]


def test_a_function_that_is_given_is_not_looked_up() -> None:
    stage = Stage()
    stage.run("status", "--function", FUNCTION)
    assert stage.stacks.asked_for == []
    assert stage.functions.called == [FUNCTION]


def test_brackets_in_a_reason_are_shown_as_they_are() -> None:
    stage = Stage()
    result = stage.run("observe-only", "--reason", "[red]alert[/red] [x")
    assert "[red]alert[/red] [x" in result.stdout


def test_json_is_readable_whatever_the_language() -> None:
    stage = Stage()
    result = stage.run("observe-only", "--reason", "東京", "--json")
    assert "東京" in result.stdout
    assert json.loads(result.stdout)
