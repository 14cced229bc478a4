"""Contract tests of every kind of switch."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config

from cognito_failover.common.errors import LeverUnavailableError
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.ports.latch import LatchSwitch
from cognito_failover.routing.latch.metric_switch import MetricLatchSwitch
from cognito_failover.routing.latch.s3_switch import THROWN_TOKEN, S3LatchSwitch
from cognito_failover_testing.memory_switch import MemoryLatchSwitch
from tests.integration.sandbox_cognito.cloud import STANDBY, InProcessCloud

NAMESPACE = "CognitoFailover/Latch/stack"

type SwitchObserver = Callable[[], bool]
"""Returns whether the health check finds the switch thrown."""


class ObservedSwitch:
    """A switch, and what its health check finds."""

    def __init__(self, switch: LatchSwitch, observe: SwitchObserver) -> None:
        self.switch = switch
        self.observe = observe
        self._versions = itertools.count(1)

    def set(self, *, thrown: bool) -> None:
        """Read the revision and set the switch, as one process without others does."""
        self.switch.set(thrown=thrown, revision=self.switch.read_revision(), version=next(self._versions))


def make_s3_client(cloud: InProcessCloud) -> Any:
    """Return a client with the bucket in the path: without a socket there is no host name for it."""
    path_style = Config(
        request_checksum_calculation="when_required",
        s3={"addressing_style": "path", "us_east_1_regional_endpoint": "regional"},
    )
    client: Any = boto3.Session().client(
        "s3", STANDBY, config=path_style, aws_access_key_id=cloud.account, aws_secret_access_key="secret"
    )

    def answer(request: Any, event_name: str, **_: Any) -> Any:
        if hasattr(request.body, "read"):
            request.body = request.body.read()
        return cloud._handle_boto_request(request, event_name)  # noqa: SLF001 - the cloud cannot make this client

    client.meta.events.register("before-send", answer)
    return client


def get_bucket_name(cloud: InProcessCloud) -> str:
    """Return a bucket name that is unique to the account."""
    return f"latch-{cloud.account}"


def make_memory_switch(_cloud: InProcessCloud) -> ObservedSwitch:
    switch = MemoryLatchSwitch()
    return ObservedSwitch(switch, lambda: switch.thrown)


def make_s3_switch(cloud: InProcessCloud) -> ObservedSwitch:
    s3 = make_s3_client(cloud)
    s3.create_bucket(Bucket=get_bucket_name(cloud))

    def read_object_state() -> bool:
        try:
            return THROWN_TOKEN.encode() in s3.get_object(Bucket=get_bucket_name(cloud), Key="records")["Body"].read()
        except s3.exceptions.NoSuchKey:
            return False

    return ObservedSwitch(S3LatchSwitch(lambda: s3, bucket=get_bucket_name(cloud), key="records"), read_object_state)


def make_metric_switch(cloud: InProcessCloud) -> ObservedSwitch:
    cloudwatch = cloud.client("cloudwatch", STANDBY)
    published: list[float] = []

    def record_metric(params: dict[str, Any], **_: Any) -> None:
        (datum,) = params["MetricData"]
        assert (params["Namespace"], datum["MetricName"]) == (NAMESPACE, "records")
        published.append(datum["Value"])

    cloudwatch.meta.events.register("provide-client-params.cloudwatch.PutMetricData", record_metric)
    switch = MetricLatchSwitch(lambda: cloudwatch, namespace=NAMESPACE, metric=SteeredName.RECORDS)
    return ObservedSwitch(switch, lambda: bool(published) and published[-1] == 1)


@pytest.fixture(params=[make_memory_switch, make_s3_switch, make_metric_switch])
def observed_switch(request: pytest.FixtureRequest, cloud: InProcessCloud) -> ObservedSwitch:
    switch: ObservedSwitch = request.param(cloud)
    return switch


def test_new_switch_is_released(observed_switch: ObservedSwitch) -> None:
    assert not observed_switch.switch.refresh(thrown=False)
    assert not observed_switch.observe()


def test_thrown_switch_is_observed_and_stays_thrown(observed_switch: ObservedSwitch) -> None:
    observed_switch.set(thrown=True)
    assert observed_switch.observe()
    assert observed_switch.switch.refresh(thrown=True)
    assert observed_switch.observe()


def test_released_switch_is_observed_and_stays_released(observed_switch: ObservedSwitch) -> None:
    observed_switch.set(thrown=True)
    observed_switch.set(thrown=False)
    assert not observed_switch.observe()
    assert not observed_switch.switch.refresh(thrown=False)
    assert not observed_switch.observe()


@pytest.mark.parametrize("thrown", [True, False])
def test_setting_a_value_twice_keeps_it(observed_switch: ObservedSwitch, thrown: bool) -> None:
    observed_switch.set(thrown=thrown)
    observed_switch.set(thrown=thrown)
    assert observed_switch.observe() is thrown
    assert observed_switch.switch.refresh(thrown=thrown) is thrown


@pytest.mark.parametrize("make", [make_memory_switch, make_s3_switch])
def test_refresh_returns_actual_value_of_readable_switch(
    make: Callable[[InProcessCloud], ObservedSwitch], cloud: InProcessCloud
) -> None:
    observed = make(cloud)
    observed.set(thrown=True)
    assert observed.switch.refresh(thrown=False)
    assert observed.observe()


def test_refresh_sets_write_only_switch(cloud: InProcessCloud) -> None:
    observed = make_metric_switch(cloud)
    assert observed.switch.refresh(thrown=True)
    assert observed.observe()


@pytest.mark.parametrize("thrown", [True, False])
def test_read_changes_nothing(observed_switch: ObservedSwitch, thrown: bool) -> None:
    observed_switch.set(thrown=thrown)
    assert observed_switch.switch.read() in {thrown, None}
    assert observed_switch.observe() is thrown


@pytest.mark.parametrize("make", [make_memory_switch, make_s3_switch])
@pytest.mark.parametrize("was_thrown", [True, False], ids=["written-before", "new"])
def test_write_of_suspended_process_fails_after_a_later_write(
    make: Callable[[InProcessCloud], ObservedSwitch], cloud: InProcessCloud, was_thrown: bool
) -> None:
    observed = make(cloud)
    if was_thrown:
        observed.set(thrown=True)
        observed.set(thrown=False)
    stale_revision = observed.switch.read_revision()
    observed.set(thrown=True)
    observed.set(thrown=False)
    with pytest.raises(LeverUnavailableError, match="Another process or person has changed the latch"):
        observed.switch.set(thrown=True, revision=stale_revision, version=99)
    assert not observed.observe()


@pytest.mark.parametrize("make", [make_memory_switch, make_s3_switch])
def test_throwing_again_is_a_new_revision(
    make: Callable[[InProcessCloud], ObservedSwitch], cloud: InProcessCloud
) -> None:
    observed = make(cloud)
    observed.set(thrown=True)
    first_revision = observed.switch.read_revision()
    observed.set(thrown=True)
    assert observed.switch.read_revision() != first_revision
    with pytest.raises(LeverUnavailableError):
        observed.switch.set(thrown=True, revision=first_revision, version=99)


def test_write_fails_if_a_person_has_deleted_the_object(cloud: InProcessCloud) -> None:
    observed = make_s3_switch(cloud)
    observed.set(thrown=False)
    revision = observed.switch.read_revision()
    make_s3_client(cloud).delete_object(Bucket=get_bucket_name(cloud), Key="records")
    with pytest.raises(LeverUnavailableError, match="Another process or person has changed the latch"):
        observed.switch.set(thrown=True, revision=revision, version=2)
    observed.set(thrown=True)
    assert observed.observe()


def test_metric_switch_has_no_revision(cloud: InProcessCloud) -> None:
    observed = make_metric_switch(cloud)
    observed.set(thrown=True)
    assert observed.switch.read_revision() == ""


def test_metric_switch_is_write_only(cloud: InProcessCloud) -> None:
    assert make_metric_switch(cloud).switch.read() is None


def test_object_with_foreign_content_is_not_thrown(cloud: InProcessCloud) -> None:
    observed = make_s3_switch(cloud)
    make_s3_client(cloud).put_object(Bucket=get_bucket_name(cloud), Key="records", Body=b"hello")
    assert not observed.switch.refresh(thrown=True)


def test_object_is_not_encrypted_with_a_kms_key(cloud: InProcessCloud) -> None:
    make_s3_switch(cloud).set(thrown=True)
    assert (
        make_s3_client(cloud).head_object(Bucket=get_bucket_name(cloud), Key="records")["ServerSideEncryption"]
        == "AES256"
    )


def test_metric_arrives_in_its_namespace(cloud: InProcessCloud) -> None:
    make_metric_switch(cloud).set(thrown=True)
    now = datetime.now(UTC)
    statistics = cloud.client("cloudwatch", STANDBY).get_metric_statistics(
        Namespace=NAMESPACE,
        MetricName="records",
        StartTime=now - timedelta(minutes=5),
        EndTime=now + timedelta(minutes=5),
        Period=60,
        Statistics=["Maximum"],
    )
    assert [point["Maximum"] for point in statistics["Datapoints"]] == [1]
