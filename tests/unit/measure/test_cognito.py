import json
from collections.abc import Mapping
from typing import Any

import pytest

from failover.probe.answer import Silence
from failover.probe.https import Endpoint, Reply, SilenceError
from failoverctl.measure.cognito import ANSWERED, call, sign_in
from failoverctl.measure.lag import LAG
from failoverctl.measure.measurement import MeasureError
from tests.unit.measure.examples import Clock, site


class Cognito:
    """Answers each operation with what it is given for it: a document, a refusal's code, or silence."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[tuple[str, str]] = []

    def post(self, endpoint: Endpoint, *, headers: Mapping[str, str], body: bytes) -> Reply:
        operation = headers["X-Amz-Target"].rpartition(".")[2]
        self.asked.append((endpoint.host, operation))
        answer = self.answers[operation]
        if callable(answer):
            answer = answer(json.loads(body))
        if isinstance(answer, Silence):
            raise SilenceError(answer, endpoint.host)
        if isinstance(answer, str):
            said = {"__type": answer, "message": f"You sent {body.decode()}."}
            return Reply(status=400, headers={}, body=json.dumps(said).encode())
        return Reply(status=200, headers={}, body=json.dumps(answer).encode())


TOKENS = {"AuthenticationResult": {"IdToken": "id", "AccessToken": "access", "RefreshToken": "refresh"}}


def test_silence_ends_a_measurement_and_says_that_it_is_no_day_for_it() -> None:
    cognito = Cognito(GetUser=Silence.TCP_TIMEOUT)

    with pytest.raises(MeasureError, match=r"GetUser in eu-west-1 got no answer: tcp-timeout. Measure on a calm day"):
        call(site(https=cognito), "eu-west-1", "GetUser", {})


def test_what_is_secret_in_a_request_is_in_no_error() -> None:
    cognito = Cognito(InitiateAuth="NotAuthorizedException")

    with pytest.raises(MeasureError, match="NotAuthorizedException") as raised:
        sign_in(site(https=cognito), "us-east-1")

    assert "secret-of-the-canary" not in str(raised.value)
    assert "failoverctl preflight" in str(raised.value)


def test_a_success_is_told_from_a_refusal_by_its_code() -> None:
    cognito = Cognito(GetUser={"Username": "canary"}, SignUp="OperationNotEnabledException")

    assert call(site(https=cognito), "us-east-1", "GetUser", {}).code == ANSWERED
    assert call(site(https=cognito), "us-east-1", "SignUp", {}).code == "OperationNotEnabledException"


def shown(*values: int | None) -> Any:
    left = list(values)

    def answer(_request: Mapping[str, Any]) -> dict[str, Any]:
        value = left.pop(0) if len(left) > 1 else left[0]
        held = [] if value is None else [{"Name": "updated_at", "Value": str(value)}]
        return {"UserAttributes": held}

    return answer


def test_the_lag_is_from_the_last_write_to_the_answer_that_shows_it() -> None:
    clock = Clock()
    cognito = Cognito(InitiateAuth=TOKENS, UpdateUserAttributes={}, GetUser=shown(None, 999, 1000, 1002))

    with LAG.open(site(clock, https=cognito)) as once:
        sample = once()

    assert sample.seconds["arrived"] == pytest.approx(0.6)
    assert sample.answers == {"order": "in the order of writing"}
    assert [operation for _, operation in cognito.asked].count("UpdateUserAttributes") == 3


def test_a_replica_that_goes_back_in_time_is_told() -> None:
    cognito = Cognito(InitiateAuth=TOKENS, UpdateUserAttributes={}, GetUser=shown(1001, 1000, 1002))

    with LAG.open(site(https=cognito)) as once:
        assert once().answers == {"order": "backwards: 1000 after 1001"}


def test_a_write_that_never_arrives_ends_the_wait() -> None:
    clock = Clock()
    cognito = Cognito(InitiateAuth=TOKENS, UpdateUserAttributes={}, GetUser=shown(None))

    with LAG.open(site(clock, https=cognito)) as once, pytest.raises(MeasureError, match="failoverctl status"):
        once()

    assert clock.now < 1_000 + 302


def test_a_client_that_may_not_write_the_marker_is_told_how_it_may() -> None:
    cognito = Cognito(InitiateAuth=TOKENS, UpdateUserAttributes="NotAuthorizedException", GetUser=shown(None))

    with (
        LAG.open(site(https=cognito)) as once,
        pytest.raises(MeasureError, match="failoverctl replicate makes a client"),
    ):
        once()
