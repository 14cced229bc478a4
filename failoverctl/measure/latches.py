"""Measures how fast a health check that follows a switch moves DNS answers, for both latch types, without users."""

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from failoverctl.measure.context import MeasurementContext
from failoverctl.measure.measurement import Assumption, Measurement, MeasurementNotAllowedError, MeasurementSample
from failoverctl.measure.propagation import wait_for_answers
from failoverctl.measure.resource_names import (
    SWITCH_TOKEN,
    build_bucket_name,
    build_name_prefix,
    build_orphan_message,
)
from failoverctl.measure.scratch_records import PRIMARY_TEXT, STANDBY_TEXT, create_scratch_records

OBJECT_MEASUREMENT, METRIC_MEASUREMENT = "latch-object", "latch-metric"

OBJECT_KEY = "records"
METRIC_NAME = "records"
PUBLISH_INTERVAL_SECONDS = 60.0
"""The controller's interval."""

ALARM_SETTINGS: dict[str, Any] = {
    "Statistic": "Maximum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    "Threshold": 1,
    "TreatMissingData": "ignore",
}
"""Settings of a metric latch's alarm, the same as in the template."""

_GOLDEN_RATIO = 0.618034
"""The fractional parts of its multiples spread evenly over 0 to 1, for any number of samples."""

_REFRESH_INTERVAL_SECONDS = 5.0


class MeasuredSwitch(Protocol):
    """Interface for a switch that a health check reads."""

    health_check_config: dict[str, Any]
    """The template's health check, for this switch."""

    def set(self, *, thrown: bool) -> None:
        """Throw or release the switch."""
        ...

    def refresh(self) -> bool:
        """Keep the switch in its state. Called repeatedly. Return True."""
        ...


@dataclass(slots=True, kw_only=True)
class MeasuredObjectSwitch:
    """An object in a separate bucket."""

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
        """Do nothing: an object needs no refresh."""
        return True


@dataclass(slots=True, kw_only=True)
class MeasuredMetricSwitch:
    """A separate metric with an alarm."""

    context: MeasurementContext
    namespace: str
    health_check_config: dict[str, Any]
    thrown: bool = False
    published_at: float = field(default=float("-inf"))

    def set(self, *, thrown: bool) -> None:
        """Publish the new value."""
        self.thrown = thrown
        self._publish()

    def refresh(self) -> bool:
        """Publish the value again once a minute."""
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
    """Create a bucket that only Route 53's health checkers can read. Delete it at the end.

    Raises
    ------
    MeasurementNotAllowedError
        If the bucket already exists.

    """
    region = context.deployment.standby
    s3 = context.get_client("s3", region)
    bucket = build_bucket_name(context.deployment, context.get_client("sts", region).get_caller_identity()["Account"])
    if bucket in {known["Name"] for known in s3.list_buckets().get("Buckets", ())}:
        raise MeasurementNotAllowedError(build_orphan_message(f"The bucket {bucket}"))
    ranges = [cidr for cidr in context.route53.get_checker_ip_ranges()["CheckerIpRanges"] if ":" not in cidr]
    # S3 rejects us-east-1 as a location constraint.
    bucket_location = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    try:
        s3.create_bucket(Bucket=bucket, **bucket_location)
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(_build_bucket_policy(bucket, ranges)))
        yield MeasuredObjectSwitch(s3=s3, bucket=bucket, health_check_config=build_object_check_config(bucket, region))
    finally:
        delete_bucket(s3, bucket)


def delete_bucket(s3: Any, bucket: str) -> None:
    """Delete the bucket and its object, if they exist."""
    try:
        s3.delete_object(Bucket=bucket, Key=OBJECT_KEY)
        s3.delete_bucket(Bucket=bucket)
    except s3.exceptions.NoSuchBucket:
        return


@contextmanager
def create_metric_switch(context: MeasurementContext) -> Iterator[MeasuredSwitch]:
    """Create an alarm on a separate metric. Delete the alarm at the end; CloudWatch keeps the metric.

    Raises
    ------
    MeasurementNotAllowedError
        If the alarm already exists.

    """
    name = build_name_prefix(context.deployment)
    cloudwatch = context.get_client("cloudwatch", context.deployment.standby)
    if cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]:
        raise MeasurementNotAllowedError(build_orphan_message(f"The alarm {name}"))
    namespace = f"CognitoFailover/Measure/{context.deployment.stack_name}"
    switch = MeasuredMetricSwitch(
        context=context,
        namespace=namespace,
        health_check_config=build_metric_check_config(name, context.deployment.standby),
    )
    try:
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            AlarmDescription="failoverctl measure: no effect on users. Deleted at the end of the run.",
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
    """Create a health check, yield its id, and delete it at the end."""
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
            create_scratch_records(context, label, health_check_id=check_id) as records,
        ):

            def wait_for_text(expected_text: str, start_time: float) -> tuple[float, float]:
                propagation = wait_for_answers(
                    context,
                    records.name_servers,
                    records.name,
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
    """Wait, so that samples start at different phases of the check's interval. The last release ended at its start."""
    ends_at = context.monotonic() + seconds
    while (remaining := ends_at - context.monotonic()) > 0:
        context.sleep(min(remaining, _REFRESH_INTERVAL_SECONDS))
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
    """Return the health check of an object latch: the template's, with another search string."""
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
    """Return the health check of a metric latch: the template's."""
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
    question="How long until name servers answer the standby after the object is put, and the primary after deletion?",
    creates="a bucket with an object, an inverted health check, and a weighted pair of TXT records with the check",
    cost="the health check: at most $3.50, the price of a full month; S3: cents",
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
    question="The same for a metric latch: how long until the health check follows the alarm's metric?",
    creates="an alarm, values of its metric, a health check, and a weighted pair of TXT records with the check",
    cost="the health check: at most $0.50; the alarm and its metric: at most $0.40; CloudWatch shows the metric for "
    "15 months",
    duration_seconds=(180, 360),
    assumptions=_create_assumptions(
        thrown_seconds=180.0,
        thrown_rationale="whether type metric is fast enough for you",
        if_violated="choose type object, or update docs/latch.md",
    ),
    open_session=_create_session_factory(METRIC_MEASUREMENT, create_metric_switch, period_seconds=60),
)
