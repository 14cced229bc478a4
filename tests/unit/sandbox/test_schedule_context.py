import json
from typing import Any

from sandbox.schedule_context import replace_context_attributes

FIRING: dict[str, Any] = {
    "EventId": "d32c5kddcf5bb8c3",
    "Source": "aws.scheduler",
    "Time": 1_647_975_583.0,
    "Resources": ["arn:aws:scheduler:us-east-1:123456789012:schedule/group/drills"],
}


def replace_keywords(payload: str, **event: Any) -> str:
    return str(replace_context_attributes({"Arn": "a", "Input": payload}, {**FIRING, **event})["Input"])


def test_scheduled_time_is_replaced() -> None:
    payload = '{"token": "scheduled-<aws.scheduler.scheduled-time>"}'
    assert json.loads(replace_keywords(payload)) == {"token": "scheduled-2022-03-22T18:59:43Z"}


def test_every_keyword_is_replaced_everywhere() -> None:
    payload = "<aws.scheduler.schedule-arn> <aws.scheduler.execution-id> <aws.scheduler.attempt-number>"
    assert replace_keywords(f"{payload} {payload}") == " ".join([f"{FIRING['Resources'][0]} d32c5kddcf5bb8c3 1"] * 2)


def test_target_without_schedule_or_payload_is_unchanged() -> None:
    target = {"Arn": "a", "Input": "<aws.scheduler.attempt-number>"}
    assert replace_context_attributes(target, {**FIRING, "Source": "aws.events"}) is target
    assert replace_context_attributes({"Arn": "a"}, FIRING) == {"Arn": "a"}
