"""How fast a health check that follows a switch moves DNS answers: both forms of the latch, moving nobody."""

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from failoverctl.measure.measurement import Assumption, Measurement, NotAllowedError, Sample
from failoverctl.measure.names import TOKEN, bucket_name, of_stack
from failoverctl.measure.pair import PRIMARY, STANDBY, pair
from failoverctl.measure.site import Site
from failoverctl.measure.watching import until_answered

OBJECT, METRIC = "latch-object", "latch-metric"

KEY = "records"
METRIC_NAME = "records"
PUBLISH_EVERY_SECONDS = 60.0
"""As the controller does."""

RINGS: dict[str, Any] = {
    "Statistic": "Maximum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    "Threshold": 1,
    "TreatMissingData": "ignore",
}
"""When the alarm of a latch that is a metric rings: as the template's."""

_GOLDEN = 0.618034
"""Multiples of it fall evenly between two whole numbers, however many there are."""

_PAUSE_SECONDS = 5.0


class Switch(Protocol):
    """What a health check reads."""

    check: dict[str, Any]
    """The health check's configuration, the template's with another switch."""

    def set(self, *, thrown: bool) -> None:
        """Throw or release it."""
        ...

    def keep(self) -> bool:
        """Do what keeps it as it is; called again and again."""
        ...


@dataclass(slots=True, kw_only=True)
class ObjectSwitch:
    """An object in a bucket of its own."""

    s3: Any
    bucket: str
    check: dict[str, Any]

    def set(self, *, thrown: bool) -> None:
        """Put or delete the object."""
        if thrown:
            self.s3.put_object(Bucket=self.bucket, Key=KEY, Body=TOKEN.encode(), ServerSideEncryption="AES256")
        else:
            self.s3.delete_object(Bucket=self.bucket, Key=KEY)

    def keep(self) -> bool:
        """Do nothing: an object stays."""
        return True


@dataclass(slots=True, kw_only=True)
class MetricSwitch:
    """A metric of its own, and an alarm on it."""

    site: Site
    namespace: str
    check: dict[str, Any]
    thrown: bool = False
    published_at: float = field(default=float("-inf"))

    def set(self, *, thrown: bool) -> None:
        """Publish it."""
        self.thrown = thrown
        self._publish()

    def keep(self) -> bool:
        """Publish it again once a minute."""
        if self.site.monotonic() - self.published_at >= PUBLISH_EVERY_SECONDS:
            self._publish()
        return True

    def _publish(self) -> None:
        self.published_at = self.site.monotonic()
        self.site.client("cloudwatch", self.site.subject.standby).put_metric_data(
            Namespace=self.namespace,
            MetricData=[{"MetricName": METRIC_NAME, "Value": float(self.thrown), "Unit": "None"}],
        )


@contextmanager
def object_switch(site: Site) -> Iterator[Switch]:
    """Make a bucket that only Route 53's health checkers may read, and take it away afterwards.

    Raises
    ------
    NotAllowedError
        If it is there already.

    """
    region = site.subject.standby
    s3 = site.client("s3", region)
    bucket = bucket_name(site.subject, site.client("sts", region).get_caller_identity()["Account"])
    if bucket in {each["Name"] for each in s3.list_buckets().get("Buckets", ())}:
        raise NotAllowedError(
            f"The bucket {bucket} is there: another run is on, or one was cut off. If none is on: failoverctl measure "
            f"--clean-up --run."
        )
    ranges = [each for each in site.route53.get_checker_ip_ranges()["CheckerIpRanges"] if ":" not in each]
    # us-east-1 is the one Region that may not be named.
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    try:
        s3.create_bucket(Bucket=bucket, **where)
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(_readable(bucket, ranges)))
        yield ObjectSwitch(s3=s3, bucket=bucket, check=object_check(bucket, region))
    finally:
        remove_bucket(s3, bucket)


def remove_bucket(s3: Any, bucket: str) -> None:
    """Delete the bucket and its one object, as far as they are there."""
    try:
        s3.delete_object(Bucket=bucket, Key=KEY)
        s3.delete_bucket(Bucket=bucket)
    except s3.exceptions.NoSuchBucket:
        return


@contextmanager
def metric_switch(site: Site) -> Iterator[Switch]:
    """Make an alarm on a metric of its own, and delete it afterwards; the metric itself CloudWatch keeps."""
    name = of_stack(site.subject)
    cloudwatch = site.client("cloudwatch", site.subject.standby)
    if cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]:
        raise NotAllowedError(
            f"The alarm {name} is there: another run is on, or one was cut off. If none is on: failoverctl measure "
            f"--clean-up --run."
        )
    namespace = f"CognitoFailover/Measure/{site.subject.stack}"
    switch = MetricSwitch(site=site, namespace=namespace, check=metric_check(name, site.subject.standby))
    try:
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            AlarmDescription="failoverctl measure: steers nobody, and is deleted at its end.",
            Namespace=namespace,
            MetricName=METRIC_NAME,
            **RINGS,
        )
        switch.set(thrown=False)
        yield switch
    finally:
        cloudwatch.delete_alarms(AlarmNames=[name])


@contextmanager
def health_check(site: Site, what: str, config: dict[str, Any]) -> Iterator[str]:
    """Make a health check, give its id, and delete it afterwards."""
    reference = f"{of_stack(site.subject)}-{what}-{site.now():.3f}"[-64:]
    made = site.route53.create_health_check(CallerReference=reference, HealthCheckConfig=config)
    check_id = str(made["HealthCheck"]["Id"])
    try:
        yield check_id
    finally:
        site.route53.delete_health_check(HealthCheckId=check_id)


def _opening(
    what: str, switching: Callable[[Site], AbstractContextManager[Switch]], *, rhythm_seconds: float
) -> Callable[[Site], AbstractContextManager[Callable[[], Sample]]]:
    @contextmanager
    def opened(site: Site) -> Iterator[Callable[[], Sample]]:
        began = site.monotonic()
        with (
            switching(site) as switch,
            health_check(site, what, switch.check) as check_id,
            pair(site, what, health_check_id=check_id) as made,
        ):

            def until(side: str, since: float) -> tuple[float, float]:
                arrival = until_answered(site, made.name_servers, made.name, side, began=since, meanwhile=switch.keep)
                return arrival.first, arrival.all

            settled = {"settled": until(PRIMARY, began)[1]}
            phases = (count * _GOLDEN % 1 for count in itertools.count(1))

            def once() -> Sample:
                _rest(site, switch, next(phases) * rhythm_seconds)
                at = site.monotonic()
                switch.set(thrown=True)
                thrown_first, thrown_all = until(STANDBY, at)
                at = site.monotonic()
                switch.set(thrown=False)
                _, released_all = until(PRIMARY, at)
                seconds = {"thrown, first": thrown_first, "thrown, all": thrown_all, "released, all": released_all}
                seconds |= settled
                settled.clear()
                return Sample(seconds=seconds)

            yield once

    return opened


def _rest(site: Site, switch: Switch, seconds: float) -> None:
    """Let time pass: what a check sees has a rhythm, and the last release has been seen at its beat."""
    until = site.monotonic() + seconds
    while (left := until - site.monotonic()) > 0:
        site.sleep(min(left, _PAUSE_SECONDS))
        switch.keep()


def _readable(bucket: str, ranges: list[str]) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/{KEY}",
        "Condition": {"IpAddress": {"aws:SourceIp": ranges}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def object_check(bucket: str, region: str) -> dict[str, Any]:
    """Return the health check of a latch that is an object: the template's, but for what it searches for."""
    return {
        "Type": "HTTPS_STR_MATCH",
        "FullyQualifiedDomainName": f"{bucket}.s3.{region}.amazonaws.com",
        "Port": 443,
        "ResourcePath": f"/{KEY}",
        "SearchString": TOKEN,
        "Inverted": True,
        "EnableSNI": True,
        "RequestInterval": 10,
        "FailureThreshold": 1,
    }


def metric_check(alarm: str, region: str) -> dict[str, Any]:
    """Return the health check of a latch that is a metric: the template's."""
    return {
        "Type": "CLOUDWATCH_METRIC",
        "AlarmIdentifier": {"Name": alarm, "Region": region},
        "InsufficientDataHealthStatus": "LastKnownStatus",
    }


def _assumptions(*, thrown_seconds: float, thrown_matters: str, otherwise: str) -> tuple[Assumption, ...]:
    return (
        Assumption(
            of="settled",
            matters="attaching waits until a new check is known to be healthy",
            at_most_seconds=180.0,
            otherwise="nothing: attaching waits, and says that it does",
        ),
        Assumption(of="thrown, first", matters="tells a slow check from one slow name server", otherwise="nothing"),
        Assumption(of="thrown, all", matters=thrown_matters, at_most_seconds=thrown_seconds, otherwise=otherwise),
        Assumption(
            of="released, all",
            matters="a failback in steps waits for it before the first step",
            at_most_seconds=180.0,
            otherwise="how long a move may take until it is called stuck: the alarm `move-stuck`",
        ),
    )


LATCH_OBJECT = Measurement(
    name=OBJECT,
    asks="How long after the object is there do name servers answer the standby, and after it is gone the primary?",
    makes="a bucket, an object in it, an inverted health check, and a weighted pair of TXT records that carries it",
    costs="the health check: at most $3.50, which is its whole month; S3: cents",
    lasts_seconds=(120, 120),
    assumptions=_assumptions(
        thrown_seconds=60.0,
        thrown_matters="it is how fast users move on the day on which Route 53 takes no changes",
        otherwise="say the longer time in docs/latch.md; nothing else depends on it",
    ),
    open=_opening(OBJECT, object_switch, rhythm_seconds=10),
)

LATCH_METRIC = Measurement(
    name=METRIC,
    asks="The same for a latch that is a metric: how long until the alarm's data stream has told the health check?",
    makes="an alarm, values of its metric, a health check, and a weighted pair of TXT records that carries it",
    costs="the health check: at most $0.50; the alarm and its metric: at most $0.40; the metric stays to be seen in "
    "CloudWatch for 15 months",
    lasts_seconds=(180, 360),
    assumptions=_assumptions(
        thrown_seconds=180.0,
        thrown_matters="whether the metric form is quick enough for you",
        otherwise="choose the object form, or say the longer time in docs/latch.md",
    ),
    open=_opening(METRIC, metric_switch, rhythm_seconds=60),
)
