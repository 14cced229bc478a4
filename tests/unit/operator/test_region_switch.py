"""A step of an ARC Region switch plan moves sign-in, and fails until its move has ended."""

from collections.abc import Callable
from typing import Any

import pytest

from cognito_failover.core.model.event import EventKind
from cognito_failover.core.operator.request import MAX_TEXT_LENGTH
from cognito_failover.core.verdict import Verdict
from cognito_failover.operator.region_switch import IncompleteStepError, answer_event, build_step_request
from tests.support.controller_harness import ControllerHarness

PLAN = {
    "InvokedBy": "ArcRegionSwitch",
    "PlanArn": "arn:aws:arc-region-switch::123456789012:plan/shop-plan/abc123",
    "ExecutionId": "execution-1",
    "StepName": "sign-in",
}


def run_step(world: ControllerHarness, remaining_seconds: Callable[[], float] = lambda: 0.0, **payload: Any) -> Any:
    return answer_event({**payload, **PLAN}, lambda event: world.handle(event, remaining_seconds))


def test_step_fails_until_its_move_has_ended_and_makes_one_move() -> None:
    world = ControllerHarness().settle()

    with pytest.raises(IncompleteStepError, match="is under way"):
        run_step(world, action="failover")
    world.run(3)
    answer = run_step(world, action="failover")

    assert answer["status"]["active_region"] == "us-east-1"
    assert world.event_kinds.count(EventKind.MOVE_DECIDED) == 1
    decided = next(event for event in world.notifier.events if event.kind is EventKind.MOVE_DECIDED)
    assert decided.requested_by == "Region switch plan shop-plan"
    assert "execution-1" in decided.reason


def test_refused_step_fails_and_succeeds_when_it_is_possible() -> None:
    world = ControllerHarness().settle()
    world.set_standby(Verdict.SICK).run(5)
    with pytest.raises(IncompleteStepError, match="us-east-1 is not known to be healthy"):
        run_step(world, action="failover")

    world.set_standby(Verdict.HEALTHY).run(20)
    with pytest.raises(IncompleteStepError, match="is under way"):
        run_step(world, action="failover")
    world.run(3)

    assert run_step(world, action="failover")["done"]


def test_step_fails_when_its_move_ended_elsewhere() -> None:
    world = ControllerHarness().settle()
    with pytest.raises(IncompleteStepError, match="is under way"):
        run_step(world, action="failover")
    world.request("abort", reason="wrong plan", token="abort")
    world.run(5)

    with pytest.raises(IncompleteStepError, match=r"is on ap-northeast-1, not on us-east-1\. Start a new execution"):
        run_step(world, action="failover")


def test_failback_step_ends_with_users_on_the_primary() -> None:
    world = ControllerHarness().settle()
    world.request("failover", reason="maintenance", token="there")
    world.run(5)

    with pytest.raises(IncompleteStepError, match="is under way"):
        run_step(world, action="failback", mode="all-at-once")
    world.run(5)

    assert run_step(world, action="failback", mode="all-at-once")["status"]["active_region"] == "ap-northeast-1"


def test_status_step_returns_the_status() -> None:
    assert run_step(ControllerHarness().settle(), action="status")["status"]["phase"] == "steady"


def test_invalid_payload_fails_the_step_with_the_field_and_an_example() -> None:
    with pytest.raises(IncompleteStepError, match=r"action: 'fail-over' is not an action; .* Example"):
        run_step(ControllerHarness().settle(), action="fail-over")
    with pytest.raises(IncompleteStepError, match="colour: unknown for the action failover"):
        run_step(ControllerHarness().settle(), action="failover", colour="red")


def test_unreadable_status_fails_the_step() -> None:
    answer = {"done": True, "message": "Moving.", "status": {"problem": "The present status could not be read"}}

    with pytest.raises(IncompleteStepError, match="could not be read"):
        answer_event({"action": "failover", **PLAN}, lambda _: answer)


def test_payload_of_the_step_comes_before_its_defaults() -> None:
    request = build_step_request({"action": "failover", "token": "mine", "reason": "drill", **PLAN})

    assert (request["token"], request["reason"]) == ("mine", "drill")
    assert PLAN.keys().isdisjoint(request)


def test_each_step_of_each_execution_has_its_token() -> None:
    executions = [{**PLAN, "ExecutionId": each} for each in ("1", "2")]
    steps = [{**execution, "StepName": each} for execution in executions for each in ("a", "b")]

    assert len({build_step_request({"action": "failover", **step})["token"] for step in steps}) == 4


def test_long_names_of_a_plan_make_a_valid_request() -> None:
    request = build_step_request({"action": "failover", **PLAN, "StepName": "x" * 1000})

    assert {len(request["reason"]), len(request["token"])} == {MAX_TEXT_LENGTH}


@pytest.mark.parametrize("event", [{"action": "status"}, {"action": "status", "ExecutionId": "1"}, "text", None, []])
def test_request_of_a_person_gets_its_answer_unchanged(event: object) -> None:
    received = list[object]()

    def answer_request(request: object) -> dict[str, Any]:
        received.append(request)
        return {"done": False, "message": "refused"}

    assert answer_event(event, answer_request) == {"done": False, "message": "refused"}
    assert received == [event]
