"""Each request is one line in the operator's log, and the read-only alias changes nothing."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

from cognito_failover.core.operator.request import READING_ACTIONS, OperatorAction, build_example
from cognito_failover.wiring.operator import has_qualifier
from tests.support.controller_harness import ControllerHarness

ARN = "arn:aws:lambda:us-east-1:123456789012:function:cognito-failover-operator"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Collect the package's log as the function writes it."""
    stream, package = io.StringIO(), logging.getLogger("cognito_failover")
    handlers, level, propagate = package.handlers, package.level, package.propagate
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LambdaPowertoolsFormatter())
    package.handlers = [handler]
    package.propagate = False
    package.setLevel(logging.INFO)
    yield stream
    package.handlers, package.propagate = handlers, propagate
    package.setLevel(level)


def handle(event: object, *, is_read_only: bool = False) -> dict[str, object]:
    world = ControllerHarness().settle()
    return world.operator.handle(event, owner="id-1", remaining_seconds=lambda: 0.0, is_read_only=is_read_only)


def test_request_is_one_json_line_in_the_log(log: io.StringIO) -> None:
    event = {"action": "pause", "reason": "a deploy", "minutes": 5, "token": "t", "requested_by": "Kim"}
    handle(event)
    [line] = log.getvalue().splitlines()
    logged = json.loads(line)
    assert logged["request"] == {**event, "minutes": "5"}
    assert (logged["message"], logged["request_id"], logged["read_only"]) == ("Request: pause", "id-1", False)


@pytest.mark.parametrize("event", [None, 7, [], {}, {"action": "x\n{}\x1b[2J"}, {"action": "status", "a": "x" * 9999}])
def test_invalid_request_is_one_short_line_in_the_log(event: object, log: io.StringIO) -> None:
    handle(event)
    [line] = log.getvalue().splitlines()
    assert json.loads(line)["request_id"] == "id-1"
    assert len(line) < 2000
    assert "\x1b" not in line


@pytest.mark.parametrize("action", OperatorAction)
def test_read_only_alias_allows_only_reading(action: OperatorAction) -> None:
    answer = handle(build_example(action), is_read_only=True)
    is_refused = answer.get("refused_by") == "read-only"
    assert is_refused is (action not in READING_ACTIONS)


def test_read_only_refusal_changes_nothing() -> None:
    world = ControllerHarness().settle()
    before = world.memory.load()
    answer = world.operator.handle(
        build_example(OperatorAction.FAILOVER), owner="o", remaining_seconds=lambda: 0.0, is_read_only=True
    )
    assert "allows status, history, report, and not failover" in answer["message"]
    assert world.memory.load() == before


@pytest.mark.parametrize(
    ("arn", "expected"), [(ARN, False), (f"{ARN}:read", True), (f"{ARN}:$LATEST", True), (f"{ARN}:7", True)]
)
def test_every_qualified_name_of_the_function_is_read_only(arn: str, *, expected: bool) -> None:
    assert has_qualifier(arn) is expected
