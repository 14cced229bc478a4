"""How fast a health check that follows a switch moves DNS answers: both forms of the latch, moving nobody."""

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from failoverctl.measure.context import MeasurementContext
from failoverctl.measure.measurement import Assumption, Measurement, MeasurementNotAllowedError, MeasurementSample
from failoverctl.measure.propagation import wait_for_answers
from failoverctl.measure.resource_names import SWITCH_TOKEN, build_bucket_name, build_name_prefix
from failoverctl.measure.scratch_records import PRIMARY_TEXT, STANDBY_TEXT, create_scratch_records

OBJECT_MEASUREMENT, METRIC_MEASUREMENT = "latch-object", "latch-metric"

OBJECT_KEY = "records"
METRIC_NAME = "records"
PUBLISH_INTERVAL_SECONDS = 60.0
"""As the controller does."""

ALARM_SETTINGS: dict[str, Any] = {
    "Statistic": "Maximum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    "Threshold": 1,
    "TreatMissingData": "ignore",
}
"""When the alarm of a latch that is a metric rings: as the template's."""

_GOLDEN_RATIO = 0.618034
"""Multiples of it fall evenly between two whole numbers, however many there are."""

_REFRESH_INTERVAL_SECONDS = 5.0


class MeasuredSwitch(Protocol):
    """What a health check reads."""

    health_check_config: dict[str, Any]
    """The health check's configuration, the template's with another switch."""

    def set(self, *, thrown: bool) -> None:
        """Throw or release it."""
        ...

    def refresh(self) -> bool:
        """Do what keeps it as it is; called again and again."""
        ...


@dataclass(slots=True, kw_only=True)
class MeasuredObjectSwitch:
    """An object in a bucket of its own."""

    s3: Any
    bucket: str
    health_check_config: dict[str, Any]

    def set(self, *, thrown: bool) -> None:
        """Put or delete the object."""
        if thrown:
            self.s3.put_object(
                Bucket=self.bucket, Key=OBJECT_KEY, Body=SWITCH_TOKEN.encode(), ServerSideEncryption="AES256"
            )
        else:
            self.s3.delete_object(Bucket=self.bucket, Key=OBJECT_KEY)

    def refresh(self) -> bool:
        """Do nothing: an object stays."""
        return True


@dataclass(slots=True, kw_only=True)
class MeasuredMetricSwitch:
    """A metric of its own, and an alarm on it."""

    context: MeasurementContext
    namespace: str
    health_check_config: dict[str, Any]
    thrown: bool = False
    published_at: float = field(default=float("-inf"))

    def set(self, *, thrown: bool) -> None:
        """Publish it."""
        self.thrown = thrown
        self._publish()

    def refresh(self) -> bool:
        """Publish it again once a minute."""
        if self.context.monotonic() - self.published_at >= PUBLISH_INTERVAL_SECONDS:
            self._publish()
        return True

    def _publish(self) -> None:
        self.published_at = self.context.monotonic()
        self.context.get_client("cloudwatch", self.context.deployment.standby).put_metric_data(
            Namespace=self.namespace,
            MetricData=[{"MetricName": METRIC_NAME, "Value": float(self.thrown), "Unit": "None"}],
        )


@contextmanager
def create_object_switch(context: MeasurementContext) -> Iterator[MeasuredSwitch]:
    """Make a bucket that only Route 53's health checkers may read, and take it away afterwards.

    Raises
    ------
    NotAllowedError
        If it is there already.

    """
    region = context.deployment.standby
    s3 = context.get_client("s3", region)
    bucket = build_bucket_name(context.deployment, context.get_client("sts", region).get_caller_identity()["Account"])
    if bucket in {each["Name"] for each in s3.list_buckets().get("Buckets", ())}:
        raise MeasurementNotAllowedError(
            f"The bucket {bucket} is there: another run is on, or one was cut off. If none is on: failoverctl measure "
            f"--clean-up --run."
        )
    ranges = [each for each in context.route53.get_checker_ip_ranges()["CheckerIpRanges"] if ":" not in each]
    # us-east-1 is the one Region that may not be named.
    bucket_location = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    try:
        s3.create_bucket(Bucket=bucket, **bucket_location)
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(_build_bucket_policy(bucket, ranges)))
        yield MeasuredObjectSwitch(s3=s3, bucket=bucket, health_check_config=build_object_check_config(bucket, region))
    finally:
        delete_bucket(s3, bucket)


def delete_bucket(s3: Any, bucket: str) -> None:
    """Delete the bucket and its one object, as far as they are there."""
    try:
        s3.delete_object(Bucket=bucket, Key=OBJECT_KEY)
        s3.delete_bucket(Bucket=bucket)
    except s3.exceptions.NoSuchBucket:
        return


@contextmanager
def create_metric_switch(context: MeasurementContext) -> Iterator[MeasuredSwitch]:
    """Make an alarm on a metric of its own, and delete it afterwards; the metric itself CloudWatch keeps."""
    name = build_name_prefix(context.deployment)
    cloudwatch = context.get_client("cloudwatch", context.deployment.standby)
    if cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]:
        raise MeasurementNotAllowedError(
            f"The alarm {name} is there: another run is on, or one was cut off. If none is on: failoverctl measure "
            f"--clean-up --run."
        )
    namespace = f"CognitoFailover/Measure/{context.deployment.stack_name}"
    switch = MeasuredMetricSwitch(
        context=context,
        namespace=namespace,
        health_check_config=build_metric_check_config(name, context.deployment.standby),
    )
    try:
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            AlarmDescription="failoverctl measure: steers nobody, and is deleted at its end.",
            Namespace=namespace,
            MetricName=METRIC_NAME,
            **ALARM_SETTINGS,
        )
        switch.set(thrown=False)
        yield switch
    finally:
        cloudwatch.delete_alarms(AlarmNames=[name])


@contextmanager
def create_health_check(context: MeasurementContext, label: str, config: dict[str, Any]) -> Iterator[str]:
    """Make a health check, give its id, and delete it afterwards."""
    reference = f"{build_name_prefix(context.deployment)}-{label}-{context.now():.3f}"[-64:]
    created = context.route53.create_health_check(CallerReference=reference, HealthCheckConfig=config)
    check_id = str(created["HealthCheck"]["Id"])
    try:
        yield check_id
    finally:
        context.route53.delete_health_check(HealthCheckId=check_id)


def _create_session_factory(
    label: str,
    create_switch: Callable[[MeasurementContext], AbstractContextManager[MeasuredSwitch]],
    *,
    period_seconds: float,
) -> Callable[[MeasurementContext], AbstractContextManager[Callable[[], MeasurementSample]]]:
    @contextmanager
    def open_session(context: MeasurementContext) -> Iterator[Callable[[], MeasurementSample]]:
        started_at = context.monotonic()
        with (
            create_switch(context) as switch,
            create_health_check(context, label, switch.health_check_config) as check_id,
            create_scratch_records(context, label, health_check_id=check_id) as made,
        ):

            def wait_for_text(expected_text: str, start_time: float) -> tuple[float, float]:
                propagation = wait_for_answers(
                    context,
                    made.name_servers,
                    made.name,
                    expected_text,
                    started_at=start_time,
                    is_condition_met=switch.refresh,
                )
                return propagation.first_seconds, propagation.all_seconds

            settled = {"settled": wait_for_text(PRIMARY_TEXT, started_at)[1]}
            phases = (count * _GOLDEN_RATIO % 1 for count in itertools.count(1))

            def take_sample() -> MeasurementSample:
                _idle(context, switch, next(phases) * period_seconds)
                changed_at = context.monotonic()
                switch.set(thrown=True)
                thrown_first, thrown_all = wait_for_text(STANDBY_TEXT, changed_at)
                changed_at = context.monotonic()
                switch.set(thrown=False)
                _, released_all = wait_for_text(PRIMARY_TEXT, changed_at)
                seconds = {"thrown, first": thrown_first, "thrown, all": thrown_all, "released, all": released_all}
                seconds |= settled
                settled.clear()
                return MeasurementSample(seconds=seconds)

            yield take_sample

    return open_session


def _idle(context: MeasurementContext, switch: MeasuredSwitch, seconds: float) -> None:
    """Let time pass: what a check sees has a rhythm, and the last release has been seen at its beat."""
    ends_at = context.monotonic() + seconds
    while (left := ends_at - context.monotonic()) > 0:
        context.sleep(min(left, _REFRESH_INTERVAL_SECONDS))
        switch.refresh()


def _build_bucket_policy(bucket: str, ranges: list[str]) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/{OBJECT_KEY}",
        "Condition": {"IpAddress": {"aws:SourceIp": ranges}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def build_object_check_config(bucket: str, region: str) -> dict[str, Any]:
    """Return the health check of a latch that is an object: the template's, but for what it searches for."""
    return {
        "Type": "HTTPS_STR_MATCH",
        "FullyQualifiedDomainName": f"{bucket}.s3.{region}.amazonaws.com",
        "Port": 443,
        "ResourcePath": f"/{OBJECT_KEY}",
        "SearchString": SWITCH_TOKEN,
        "Inverted": True,
        "EnableSNI": True,
        "RequestInterval": 10,
        "FailureThreshold": 1,
    }


def build_metric_check_config(alarm_name: str, region: str) -> dict[str, Any]:
    """Return the health check of a latch that is a metric: the template's."""
    return {
        "Type": "CLOUDWATCH_METRIC",
        "AlarmIdentifier": {"Name": alarm_name, "Region": region},
        "InsufficientDataHealthStatus": "LastKnownStatus",
    }


def _create_assumptions(*, thrown_seconds: float, thrown_rationale: str, if_violated: str) -> tuple[Assumption, ...]:
    return (
        Assumption(
            name="settled",
            rationale="attach waits until a new check is healthy",
            max_p95_seconds=180.0,
            if_violated="nothing: attach waits and reports it",
        ),
        Assumption(
            name="thrown, first", rationale="distinguishes a slow check from one slow server", if_violated="nothing"
        ),
        Assumption(
            name="thrown, all", rationale=thrown_rationale, max_p95_seconds=thrown_seconds, if_violated=if_violated
        ),
        Assumption(
            name="released, all",
            rationale="a stepped failback waits for it before the first step",
            max_p95_seconds=180.0,
            if_violated="the limit of the alarm `move-stuck`",
        ),
    )


LATCH_OBJECT = Measurement(
    name=OBJECT_MEASUREMENT,
    question="How long after the object is there do name servers answer the standby, and after it is gone the primary?",
    creates="a bucket, an object in it, an inverted health check, and a weighted pair of TXT records that carries it",
    cost="the health check: at most $3.50, which is its whole month; S3: cents",
    duration_seconds=(120, 120),
    assumptions=_create_assumptions(
        thrown_seconds=60.0,
        thrown_rationale="time to move users while Route 53 accepts no changes",
        if_violated="update docs/latch.md",
    ),
    open_session=_create_session_factory(OBJECT_MEASUREMENT, create_object_switch, period_seconds=10),
)

LATCH_METRIC = Measurement(
    name=METRIC_MEASUREMENT,
    question="The same for a latch that is a metric: how long until the alarm's data stream has told the health check?",
    creates="an alarm, values of its metric, a health check, and a weighted pair of TXT records that carries it",
    cost="the health check: at most $0.50; the alarm and its metric: at most $0.40; the metric stays to be seen in "
    "CloudWatch for 15 months",
    duration_seconds=(180, 360),
    assumptions=_create_assumptions(
        thrown_seconds=180.0,
        thrown_rationale="whether type metric is fast enough for you",
        if_violated="choose type object, or update docs/latch.md",
    ),
    open_session=_create_session_factory(METRIC_MEASUREMENT, create_metric_switch, period_seconds=60),
)
