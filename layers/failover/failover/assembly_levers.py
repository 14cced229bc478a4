"""Puts the levers together for AWS: the weights, the latches, and what attaching those takes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, cast

import botocore.session

from failover.levers.attachment import Attachment
from failover.levers.authority import DnsAuthority
from failover.levers.domain_check import DomainCheck
from failover.levers.health_check_latch import HealthCheckLatch
from failover.levers.latch import LatchName
from failover.levers.latch_beacon import latch_beacon, settling_beacon
from failover.levers.latch_metric import CLOUDWATCH_CONFIG, MetricSwitch
from failover.levers.latch_object import S3_CONFIG, ObjectSwitch
from failover.levers.latch_switch import Switch
from failover.levers.managed_login import passing
from failover.levers.record_checks import RecordChecks
from failover.levers.record_group import RecordGroup
from failover.levers.stack_policy import CLOUDFORMATION_CONFIG, Protection, StackPolicy
from failover.levers.user_pool_domain import COGNITO_CONFIG, CognitoDomain, Failover
from failover.levers.weighted_records import WeightedRecords
from failover.levers.zone_route53 import Route53Zone
from failover.region import PerSide
from failover.rounds.attaching import Fitting
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

    def fittings(self) -> tuple[Fitting, ...]:
        """Return what attaching each latch takes."""
        return tuple(
            Fitting(
                latch=latch,
                attachment=self._attachment(latch.name),
                beacon=latch_beacon(latch.name, self.settings),
                settling=settling_beacon(latch.name, self.settings),
            )
            for latch in self.latches
        )

    def protection(self) -> Protection:
        """Return what guards an attached latch against a change of the stack."""
        settings = self.settings
        client = _client(self.session, "cloudformation", settings.standby_region, CLOUDFORMATION_CONFIG)
        return StackPolicy(client, stack_id=settings.stack_id)

    def _attachment(self, name: LatchName) -> Attachment:
        settings = self.settings
        check_id = settings.latch_check_ids[name]
        if name is LatchName.RECORDS and self.records:
            checks = PerSide(primary=check_id, standby=settings.standby_check_id)
            return RecordChecks(lever=self.records, group=RecordGroup.from_settings(settings), checks=checks)
        client = _client(self.session, "cognito-idp", settings.primary_region, COGNITO_CONFIG)
        domain = CognitoDomain(client, name=settings.managed_login_domain, user_pool_id=settings.user_pool_id)
        return DomainCheck(
            domain=domain, failover=Failover(secondary_region=settings.standby_region, check_id=check_id)
        )


def _switches(settings: Settings, session: botocore.session.Session) -> dict[LatchName, Switch]:
    region = settings.standby_region
    if settings.latch_bucket:
        s3 = _client(session, "s3", region, S3_CONFIG)
        return {
            name: ObjectSwitch(s3, bucket=settings.latch_bucket, key=name.value) for name in settings.latch_check_ids
        }
    cloudwatch = _client(session, "cloudwatch", region, CLOUDWATCH_CONFIG)
    return {
        name: MetricSwitch(cloudwatch, namespace=settings.latch_metric_namespace, metric=name)
        for name in settings.latch_check_ids
    }


def _client(session: botocore.session.Session, service: str, region: str, config: Any) -> Clients:
    create = partial(session.create_client, cast("Any", service), region_name=region, config=config)
    return cache(cast("Clients", create))
