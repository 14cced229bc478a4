"""The rotation function: its events, its answers and its metric."""

import io
import json
import logging
from typing import Any

import pytest

from cognito_failover.rotation.errors import RotationError
from cognito_failover.rotation.handler import OVERDUE_CHECK_EVENT, RotationHandler
from cognito_failover.rotation.rotation import RotationStep
from tests.unit.rotation.rotation_harness import InMemoryRotationHarness

ARN = "arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:canary-AbCdEf"


class RotationFunctionHarness:
    """The rotation function with an in-memory rotation."""

    def __init__(self) -> None:
        self.harness = InMemoryRotationHarness(lag_seconds=0)
        self.output = io.StringIO()
        self.handler = RotationHandler(
            rotation=self.harness.rotation,
            secret_store=self.harness.secret_store,
            secret_arn=ARN,
            service="cognito-failover-rotation",
            stream=self.output,
            clock=self.harness.clock,
        )

    def invoke(self, step: str, token: str, **changes: Any) -> None:
        self.handler.handle({"Step": step, "SecretId": ARN, "ClientRequestToken": token, **changes})


@pytest.fixture
def rotation_function() -> RotationFunctionHarness:
    return RotationFunctionHarness()


def test_secrets_manager_events_run_the_steps(
    rotation_function: RotationFunctionHarness, caplog: pytest.LogCaptureFixture
) -> None:
    token = rotation_function.harness.start_rotation()
    with caplog.at_level(logging.INFO):
        for step in RotationStep:
            rotation_function.invoke(step.value, token, RotationToken="of another account")
    assert rotation_function.harness.content.username == "canary-2"
    assert "finishSecret: The secret now names canary-2; canary-1 is idle." in caplog.text
    assert rotation_function.harness.content.password not in caplog.text


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
def test_other_event_is_rejected_with_hint(rotation_function: RotationFunctionHarness, event: object) -> None:
    with pytest.raises(RotationError, match="To rotate now, run: aws secretsmanager rotate-secret --secret-id arn:"):
        rotation_function.handler.handle(event)
    assert rotation_function.harness.content.username == "canary-1"


def test_other_secret_is_rejected(rotation_function: RotationFunctionHarness) -> None:
    with pytest.raises(RotationError, match=f"rotates only {ARN}, not {ARN}x"):
        rotation_function.invoke("createSecret", rotation_function.harness.start_rotation(), SecretId=f"{ARN}x")


def test_overdue_check_publishes_a_metric(rotation_function: RotationFunctionHarness) -> None:
    rotation_function.handler.handle(OVERDUE_CHECK_EVENT)
    blob = json.loads(rotation_function.output.getvalue())
    assert (blob["service"], blob["RotationOverdue"]) == ("cognito-failover-rotation", [0.0])


def test_overdue_check_of_disabled_rotation_fails(rotation_function: RotationFunctionHarness) -> None:
    rotation_function.harness.secret_store.is_rotation_enabled = False
    with pytest.raises(RotationError, match="not enabled"):
        rotation_function.handler.handle(OVERDUE_CHECK_EVENT)
