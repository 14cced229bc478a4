"""A user pool's custom domain: one name, one distribution, for both Regions of the pool."""

from dataclasses import dataclass, field
from enum import StrEnum

from sandbox.cognito.pools import parse_primary_region
from sandbox.cognito.wire import JsonObject


class DomainStatus(StrEnum):
    """A domain's status, as ``DescribeUserPoolDomain`` reports it; the model's FAILED never happens here."""

    CREATING = "CREATING"
    UPDATING = "UPDATING"
    ACTIVE = "ACTIVE"
    DELETING = "DELETING"


@dataclass(frozen=True, slots=True, kw_only=True)
class FailoverRouting:
    """``Routing.Failover``: the other Region, and the health check that says when it answers."""

    secondary_region: str
    health_check_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainSettings:
    """What a domain is set to.

    Attributes
    ----------
    custom_domain_config
        The API's ``CustomDomainConfig``: the certificate, and perhaps a security policy.
    managed_login_version
        1 for the hosted UI (classic), 2 for managed login.
    failover
        None where the domain is always the primary's.

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
        The user's name for it, and CloudFront's, which the user's leads to.
    account, pool_id
        The pool's.
    settings
        The newest ones.
    served
        Those by which requests are answered; None before the first have been distributed.
    status, changed_at
        ACTIVE, or what is going on; since when, in seconds of the sandbox's clock.

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
        """Return the domain as ``DescribeUserPoolDomain`` shows it."""
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
        """Return what ``CreateUserPoolDomain`` and ``UpdateUserPoolDomain`` answer."""
        return {
            "ManagedLoginVersion": self.settings.managed_login_version,
            "CloudFrontDomain": self.distribution,
            **describe_routing(self.settings),
        }


def describe_routing(settings: DomainSettings) -> JsonObject:
    """Return a domain's ``FailoverRouter`` as a part of an answer; nothing where it has none."""
    if settings.failover_routing is None:
        return {}
    failover = {
        "SecondaryRegion": settings.failover_routing.secondary_region,
        "PrimaryRoute53HealthCheckId": settings.failover_routing.health_check_id,
    }
    return {"Routing": {"Failover": failover}}
