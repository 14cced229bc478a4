"""An invalid event changes nothing. Its answer names the field, the allowed values and an example."""

import json
from typing import Any

import pytest

from cognito_failover.common.errors import RequestError
from cognito_failover.core.model.drill import DrillKind
from cognito_failover.core.operator.request import (
    FailbackMode,
    OperatorAction,
    OperatorRequest,
    build_example,
    parse_request,
)
from cognito_failover.core.rules import Rule
from tests.support.controller_harness import ControllerHarness

DRILL = {"action": "failover", "reason": "drill", "token": "t"}
VALID_DRILL = {"action": "drill", "kind": "simulated-outage", "reason": "monthly", "token": "t"}

WRONG_REQUESTS: list[tuple[Any, str]] = [
    (None, "The event must be a JSON object, such as {"),
    ([], "The event must be a JSON object, such as {"),
    ({}, "action: missing; it must be one of status, failover, failback, abort, pause"),
    ({"action": "fail-over"}, "action: 'fail-over' is not an action; it must be one of status, failover"),
    ({"action": ["failover"]}, "action: ['failover'] is not an action"),
    ({"action": "failover", "token": "t"}, "reason: missing; the action failover needs it"),
    ({"action": "failover", "reason": "drill"}, "token: missing; the action failover needs it"),
    ({**DRILL, "reason": "  "}, "reason: must be a text of 1 to 500 characters"),
    ({**DRILL, "reason": "x" * 501}, "reason: must be a text of 1 to 500 characters"),
    ({**DRILL, "token": 7}, "token: must be a text of 1 to 500 characters"),
    *(
        ({**DRILL, name: text}, f"{name}: must be a text of 1 to 500 characters in one line, without control")
        for name in ("reason", "requested_by", "token")
        for text in ("a\nb", "a\x1b[2Jb", "a\x9bb", "a\u202eb", "a\u2028b", "a\u200bb", "a\x00b", "a\ud800b")
    ),
    *(
        ({**DRILL, "requested_by": name}, "is reserved for what the controller decides")
        for name in (
            "controller",
            " Controller ",
            "con\u200dtroller",
            "\uff43ontroller",
            "the controller",
            "controller.",
        )
    ),
    ({**DRILL, "requested_by": None}, "requested_by: must be a text"),
    ({**DRILL, "mode": "all-at-once"}, "mode: unknown for the action failover, which takes action, reason, token,"),
    ({**DRILL, "force": True}, "force: unknown for the action failover"),
    (
        {**DRILL, "override": "target-healthy"},
        "override: must be a list of rules that can be overridden: lag-within-limit, preflight-passed, target-healthy",
    ),
    ({**DRILL, "override": ["routing-readable"]}, "override: must be a list of rules that can be overridden"),
    ({**DRILL, "override": [["target-healthy"]]}, "override: must be a list of rules that can be overridden"),
    ({**DRILL, "override": [{}]}, "override: must be a list of rules that can be overridden"),
    ({**DRILL, "action": "failback", "mode": "slow"}, "mode: must be one of stepped, all-at-once"),
    ({**DRILL, "action": "failback", "mode": ["all-at-once"]}, "mode: must be one of stepped, all-at-once"),
    ({"action": "pause", "reason": "r"}, "minutes: missing; the action pause needs it"),
    *(
        ({"action": "pause", "reason": "r", "minutes": minutes}, "minutes: must be a whole number from 1 to 10080")
        for minutes in (0, -1, 10_081, 1.5, "30", True, None)
    ),
    ({"action": "status", "reason": "r"}, "reason: unknown for the action status, which takes action"),
    ({"action": "report", "id": "../secret"}, "id: '../secret' is not the id of a move; the history lists them"),
    ({"action": "report", "id": ""}, "id: must be a text"),
    ({**VALID_DRILL, "kind": "fire"}, "kind: must be one of switchover, lever-test, simulated-outage, tabletop"),
    (
        {**VALID_DRILL, "kind": ["simulated-outage"]},
        "kind: must be one of switchover, lever-test, simulated-outage, tabletop",
    ),
    ({**VALID_DRILL, "dry_run": "yes"}, "dry_run: must be true or false"),
    *(
        ({**VALID_DRILL, "hold_seconds": seconds}, "hold_seconds: must be a whole number from 0 to 14400")
        for seconds in (-1, 14_401, 1.5, True)
    ),
    *(({**VALID_DRILL, "rounds": rounds}, "rounds: must be a whole number from 1 to 60") for rounds in (0, 61, "3")),
    *(
        ({"action": "history", "limit": limit}, "limit: must be a whole number from 1 to 200")
        for limit in (0, 201, 1.5, "20", True, None)
    ),
]


@pytest.mark.parametrize(("event", "message"), WRONG_REQUESTS)
def test_invalid_request_is_refused_and_changes_nothing(event: object, message: str) -> None:
    world = ControllerHarness().settle()
    before = world.memory.load()
    answer = world.handle(event, lambda: 0.0)
    assert answer["done"] is False
    assert answer["refused_by"] == "request"
    assert message in answer["message"]
    assert "{" in answer["message"]
    assert world.memory.load() == before


@pytest.mark.parametrize(("event", "message"), WRONG_REQUESTS)
def test_example_in_refusal_is_valid(event: object, message: str) -> None:
    with pytest.raises(RequestError) as refusal:
        parse_request(event)
    shown = str(refusal.value)
    assert message in shown
    shown_example = json.loads(shown[shown.rindex('{"action"') : shown.rindex("}") + 1])
    assert parse_request(shown_example).action == shown_example["action"]


def test_field_limits_are_inclusive_and_missing_fields_have_defaults() -> None:
    pause = {"action": "pause", "reason": "r"}
    assert [parse_request({**pause, "minutes": minutes}).minutes for minutes in (1, 10_080)] == [1, 10_080]
    assert [parse_request({"action": "history", "limit": limit}).limit for limit in (1, 200)] == [1, 200]
    assert [parse_request({**VALID_DRILL, "hold_seconds": held}).hold_seconds for held in (0, 14_400)] == [0, 14_400]
    assert [parse_request({**VALID_DRILL, "rounds": rounds}).rounds for rounds in (1, 60)] == [1, 60]
    assert parse_request({**DRILL, "reason": "x" * 500}).reason == "x" * 500
    assert parse_request({"action": "report", "id": "to-us-east-1-1800000000"}).id == "to-us-east-1-1800000000"
    assert parse_request(VALID_DRILL) == OperatorRequest(
        action=OperatorAction.DRILL,
        reason="monthly",
        token="t",
        requested_by="operator",
        override=(),
        mode=FailbackMode.STEPPED,
        minutes=0,
        limit=20,
        kind=DrillKind.SIMULATED_OUTAGE,
        hold_seconds=300,
        rounds=0,
        dry_run=False,
        id="",
    )
    assert parse_request({**VALID_DRILL, "dry_run": True}).dry_run is True
    assert parse_request({"action": "status"}).kind is DrillKind.SWITCHOVER


@pytest.mark.parametrize("text", ["Jürgen Müller", "小川 葵", "O'Brien; DROP TABLE", "می‌خواهم", "👩‍🚒 on call"])
def test_texts_of_any_language_are_accepted(text: str) -> None:
    assert parse_request({**DRILL, "requested_by": text, "reason": text}).requested_by == text


def test_override_example_names_one_rule() -> None:
    with pytest.raises(RequestError) as refusal:
        parse_request({**DRILL, "override": "all"})
    assert '"override": ["target-healthy"]' in str(refusal.value)


@pytest.mark.parametrize("action", OperatorAction)
def test_every_action_has_a_valid_example(action: OperatorAction) -> None:
    assert parse_request(build_example(action)).action is action


def test_history_is_newest_first_and_limited() -> None:
    world = ControllerHarness().settle()
    world.invoke_operator("pause", reason="deploy", minutes=30)
    world.invoke_operator("resume", reason="done")
    answer = world.invoke_operator("history", limit=2)
    assert answer["done"]
    assert [entry["kind"] for entry in answer["history"]] == ["resumed", "paused"]
    assert "deploy" in answer["history"][1]["message"]
    assert "status" not in answer


def test_history_is_available_without_state() -> None:
    world = ControllerHarness().settle()
    world.memory.lose_state()
    assert world.invoke_operator("history")["history"]


def test_every_field_is_parsed() -> None:
    event = {
        "action": "failback",
        "reason": " well again ",
        "token": "t",
        "requested_by": "Aiko",
        "override": ["target-healthy"],
        "mode": "all-at-once",
    }
    assert parse_request(event) == OperatorRequest(
        action=OperatorAction.FAILBACK,
        reason="well again",
        token="t",
        requested_by="Aiko",
        override=(Rule.TARGET_HEALTHY,),
        mode=FailbackMode.ALL_AT_ONCE,
    )
