"""Errors of a switch that cannot be set or read: the answer, and the way out."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError
from botocore.parsers import ResponseParserError

from cognito_failover.common.errors import LeverUnavailableError
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.ports.latch import LatchSwitch
from cognito_failover.routing.latch.metric_switch import MetricLatchSwitch
from cognito_failover.routing.latch.s3_switch import S3LatchSwitch

TIMEOUT = ConnectTimeoutError(endpoint_url="https://latch-bucket.s3.us-east-1.amazonaws.com/records")


class FailingClient:
    """A client whose every call raises one error."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, _name: str) -> Callable[..., Any]:
        def call(**_: object) -> Any:
            raise self._error

        return call


def make_client_error(code: str, message: str = "") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Operation")


def make_object_switch(error: Exception) -> S3LatchSwitch:
    return S3LatchSwitch(lambda: FailingClient(error), bucket="latch-bucket", key="records")  # type: ignore[arg-type, return-value] # a stub of the client


def make_metric_switch(error: Exception) -> MetricLatchSwitch:
    client: Any = FailingClient(error)
    return MetricLatchSwitch(lambda: client, namespace="CognitoFailover/Latch/stack", metric=SteeredName.DOMAIN)


def get_error_message(call: Callable[[], object]) -> str:
    with pytest.raises(LeverUnavailableError) as caught:
        call()
    return str(caught.value)


def set_switch(switch: LatchSwitch, *, thrown: bool) -> None:
    switch.set(thrown=thrown, revision="", version=1)


@pytest.mark.parametrize("thrown", [True, False])
def test_access_denied_to_object_names_permission(thrown: bool) -> None:
    message = get_error_message(
        lambda: set_switch(make_object_switch(make_client_error("AccessDenied", "Access Denied")), thrown=thrown)
    )
    assert message.startswith("PutObject answered AccessDenied: Access Denied. Allow s3:PutObject on ")
    assert "arn:aws:s3:::latch-bucket/records" in message


def test_access_denied_on_read_names_list_permission() -> None:
    message = get_error_message(lambda: make_object_switch(make_client_error("AccessDenied")).refresh(thrown=False))
    assert "s3:ListBucket" in message


def test_missing_object_is_a_released_latch() -> None:
    assert make_object_switch(make_client_error("NoSuchKey")).refresh(thrown=True) is False


def test_missing_bucket_is_reported() -> None:
    message = get_error_message(
        lambda: set_switch(make_object_switch(make_client_error("NoSuchBucket", "Gone.")), thrown=True)
    )
    assert message.startswith(
        "PutObject answered NoSuchBucket: Gone. The bucket latch-bucket does not exist. Create it again"
    )


@pytest.mark.parametrize("code", ["PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"])
def test_object_changed_since_the_read_is_reported(code: str) -> None:
    message = get_error_message(lambda: set_switch(make_object_switch(make_client_error(code)), thrown=True))
    assert message.startswith(f"PutObject answered {code}. Another process or person has changed the latch")
    assert message.endswith("Nothing was changed; the next round reads it again.")


def test_other_s3_error_is_quoted() -> None:
    message = get_error_message(
        lambda: set_switch(make_object_switch(make_client_error("SlowDown", "Reduce your request rate.")), thrown=True)
    )
    assert message == "PutObject answered SlowDown: Reduce your request rate."


def test_s3_timeout_is_reported() -> None:
    assert get_error_message(lambda: make_object_switch(TIMEOUT).refresh(thrown=True)).startswith(
        "GetObject got no answer: Connect timeout"
    )
    assert get_error_message(lambda: set_switch(make_object_switch(TIMEOUT), thrown=False)).startswith(
        "PutObject got no answer: Connect timeout"
    )


@pytest.fixture
def hanging_client() -> Iterator[Any]:
    """Return a client that hangs until the end of the test."""
    test_ended = threading.Event()

    class HangingS3Client:
        def get_object(self, **_: object) -> None:
            test_ended.wait()

    yield HangingS3Client()
    test_ended.set()


def test_hanging_read_is_abandoned(hanging_client: Any) -> None:
    switch = S3LatchSwitch(lambda: hanging_client, bucket="latch-bucket", key="records", call_timeout_seconds=0.05)
    assert get_error_message(lambda: switch.refresh(thrown=False)) == "GetObject got no answer within 0.05 s."


def test_access_denied_to_metric_names_permission() -> None:
    message = get_error_message(
        lambda: set_switch(make_metric_switch(make_client_error("AccessDenied", "No.")), thrown=True)
    )
    assert message == (
        "PutMetricData answered AccessDenied: No. Allow cloudwatch:PutMetricData in the namespace "
        "CognitoFailover/Latch/stack to the role this runs as, and check that no policy denies it."
    )


def test_other_cloudwatch_error_is_quoted() -> None:
    assert (
        get_error_message(lambda: make_metric_switch(make_client_error("Throttling")).refresh(thrown=True))
        == "PutMetricData answered Throttling."
    )


def test_cloudwatch_timeout_is_reported() -> None:
    assert get_error_message(lambda: make_metric_switch(TIMEOUT).refresh(thrown=False)).startswith(
        "PutMetricData got no answer: "
    )


@pytest.mark.parametrize("make", [make_object_switch, make_metric_switch])
@pytest.mark.parametrize("error", [KeyError("Body"), ResponseParserError("b'<html>oops'"), EOFError()])
def test_malformed_response_makes_switch_unavailable(
    make: Callable[[Exception], LatchSwitch], error: Exception
) -> None:
    for call in (partial(set_switch, make(error), thrown=True), partial(make(error).refresh, thrown=True)):
        assert "failed with an unexpected error" in get_error_message(call)
        assert "oops" not in get_error_message(call)
