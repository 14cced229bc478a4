"""What the rotation's function is asked for, and what it answers."""

import io
import json
import logging
from typing import Any

import pytest

from failover.rotation.errors import RotationError
from failover.rotation.rotation import Step
from failover.rotation.serving import OVERDUE, Serving
from tests.unit.rotation.stage import Stage

ARN = "arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:canary-AbCdEf"


class Function:
    """The function, with a stage behind it."""

    def __init__(self) -> None:
        self.stage = Stage(lag_seconds=0)
        self.written = io.StringIO()
        self.serving = Serving(
            rotation=self.stage.rotation,
            vault=self.stage.vault,
            secret_arn=ARN,
            service="cognito-failover-rotation",
            stream=self.written,
            clock=self.stage.clock,
        )

    def handle(self, step: str, token: str, **changes: Any) -> None:
        self.serving.handle({"Step": step, "SecretId": ARN, "ClientRequestToken": token, **changes})


@pytest.fixture
def function() -> Function:
    return Function()


def test_the_events_of_secrets_manager_make_the_steps(function: Function, caplog: pytest.LogCaptureFixture) -> None:
    token = function.stage.begin()
    with caplog.at_level(logging.INFO):
        for step in Step:
            function.handle(step.value, token, RotationToken="of another account")
    assert function.stage.content.username == "canary-2"
    assert "finishSecret: The secret names canary-2 from now on; canary-1 is idle." in caplog.text
    assert function.stage.content.password not in caplog.text


@pytest.mark.parametrize(
    "event",
    [
        None,
        "createSecret",
        {},
        {"Step": "createSecret"},
        {"Step": "deleteSecret", "SecretId": ARN, "ClientRequestToken": "t"},
        {"Step": "createSecret", "SecretId": ARN, "ClientRequestToken": ""},
        {"Step": "createSecret", "SecretId": ARN, "ClientRequestToken": 7},
        {"Step": ["createSecret"], "SecretId": ARN, "ClientRequestToken": "t"},
        {"check": "something"},
    ],
)
def test_anything_else_is_refused_with_what_to_do(function: Function, event: object) -> None:
    with pytest.raises(RotationError, match="To rotate now: aws secretsmanager rotate-secret"):
        function.serving.handle(event)
    assert function.stage.content.username == "canary-1"


def test_another_secret_is_refused(function: Function) -> None:
    with pytest.raises(RotationError, match=f"rotates {ARN} only, not {ARN}x"):
        function.handle("createSecret", function.stage.begin(), SecretId=f"{ARN}x")


def test_whether_it_is_overdue_becomes_a_metric(function: Function) -> None:
    function.serving.handle(OVERDUE)
    blob = json.loads(function.written.getvalue())
    assert (blob["service"], blob["RotationOverdue"]) == ("cognito-failover-rotation", [0.0])


def test_a_rotation_that_was_switched_off_is_an_error(function: Function) -> None:
    function.stage.vault.rotates = False
    with pytest.raises(RotationError, match="not switched on"):
        function.serving.handle(OVERDUE)
