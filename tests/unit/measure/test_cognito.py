import json
from collections.abc import Mapping
from typing import Any

import pytest

from cognito_failover.core.probe_result import FailureKind
from cognito_failover.probe.https_client import HttpResponse, HttpsEndpoint, NoResponseError
from failoverctl.measure.cognito import SUCCESS, call_cognito, sign_in
from failoverctl.measure.lag import LAG
from failoverctl.measure.measurement import MeasurementError
from tests.unit.measure.examples import SteppingClock, make_context


class ScriptedCognito:
    """Answers each operation with the given document, error code or failure."""

    def __init__(self, **answers: Any) -> None:
        self.responses = answers
        self.calls: list[tuple[str, str]] = []

    def post(self, endpoint: HttpsEndpoint, *, headers: Mapping[str, str], body: bytes) -> HttpResponse:
        operation = headers["X-Amz-Target"].rpartition(".")[2]
        self.calls.append((endpoint.host, operation))
        answer = self.responses[operation]
        if callable(answer):
            answer = answer(json.loads(body))
        if isinstance(answer, FailureKind):
            raise NoResponseError(answer, endpoint.host)
        if isinstance(answer, str):
            error_body = {"__type": answer, "message": f"You sent {body.decode()}."}
            return HttpResponse(status=400, headers={}, body=json.dumps(error_body).encode())
        return HttpResponse(status=200, headers={}, body=json.dumps(answer).encode())


TOKENS = {"AuthenticationResult": {"IdToken": "id", "AccessToken": "access", "RefreshToken": "refresh"}}


def test_timeout_ends_measurement_with_advice() -> None:
    cognito = ScriptedCognito(GetUser=FailureKind.TCP_TIMEOUT)

    with pytest.raises(MeasurementError, match=r"GetUser in eu-west-1 got no answer: tcp-timeout. Measure again when"):
        call_cognito(make_context(https=cognito), "eu-west-1", "GetUser", {})


def test_errors_do_not_contain_secrets() -> None:
    cognito = ScriptedCognito(InitiateAuth="NotAuthorizedException")

    with pytest.raises(MeasurementError, match="NotAuthorizedException") as raised:
        sign_in(make_context(https=cognito), "us-east-1")

    assert "secret-of-the-canary" not in str(raised.value)
    assert "failoverctl preflight" in str(raised.value)


def test_success_and_refusal_differ_by_code() -> None:
    cognito = ScriptedCognito(GetUser={"Username": "canary"}, SignUp="OperationNotEnabledException")

    assert call_cognito(make_context(https=cognito), "us-east-1", "GetUser", {}).code == SUCCESS
    assert call_cognito(make_context(https=cognito), "us-east-1", "SignUp", {}).code == "OperationNotEnabledException"


def make_attribute_responses(*values: int | None) -> Any:
    pending = list(values)

    def respond(_request: Mapping[str, Any]) -> dict[str, Any]:
        value = pending.pop(0) if len(pending) > 1 else pending[0]
        return {"UserAttributes": [] if value is None else [{"Name": "updated_at", "Value": str(value)}]}

    return respond


def test_lag_counts_from_last_write_to_first_answer_that_shows_it() -> None:
    clock = SteppingClock()
    cognito = ScriptedCognito(
        InitiateAuth=TOKENS, UpdateUserAttributes={}, GetUser=make_attribute_responses(None, 999, 1000, 1002)
    )

    with LAG.open_session(make_context(clock, https=cognito)) as take_sample:
        sample = take_sample()

    assert sample.seconds["arrived"] == pytest.approx(0.6)
    assert sample.answers == {"order": "in the order of writing"}
    assert [operation for _, operation in cognito.calls].count("UpdateUserAttributes") == 3


def test_replica_going_backwards_is_reported() -> None:
    cognito = ScriptedCognito(
        InitiateAuth=TOKENS, UpdateUserAttributes={}, GetUser=make_attribute_responses(1001, 1000, 1002)
    )

    with LAG.open_session(make_context(https=cognito)) as take_sample:
        assert take_sample().answers == {"order": "backwards: 1000 after 1001"}


def test_write_that_does_not_arrive_ends_with_timeout() -> None:
    clock = SteppingClock()
    cognito = ScriptedCognito(InitiateAuth=TOKENS, UpdateUserAttributes={}, GetUser=make_attribute_responses(None))

    with (
        LAG.open_session(make_context(clock, https=cognito)) as take_sample,
        pytest.raises(MeasurementError, match="failoverctl status"),
    ):
        take_sample()

    assert clock.now < 1_000 + 302


def test_missing_write_permission_is_explained() -> None:
    cognito = ScriptedCognito(
        InitiateAuth=TOKENS, UpdateUserAttributes="NotAuthorizedException", GetUser=make_attribute_responses(None)
    )

    with (
        LAG.open_session(make_context(https=cognito)) as take_sample,
        pytest.raises(MeasurementError, match="failoverctl replicate creates a client"),
    ):
        take_sample()
