"""Builds the levers for AWS: the weights and the latches."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, cast

import botocore.session

from cognito_failover.common.steered_name import SteeredName
from cognito_failover.controller.bounded_calls import RoundBudget, bound_latch, bound_lever, bound_locator
from cognito_failover.controller.reconciler import Levers
from cognito_failover.core.ports.latch import LatchSwitch
from cognito_failover.routing.dns.authoritative_dns import AuthoritativeDnsClient
from cognito_failover.routing.dns.delegation import FollowedDelegation
from cognito_failover.routing.dns.user_locator import DnsUserLocator
from cognito_failover.routing.latch.health_check_latch import HealthCheckLatch
from cognito_failover.routing.latch.managed_login_request import build_domain_checker
from cognito_failover.routing.latch.metric_switch import CLOUDWATCH_CONFIG, MetricLatchSwitch
from cognito_failover.routing.latch.s3_switch import S3_CONFIG, S3LatchSwitch
from cognito_failover.routing.latch.state_txt_record import build_latch_state_record
from cognito_failover.routing.records.record_group import RecordGroup
from cognito_failover.routing.records.route53_zone import Route53Zone
from cognito_failover.routing.records.weighted_records import WeightedRecords
from cognito_failover.settings.controller import Settings

type ClientFactory = Callable[[], Any]
"""Returns one client of a service. The first call creates it, after the cold start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeverSet:
    """All levers that the settings configure.

    Attributes
    ----------
    zone
        The hosted zone of all managed records.
    locator
        Observes where users are, by the name servers that DNS leads to.
    records
        The weights; None if only Cognito's own domain is moved.
    latches
        One for each configured health check.

    """

    settings: Settings
    session: botocore.session.Session
    zone: Route53Zone
    locator: DnsUserLocator
    records: WeightedRecords | None
    latches: tuple[HealthCheckLatch, ...]

    @classmethod
    def from_settings(cls, settings: Settings, session: botocore.session.Session) -> "LeverSet":
        """Build the levers with clients of this session. Calls nothing yet."""
        zone = Route53Zone(
            settings.hosted_zone_id,
            region=settings.standby_region,
            role_arn=settings.hosted_zone_role_arn,
            session=session,
        )
        locator = DnsUserLocator(settings, authority=AuthoritativeDnsClient(), delegation=FollowedDelegation())
        group = RecordGroup.from_settings(settings)
        records = WeightedRecords(group=group, zone=zone) if settings.has_managed_records else None
        latches = tuple(
            HealthCheckLatch(
                name=name,
                switch=switch,
                state_record=build_latch_state_record(name, settings),
                zone=zone,
                locator=locator,
                check_domain=build_domain_checker(settings.managed_login_domain)
                if name is SteeredName.DOMAIN
                else None,
            )
            for name, switch in _build_switches(settings, session).items()
        )
        return cls(
            settings=settings,
            session=session,
            zone=zone,
            locator=locator,
            records=records,
            latches=latches,
        )

    def with_deadlines(self, round_budget: RoundBudget) -> Levers:
        """Return the levers with all calls bounded by the round."""
        return Levers(
            records=bound_lever(self.records, round_budget) if self.records else None,
            latches=tuple(bound_latch(latch, round_budget) for latch in self.latches),
            locator=bound_locator(self.locator, round_budget),
        )


def _build_switches(settings: Settings, session: botocore.session.Session) -> dict[SteeredName, LatchSwitch]:
    region = settings.standby_region
    if settings.latch_bucket:
        s3 = create_lazy_client(session, "s3", region, S3_CONFIG)
        return {
            name: S3LatchSwitch(s3, bucket=settings.latch_bucket, key=name.value) for name in settings.latch_check_ids
        }
    cloudwatch = create_lazy_client(session, "cloudwatch", region, CLOUDWATCH_CONFIG)
    return {
        name: MetricLatchSwitch(cloudwatch, namespace=settings.latch_metric_namespace, metric=name)
        for name in settings.latch_check_ids
    }


def create_lazy_client(session: botocore.session.Session, service: str, region: str, config: Any) -> ClientFactory:
    """Return a function that creates the client when it is first called. Most clients are never needed."""
    create = partial(session.create_client, cast("Any", service), region_name=region, config=config)
    return cache(cast("ClientFactory", create))
