"""What a run that was cut off has left behind: found by its names, and taken away."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from failoverctl.measure.latches import METRIC, OBJECT, remove_bucket
from failoverctl.measure.names import USER, bucket_name, of_stack, record_name
from failoverctl.measure.pair import Pair, records_at
from failoverctl.measure.sessions import remove_user
from failoverctl.measure.site import Site
from failoverctl.measure.weights import NAME as WEIGHTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """One thing that is there and should not be.

    Attributes
    ----------
    what
        What it is.
    remove
        Takes it away.

    """

    what: str
    remove: Callable[[], object]


def leftovers(site: Site) -> list[Leftover]:
    """Return all that is there, in the order in which it can be taken away."""
    return [*_records(site), *_checks(site), *_alarms(site), *_buckets(site), *_users(site)]


def _records(site: Site) -> Iterator[Leftover]:
    zone = site.route53.get_hosted_zone(Id=site.subject.zone_id)["HostedZone"]["Name"]
    for what in (WEIGHTS, OBJECT, METRIC):
        name = record_name(what, zone)
        if records_at(site, name):
            yield Leftover(what=f"records {name}", remove=Pair(site=site, name=name, name_servers=()).remove)


def _checks(site: Site) -> Iterator[Leftover]:
    for page in site.route53.get_paginator("list_health_checks").paginate():
        for check in page["HealthChecks"]:
            if check["CallerReference"].startswith(f"{of_stack(site.subject)}-"):
                remove = partial(site.route53.delete_health_check, HealthCheckId=check["Id"])
                yield Leftover(what=f"health check {check['Id']}", remove=remove)


def _alarms(site: Site) -> Iterator[Leftover]:
    cloudwatch: Any = site.client("cloudwatch", site.subject.standby)
    name = of_stack(site.subject)
    if cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]:
        yield Leftover(what=f"alarm {name}", remove=partial(cloudwatch.delete_alarms, AlarmNames=[name]))


def _buckets(site: Site) -> Iterator[Leftover]:
    region = site.subject.standby
    s3: Any = site.client("s3", region)
    name = bucket_name(site.subject, site.client("sts", region).get_caller_identity()["Account"])
    if name in {each["Name"] for each in s3.list_buckets().get("Buckets", ())}:
        yield Leftover(what=f"bucket {name}", remove=partial(remove_bucket, s3, name))


def _users(site: Site) -> Iterator[Leftover]:
    pool: Any = site.client("cognito-idp", site.subject.primary)
    try:
        pool.admin_get_user(UserPoolId=site.subject.pool_id, Username=USER)
    except pool.exceptions.UserNotFoundException:
        return
    yield Leftover(what=f"user {USER}", remove=partial(remove_user, pool, site.subject.pool_id))
