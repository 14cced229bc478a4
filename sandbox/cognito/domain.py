"""A user pool's custom domain: one name and one distribution for both Regions of the pool."""

from dataclasses import dataclass, field
from enum import StrEnum

from sandbox.cognito.pools import parse_primary_region
from sandbox.cognito.wire import JsonObject


class DomainStatus(StrEnum):
    """A domain's status, as ``DescribeUserPoolDomain`` reports it. The sandbox never reports FAILED."""

    CREATING = "CREATING"
    UPDATING = "UPDATING"
    ACTIVE = "ACTIVE"
    DELETING = "DELETING"


@dataclass(frozen=True, slots=True, kw_only=True)
class FailoverRouting:
    """``Routing.Failover``: the secondary Region, and the health check that switches to it."""

    secondary_region: str
    health_check_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainSettings:
    """A domain's settings.

    Attributes
    ----------
    custom_domain_config
        The API's ``CustomDomainConfig``: the certificate, and an optional security policy.
    managed_login_version
        1 for the hosted UI (classic), 2 for managed login.
    failover_routing
        None if only the primary serves the domain.

    """

    custom_domain_config: JsonObject
    managed_login_version: int
    failover_routing: FailoverRouting | None


@dataclass(slots=True, kw_only=True)
class CustomDomain:
    """A custom domain.

    Attributes
    ----------
    name, distribution
        The domain's name, and the host name of its CloudFront distribution.
    account, pool_id
        The account and the id of the pool.
    settings
        The newest settings.
    served_settings
        The settings in effect; None until the first ones are distributed.
    status, changed_at
        The status, and when it began, in seconds of the sandbox's clock.

    """

    name: str
    distribution: str
    account: str
    pool_id: str
    settings: DomainSettings
    changed_at: float
    served_settings: DomainSettings | None = None
    status: DomainStatus = field(default=DomainStatus.CREATING)

    @property
    def primary(self) -> str:
        """The Region of the pool's primary."""
        return parse_primary_region(self.pool_id)

    def describe(self) -> JsonObject:
        """Return the domain's description for ``DescribeUserPoolDomain``."""
        return {
            "UserPoolId": self.pool_id,
            "AWSAccountId": self.account,
            "Domain": self.name,
            "S3Bucket": "aws-cognito-prod-assets",
            "CloudFrontDistribution": self.distribution,
            "Version": "1",
            "Status": self.status,
            "CustomDomainConfig": self.settings.custom_domain_config,
            "ManagedLoginVersion": self.settings.managed_login_version,
            **describe_routing(self.settings),
        }

    def describe_change(self) -> JsonObject:
        """Return the answer of ``CreateUserPoolDomain`` and ``UpdateUserPoolDomain``."""
        return {
            "ManagedLoginVersion": self.settings.managed_login_version,
            "CloudFrontDomain": self.distribution,
            **describe_routing(self.settings),
        }


def describe_routing(settings: DomainSettings) -> JsonObject:
    """Return the ``Routing`` part of an answer; empty without failover routing."""
    if settings.failover_routing is None:
        return {}
    failover = {
        "SecondaryRegion": settings.failover_routing.secondary_region,
        "PrimaryRoute53HealthCheckId": settings.failover_routing.health_check_id,
    }
    return {"Routing": {"Failover": failover}}
