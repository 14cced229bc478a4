"""Finds and removes resources that an interrupted run has left. They are found by name."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from failoverctl.measure.context import MeasurementContext
from failoverctl.measure.latches import METRIC_MEASUREMENT, OBJECT_MEASUREMENT, delete_bucket
from failoverctl.measure.resource_names import SESSION_USERNAME, build_bucket_name, build_name_prefix, build_record_name
from failoverctl.measure.scratch_records import ScratchRecordPair, list_records_at
from failoverctl.measure.sessions import delete_user
from failoverctl.measure.weights import NAME as WEIGHTS


@dataclass(frozen=True, slots=True, kw_only=True)
class OrphanedResource:
    """A resource left by an interrupted run.

    Attributes
    ----------
    description
        Its kind and name.
    remove
        Deletes it.

    """

    description: str
    remove: Callable[[], object]


def find_orphans(context: MeasurementContext) -> list[OrphanedResource]:
    """Return all orphaned resources, in an order in which they can be removed."""
    return [
        *_find_records(context),
        *_find_health_checks(context),
        *_find_alarms(context),
        *_find_buckets(context),
        *_find_users(context),
    ]


def _find_records(context: MeasurementContext) -> Iterator[OrphanedResource]:
    zone = context.route53.get_hosted_zone(Id=context.deployment.zone_id)["HostedZone"]["Name"]
    for label in (WEIGHTS, OBJECT_MEASUREMENT, METRIC_MEASUREMENT):
        name = build_record_name(label, zone)
        if list_records_at(context, name):
            record_pair = ScratchRecordPair(context=context, name=name, name_servers=())
            yield OrphanedResource(description=f"records {name}", remove=record_pair.delete)


def _find_health_checks(context: MeasurementContext) -> Iterator[OrphanedResource]:
    for page in context.route53.get_paginator("list_health_checks").paginate():
        for check in page["HealthChecks"]:
            if check["CallerReference"].startswith(f"{build_name_prefix(context.deployment)}-"):
                remove = partial(context.route53.delete_health_check, HealthCheckId=check["Id"])
                yield OrphanedResource(description=f"health check {check['Id']}", remove=remove)


def _find_alarms(context: MeasurementContext) -> Iterator[OrphanedResource]:
    cloudwatch: Any = context.get_client("cloudwatch", context.deployment.standby)
    name = build_name_prefix(context.deployment)
    if cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]:
        yield OrphanedResource(description=f"alarm {name}", remove=partial(cloudwatch.delete_alarms, AlarmNames=[name]))


def _find_buckets(context: MeasurementContext) -> Iterator[OrphanedResource]:
    region = context.deployment.standby
    s3: Any = context.get_client("s3", region)
    name = build_bucket_name(context.deployment, context.get_client("sts", region).get_caller_identity()["Account"])
    if name in {bucket["Name"] for bucket in s3.list_buckets().get("Buckets", ())}:
        yield OrphanedResource(description=f"bucket {name}", remove=partial(delete_bucket, s3, name))


def _find_users(context: MeasurementContext) -> Iterator[OrphanedResource]:
    pool: Any = context.get_client("cognito-idp", context.deployment.primary)
    try:
        pool.admin_get_user(UserPoolId=context.deployment.pool_id, Username=SESSION_USERNAME)
    except pool.exceptions.UserNotFoundException:
        return
    yield OrphanedResource(
        description=f"user {SESSION_USERNAME}", remove=partial(delete_user, pool, context.deployment.pool_id)
    )
