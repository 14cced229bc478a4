"""Puts the levers together for AWS: the weights and the latches."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, cast

import botocore.session

from failover.levers.authority import DnsAuthority
from failover.levers.health_check_latch import HealthCheckLatch
from failover.levers.latch import LatchName
from failover.levers.latch_beacon import latch_beacon
from failover.levers.latch_metric import CLOUDWATCH_CONFIG, MetricSwitch
from failover.levers.latch_object import S3_CONFIG, ObjectSwitch
from failover.levers.latch_switch import Switch
from failover.levers.managed_login import passing
from failover.levers.record_group import RecordGroup
from failover.levers.weighted_records import WeightedRecords
from failover.levers.zone_route53 import Route53Zone
from failover.rounds.look import Levers
from failover.rounds.punctual import PunctualLatch, PunctualLever, Timekeeper
from failover.settings import Settings

type Clients = Callable[[], Any]
"""Gives one client of a service, the same at every call: the first makes it, away from a cold start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """Every lever that the settings describe.

    Attributes
    ----------
    zone
        The hosted zone of all names.
    authority
        Asks its name servers.
    records
        The weights; None where only Cognito's own domain is moved.
    latches
        One for each health check there is.

    """

    settings: Settings
    session: botocore.session.Session
    zone: Route53Zone
    authority: DnsAuthority
    records: WeightedRecords | None
    latches: tuple[HealthCheckLatch, ...]

    @classmethod
    def from_settings(cls, settings: Settings, session: botocore.session.Session) -> "Hands":
        """Make the levers, whose clients come from the session; nothing is called yet."""
        zone = Route53Zone(
            settings.hosted_zone_id,
            region=settings.standby_region,
            role_arn=settings.hosted_zone_role_arn,
            session=session,
        )
        authority = DnsAuthority()
        group = RecordGroup.from_settings(settings)
        records = WeightedRecords(group=group, zone=zone, authority=authority) if settings.moves_records else None
        latches = tuple(
            HealthCheckLatch(
                name=name,
                switch=switch,
                beacon=latch_beacon(name, settings),
                zone=zone,
                authority=authority,
                pass_through=passing(settings.managed_login_domain) if name is LatchName.DOMAIN else None,
            )
            for name, switch in _switches(settings, session).items()
        )
        return cls(settings=settings, session=session, zone=zone, authority=authority, records=records, latches=latches)

    def on_time(self, timekeeper: Timekeeper) -> Levers:
        """Return the levers as rounds use them: no call outlasts its round."""
        return Levers(
            records=PunctualLever(self.records, timekeeper) if self.records else None,
            latches=tuple(PunctualLatch(latch, timekeeper) for latch in self.latches),
        )


def _switches(settings: Settings, session: botocore.session.Session) -> dict[LatchName, Switch]:
    region = settings.standby_region
    if settings.latch_bucket:
        s3 = client_when_needed(session, "s3", region, S3_CONFIG)
        return {
            name: ObjectSwitch(s3, bucket=settings.latch_bucket, key=name.value) for name in settings.latch_check_ids
        }
    cloudwatch = client_when_needed(session, "cloudwatch", region, CLOUDWATCH_CONFIG)
    return {
        name: MetricSwitch(cloudwatch, namespace=settings.latch_metric_namespace, metric=name)
        for name in settings.latch_check_ids
    }


def client_when_needed(session: botocore.session.Session, service: str, region: str, config: Any) -> Clients:
    """Return what makes a client once, and not before it is needed: most are never."""
    create = partial(session.create_client, cast("Any", service), region_name=region, config=config)
    return cache(cast("Clients", create))
