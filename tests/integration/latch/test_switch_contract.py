"""What every switch does, whatever it is made of."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config

from failover.levers.latch import LatchName
from failover.levers.latch_memory import MemorySwitch
from failover.levers.latch_metric import MetricSwitch
from failover.levers.latch_object import TOKEN, ObjectSwitch
from failover.levers.latch_switch import Switch
from tests.integration.sandbox_cognito.cloud import STANDBY, Cloud

NAMESPACE = "CognitoFailover/Latch/stack"

type Seen = Callable[[], bool]
"""Whether whoever watches the switch finds it thrown."""


class Watched:
    """A switch, and what its health check would find."""

    def __init__(self, switch: Switch, seen: Seen) -> None:
        self.switch = switch
        self.seen = seen


def client_of_s3(cloud: Cloud) -> Any:
    """Return a client that names the bucket in the path: without a socket there is no host to name it in."""
    plain = Config(
        request_checksum_calculation="when_required",
        s3={"addressing_style": "path", "us_east_1_regional_endpoint": "regional"},
    )
    client: Any = boto3.Session().client(
        "s3", STANDBY, config=plain, aws_access_key_id=cloud.account, aws_secret_access_key="secret"
    )

    def answer(request: Any, event_name: str, **_: Any) -> Any:
        if hasattr(request.body, "read"):
            request.body = request.body.read()
        return cloud._answer(request, event_name)  # noqa: SLF001 - its answers, for a client it can't make

    client.meta.events.register("before-send", answer)
    return client


def bucket_of(cloud: Cloud) -> str:
    """Return a name that no other account has taken."""
    return f"latch-{cloud.account}"


def of_memory(_cloud: Cloud) -> Watched:
    switch = MemorySwitch()
    return Watched(switch, lambda: switch.thrown)


def of_object(cloud: Cloud) -> Watched:
    s3 = client_of_s3(cloud)
    s3.create_bucket(Bucket=bucket_of(cloud))

    def seen() -> bool:
        try:
            return TOKEN.encode() in s3.get_object(Bucket=bucket_of(cloud), Key="records")["Body"].read()
        except s3.exceptions.NoSuchKey:
            return False

    return Watched(ObjectSwitch(lambda: s3, bucket=bucket_of(cloud), key="records"), seen)


def of_metric(cloud: Cloud) -> Watched:
    cloudwatch = cloud.client("cloudwatch", STANDBY)
    published: list[float] = []

    def remember(params: dict[str, Any], **_: Any) -> None:
        (datum,) = params["MetricData"]
        assert (params["Namespace"], datum["MetricName"]) == (NAMESPACE, "records")
        published.append(datum["Value"])

    cloudwatch.meta.events.register("provide-client-params.cloudwatch.PutMetricData", remember)
    switch = MetricSwitch(lambda: cloudwatch, namespace=NAMESPACE, metric=LatchName.RECORDS)
    return Watched(switch, lambda: bool(published) and published[-1] == 1)


@pytest.fixture(params=[of_memory, of_object, of_metric])
def watched(request: pytest.FixtureRequest, cloud: Cloud) -> Watched:
    made: Watched = request.param(cloud)
    return made


def test_a_new_switch_is_released(watched: Watched) -> None:
    assert not watched.switch.keep(thrown=False)
    assert not watched.seen()


def test_what_is_thrown_is_seen_and_stays_so(watched: Watched) -> None:
    watched.switch.set(thrown=True)
    assert watched.seen()
    assert watched.switch.keep(thrown=True)
    assert watched.seen()


def test_what_is_released_is_seen_and_stays_so(watched: Watched) -> None:
    watched.switch.set(thrown=True)
    watched.switch.set(thrown=False)
    assert not watched.seen()
    assert not watched.switch.keep(thrown=False)
    assert not watched.seen()


@pytest.mark.parametrize("thrown", [True, False])
def test_to_set_it_to_what_it_is_changes_nothing(watched: Watched, thrown: bool) -> None:
    watched.switch.set(thrown=thrown)
    watched.switch.set(thrown=thrown)
    assert watched.seen() is thrown
    assert watched.switch.keep(thrown=thrown) is thrown


@pytest.mark.parametrize("make", [of_memory, of_object])
def test_one_that_can_be_read_is_told_as_it_is_whatever_it_should_be(
    make: Callable[[Cloud], Watched], cloud: Cloud
) -> None:
    watched = make(cloud)
    watched.switch.set(thrown=True)
    assert watched.switch.keep(thrown=False)
    assert watched.seen()


def test_one_that_can_not_be_read_is_set_to_what_it_should_be(cloud: Cloud) -> None:
    watched = of_metric(cloud)
    assert watched.switch.keep(thrown=True)
    assert watched.seen()


@pytest.mark.parametrize("thrown", [True, False])
def test_to_read_it_changes_nothing_and_tells_the_truth_or_nothing(watched: Watched, thrown: bool) -> None:
    watched.switch.set(thrown=thrown)
    assert watched.switch.read() in {thrown, None}
    assert watched.seen() is thrown


def test_what_is_published_can_be_read_by_nobody(cloud: Cloud) -> None:
    assert of_metric(cloud).switch.read() is None


def test_an_object_of_somebody_elses_content_is_no_thrown_latch(cloud: Cloud) -> None:
    watched = of_object(cloud)
    client_of_s3(cloud).put_object(Bucket=bucket_of(cloud), Key="records", Body=b"hello")
    assert not watched.switch.keep(thrown=True)


def test_an_object_can_be_read_without_a_key(cloud: Cloud) -> None:
    of_object(cloud).switch.set(thrown=True)
    assert client_of_s3(cloud).head_object(Bucket=bucket_of(cloud), Key="records")["ServerSideEncryption"] == "AES256"


def test_a_metric_arrives_in_its_namespace(cloud: Cloud) -> None:
    of_metric(cloud).switch.set(thrown=True)
    now = datetime.now(UTC)
    heard = cloud.client("cloudwatch", STANDBY).get_metric_statistics(
        Namespace=NAMESPACE,
        MetricName="records",
        StartTime=now - timedelta(minutes=5),
        EndTime=now + timedelta(minutes=5),
        Period=60,
        Statistics=["Maximum"],
    )
    assert [point["Maximum"] for point in heard["Datapoints"]] == [1]
