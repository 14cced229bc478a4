"""A wrong event gets an answer that names the field, the allowed values and an example, and changes nothing."""

import json
from typing import Any

import pytest

from failover.decision.drill import DrillKind
from failover.decision.request import Action, Pace, Request, example, parse_request
from failover.decision.rules import Rule
from failover.errors import RequestError
from tests.support.world import World

DRILL = {"action": "failover", "reason": "drill", "token": "t"}
A_DRILL = {"action": "drill", "kind": "blind", "reason": "monthly", "token": "t"}

WRONG: list[tuple[Any, str]] = [
    (None, "The event must be a JSON object, such as {"),
    ([], "The event must be a JSON object, such as {"),
    ({}, "action: missing; it must be one of status, failover, failback, abort, pause"),
    ({"action": "fail-over"}, "action: 'fail-over' is none of the actions; it must be one of status, failover"),
    ({"action": ["failover"]}, "action: ['failover'] is none of the actions"),
    ({"action": "failover", "token": "t"}, "reason: missing; the action failover needs it"),
    ({"action": "failover", "reason": "drill"}, "token: missing; the action failover needs it"),
    ({**DRILL, "reason": "  "}, "reason: must be a text of 1 to 500 characters"),
    ({**DRILL, "reason": "x" * 501}, "reason: must be a text of 1 to 500 characters"),
    ({**DRILL, "token": 7}, "token: must be a text of 1 to 500 characters"),
    ({**DRILL, "requested_by": None}, "requested_by: must be a text"),
    ({**DRILL, "pace": "in-one"}, "pace: unknown for the action failover, which takes action, reason, token,"),
    ({**DRILL, "force": True}, "force: unknown for the action failover"),
    (
        {**DRILL, "override": "target-serves"},
        "override: must be a list of rules that can be overridden: replica-fresh, standby-fit, target-serves",
    ),
    ({**DRILL, "override": ["world-understood"]}, "override: must be a list of rules that can be overridden"),
    ({**DRILL, "override": [["target-serves"]]}, "override: must be a list of rules that can be overridden"),
    ({**DRILL, "override": [{}]}, "override: must be a list of rules that can be overridden"),
    ({**DRILL, "action": "failback", "pace": "slow"}, "pace: must be one of in-steps, in-one"),
    ({**DRILL, "action": "failback", "pace": ["in-one"]}, "pace: must be one of in-steps, in-one"),
    ({"action": "pause", "reason": "r"}, "minutes: missing; the action pause needs it"),
    *(
        ({"action": "pause", "reason": "r", "minutes": minutes}, "minutes: must be a whole number from 1 to 10080")
        for minutes in (0, -1, 10_081, 1.5, "30", True, None)
    ),
    ({"action": "status", "reason": "r"}, "reason: unknown for the action status, which takes action"),
    ({"action": "report", "id": "../secret"}, "id: '../secret' is no id of a move; the history names them"),
    ({"action": "report", "id": ""}, "id: must be a text"),
    ({**A_DRILL, "kind": "fire"}, "kind: must be one of switchover, lever-test, blind, tabletop"),
    ({**A_DRILL, "kind": ["blind"]}, "kind: must be one of switchover, lever-test, blind, tabletop"),
    ({**A_DRILL, "dry_run": "yes"}, "dry_run: must be true or false"),
    *(
        ({**A_DRILL, "hold_seconds": seconds}, "hold_seconds: must be a whole number from 0 to 14400")
        for seconds in (-1, 14_401, 1.5, True)
    ),
    *(({**A_DRILL, "rounds": rounds}, "rounds: must be a whole number from 1 to 60") for rounds in (0, 61, "3")),
    *(
        ({"action": "history", "limit": limit}, "limit: must be a whole number from 1 to 200")
        for limit in (0, 201, 1.5, "20", True, None)
    ),
]


@pytest.mark.parametrize(("event", "message"), WRONG)
def test_a_wrong_request_is_refused_and_changes_nothing(event: object, message: str) -> None:
    world = World().settle()
    before = world.memory.load()
    answer = world.handle(event, lambda: 0.0)
    assert answer["done"] is False
    assert answer["refused_by"] == "request"
    assert message in answer["message"]
    assert "{" in answer["message"]
    assert world.memory.load() == before


@pytest.mark.parametrize(("event", "message"), WRONG)
def test_the_example_in_a_refusal_is_itself_accepted(event: object, message: str) -> None:
    with pytest.raises(RequestError) as refusal:
        parse_request(event)
    shown = str(refusal.value)
    assert message in shown
    shown_example = json.loads(shown[shown.rindex('{"action"') : shown.rindex("}") + 1])
    assert parse_request(shown_example).action == shown_example["action"]


def test_each_limit_of_a_field_is_itself_allowed_and_what_is_left_out_is_as_documented() -> None:
    pause = {"action": "pause", "reason": "r"}
    assert [parse_request({**pause, "minutes": minutes}).minutes for minutes in (1, 10_080)] == [1, 10_080]
    assert [parse_request({"action": "history", "limit": limit}).limit for limit in (1, 200)] == [1, 200]
    assert [parse_request({**A_DRILL, "hold_seconds": held}).hold_seconds for held in (0, 14_400)] == [0, 14_400]
    assert [parse_request({**A_DRILL, "rounds": rounds}).rounds for rounds in (1, 60)] == [1, 60]
    assert parse_request({**DRILL, "reason": "x" * 500}).reason == "x" * 500
    assert parse_request({"action": "report", "id": "to-us-east-1-1800000000"}).id == "to-us-east-1-1800000000"
    assert parse_request(A_DRILL) == Request(
        action=Action.DRILL,
        reason="monthly",
        token="t",
        requested_by="operator",
        override=(),
        pace=Pace.IN_STEPS,
        minutes=0,
        limit=20,
        kind=DrillKind.BLIND,
        hold_seconds=300,
        rounds=0,
        dry_run=False,
        id="",
    )
    assert parse_request({**A_DRILL, "dry_run": True}).dry_run is True
    assert parse_request({"action": "status"}).kind is DrillKind.SWITCHOVER


@pytest.mark.parametrize("action", Action)
def test_every_action_has_an_example_that_is_accepted(action: Action) -> None:
    assert parse_request(example(action)).action is action


def test_the_history_is_given_newest_first_and_no_longer_than_asked_for() -> None:
    world = World().settle()
    world.ask("pause", reason="deploy", minutes=30)
    world.ask("resume", reason="done")
    answer = world.ask("history", limit=2)
    assert answer["done"]
    assert [entry["kind"] for entry in answer["history"]] == ["resumed", "paused"]
    assert "deploy" in answer["history"][1]["sentence"]
    assert "status" not in answer


def test_the_history_is_given_even_when_the_state_is_lost() -> None:
    world = World().settle()
    world.memory.lose_state()
    assert world.ask("history")["history"]


def test_every_field_is_read() -> None:
    event = {
        "action": "failback",
        "reason": " well again ",
        "token": "t",
        "requested_by": "Aiko",
        "override": ["target-serves"],
        "pace": "in-one",
    }
    assert parse_request(event) == Request(
        action=Action.FAILBACK,
        reason="well again",
        token="t",
        requested_by="Aiko",
        override=(Rule.TARGET_SERVES,),
        pace=Pace.IN_ONE,
    )
