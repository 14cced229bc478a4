"""What a switch says when it can't be set or read: what answered, and the way out."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError
from botocore.parsers import ResponseParserError

from failover.errors import LeverUnavailableError
from failover.levers.latch import LatchName
from failover.levers.latch_metric import MetricSwitch
from failover.levers.latch_object import ObjectSwitch
from failover.levers.latch_switch import Switch

TIMEOUT = ConnectTimeoutError(endpoint_url="https://latch-bucket.s3.us-east-1.amazonaws.com/records")


class Failing:
    """A client each of whose calls fails in one way."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, _name: str) -> Callable[..., Any]:
        def call(**_: object) -> Any:
            raise self._error

        return call


def refusal(code: str, message: str = "") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Operation")


def object_switch(error: Exception) -> ObjectSwitch:
    return ObjectSwitch(lambda: Failing(error), bucket="latch-bucket", key="records")  # type: ignore[arg-type, return-value] # a client's twin


def metric_switch(error: Exception) -> MetricSwitch:
    client: Any = Failing(error)
    return MetricSwitch(lambda: client, namespace="CognitoFailover/Latch/stack", metric=LatchName.DOMAIN)


def said(call: Callable[[], object]) -> str:
    with pytest.raises(LeverUnavailableError) as caught:
        call()
    return str(caught.value)


@pytest.mark.parametrize(
    ("thrown", "operation"),
    [pytest.param(True, "PutObject", id="thrown"), pytest.param(False, "DeleteObject", id="released")],
)
def test_a_forbidden_object_names_the_permission(thrown: bool, operation: str) -> None:
    sentence = said(lambda: object_switch(refusal("AccessDenied", "Access Denied")).set(thrown=thrown))
    assert sentence.startswith(f"{operation} answered AccessDenied: Access Denied. Allow s3:{operation} on ")
    assert "arn:aws:s3:::latch-bucket/records" in sentence


def test_an_object_that_may_not_be_read_is_not_taken_for_an_absent_one() -> None:
    sentence = said(lambda: object_switch(refusal("AccessDenied")).keep(thrown=False))
    assert "s3:ListBucket" in sentence


def test_an_absent_object_is_a_released_latch() -> None:
    assert object_switch(refusal("NoSuchKey")).keep(thrown=True) is False


def test_a_bucket_that_is_gone_is_told() -> None:
    sentence = said(lambda: object_switch(refusal("NoSuchBucket", "Gone.")).set(thrown=True))
    assert sentence.startswith(
        "PutObject answered NoSuchBucket: Gone. The bucket latch-bucket is gone: create it again"
    )


def test_any_other_answer_of_s3_is_quoted() -> None:
    sentence = said(lambda: object_switch(refusal("SlowDown", "Reduce your request rate.")).set(thrown=True))
    assert sentence == "PutObject answered SlowDown: Reduce your request rate."


def test_s3_that_does_not_answer_is_told() -> None:
    assert said(lambda: object_switch(TIMEOUT).keep(thrown=True)).startswith("GetObject got no answer: Connect timeout")
    assert said(lambda: object_switch(TIMEOUT).set(thrown=False)).startswith(
        "DeleteObject got no answer: Connect timeout"
    )


@pytest.fixture
def hanging() -> Iterator[Any]:
    """Return a client that answers nothing until the test is over."""
    over = threading.Event()

    class Hanging:
        def get_object(self, **_: object) -> None:
            over.wait()

    yield Hanging()
    over.set()


def test_a_read_that_hangs_is_given_up(hanging: Any) -> None:
    switch = ObjectSwitch(lambda: hanging, bucket="latch-bucket", key="records", call_seconds=0.05)
    assert said(lambda: switch.keep(thrown=False)) == "GetObject got no answer within 0.05 s."


def test_a_metric_that_may_not_be_published_names_the_permission() -> None:
    sentence = said(lambda: metric_switch(refusal("AccessDenied", "No.")).set(thrown=True))
    assert sentence == (
        "PutMetricData answered AccessDenied: No. Allow cloudwatch:PutMetricData in the namespace "
        "CognitoFailover/Latch/stack to the role this runs as, and let nothing deny it."
    )


def test_any_other_answer_of_cloudwatch_is_quoted() -> None:
    assert said(lambda: metric_switch(refusal("Throttling")).keep(thrown=True)) == "PutMetricData answered Throttling."


def test_cloudwatch_that_does_not_answer_is_told() -> None:
    assert said(lambda: metric_switch(TIMEOUT).keep(thrown=False)).startswith("PutMetricData got no answer: ")


@pytest.mark.parametrize("make", [object_switch, metric_switch])
@pytest.mark.parametrize("error", [KeyError("Body"), ResponseParserError("b'<html>oops'"), EOFError()])
def test_an_answer_that_cannot_be_read_leaves_the_switch_out_of_reach(
    make: Callable[[Exception], Switch], error: Exception
) -> None:
    for call in (partial(make(error).set, thrown=True), partial(make(error).keep, thrown=True)):
        assert "failed in a way that nobody foresaw" in said(call)
        assert "oops" not in said(call)
