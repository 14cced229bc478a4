"""Rules that reject the creation or change of a user pool domain.

The messages are the service's if they are published. Otherwise the docstring says that they are inferred.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.cognito.certificates import CERTIFICATE_REGION, Certificates
from sandbox.cognito.domain import DomainSettings, FailoverRouting
from sandbox.cognito.pools import UserPoolState, parse_primary_region
from sandbox.cognito.replica_permissions import ReplicaStatus
from sandbox.cognito.replicas import Replicas
from sandbox.cognito.wire import AwsServiceError, JsonObject

MANAGED_LOGIN_VERSION = 2
"""The ``ManagedLoginVersion`` of managed login; 1 is the hosted UI (classic)."""

_VERSIONS = (1, MANAGED_LOGIN_VERSION)
_NAME_LIMIT = 63
_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PREFIX = re.compile(_LABEL)
_SUBDOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL}){{2,}}")
_ROUTABLE = (ReplicaStatus.ACTIVE, ReplicaStatus.CREATING, ReplicaStatus.INACTIVE)


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainRules:
    """Checks a call's parameters against replicas, certificates, health checks and DNS.

    Attributes
    ----------
    replicas, certificates
        The replicas of all pools, and the certificates of all accounts.
    health_check_exists
        Returns whether an account has a Route 53 health check with an id.
    has_address
        Returns whether a name resolves to an IPv4 address.

    """

    replicas: Replicas
    certificates: Certificates
    health_check_exists: Callable[[str, str], bool]
    has_address: Callable[[str], bool]

    def reject_unreachable(self, region: str, pool_id: str) -> None:
        """Reject a change if the called Region cannot reach the pool's primary and CloudFront's control plane.

        Inferred: the primary holds a domain's settings, and a change needs CloudFront's control plane.

        Raises
        ------
        AwsServiceError
            ``InternalErrorException``.

        """
        for needed in (parse_primary_region(pool_id), CERTIFICATE_REGION):
            if not self.replicas.is_connected(region, needed):
                raise AwsServiceError("InternalErrorException", f"{region} can't reach {needed}.", status=500)

    def reject_invalid_name(self, name: str) -> None:
        """Reject an invalid name of a custom domain.

        Raises
        ------
        AwsServiceError
            ``InvalidParameterException``. The message for a name without three labels is inferred.

        """
        if len(name) > _NAME_LIMIT or not _SUBDOMAIN.fullmatch(name):
            raise build_invalid_parameter_error(f"Custom domain is not a valid subdomain: {name}")
        if not self.has_address(name.partition(".")[2]):
            raise build_invalid_parameter_error(
                "Custom domain is not a valid subdomain: Was not able to resolve the root domain, "
                "please ensure an A record exists for the root domain."
            )

    def parse_settings(
        self, account: str, pool: UserPoolState, document: JsonObject, *, version: int
    ) -> DomainSettings:
        """Return the settings in a call. ``version`` is the default managed login version.

        Raises
        ------
        AwsServiceError
            ``InvalidParameterException``, ``FeatureUnavailableInTierException``.

        """
        config = document["CustomDomainConfig"]
        if not config.get("CertificateArn"):
            raise build_invalid_parameter_error("CustomDomainConfig must specify a CertificateArn.")
        self.certificates.reject_unusable(account, config["CertificateArn"], document["Domain"])
        requested_version = int(document.get("ManagedLoginVersion", version))
        version = requested_version if requested_version in _VERSIONS else version
        if version == MANAGED_LOGIN_VERSION and pool.get("UserPoolTier") == "LITE":
            raise AwsServiceError(
                "FeatureUnavailableInTierException", "Managed login is not available in the LITE tier."
            )
        failover = (document.get("Routing") or {}).get("Failover")
        return DomainSettings(
            custom_domain_config=config,
            managed_login_version=version,
            failover_routing=self._parse_failover(account, pool["Id"], failover, version) if failover else None,
        )

    def _parse_failover(self, account: str, pool_id: str, failover: JsonObject, version: int) -> FailoverRouting:
        """Return the failover routing in a call. The error for an unknown health check is inferred."""
        missing = [name for name in ("SecondaryRegion", "PrimaryRoute53HealthCheckId") if not failover.get(name)]
        if missing:
            raise build_invalid_parameter_error(f"Routing.Failover must specify {' and '.join(missing)}.")
        if version != MANAGED_LOGIN_VERSION:
            raise build_invalid_parameter_error("Routing field is not supported for Hosted UI (classic)")
        region = failover["SecondaryRegion"]
        replica = self.replicas.find(account, pool_id)
        status = replica.status if replica else None
        if region == parse_primary_region(pool_id) or (replica and status not in _ROUTABLE):
            raise build_invalid_parameter_error(
                "Routing field can only be configured when replica status is one of: "
                f"{', '.join(_ROUTABLE)}. Current status: {status or 'null'}"
            )
        if replica is None or replica.region != region:
            raise build_invalid_parameter_error(f"Region {region} is not active for the user pool")
        check_id = failover["PrimaryRoute53HealthCheckId"]
        if not self.health_check_exists(account, check_id):
            raise build_invalid_parameter_error(f"Route 53 health check {check_id} does not exist.")
        return FailoverRouting(secondary_region=region, health_check_id=check_id)


def reject_invalid_prefix(document: JsonObject) -> None:
    """Reject invalid parameters of a prefix domain. The message about routing is inferred.

    Raises
    ------
    AwsServiceError
        ``InvalidParameterException`` for an invalid prefix, and for routing. The API reference allows routing only for
        custom domains; the developer guide also mentions prefix domains.

    """
    if not _PREFIX.fullmatch(document.get("Domain", "")):
        raise build_invalid_parameter_error(
            "The domain name contains an invalid character. Domain names can only contain lower-case letters, "
            "numbers, and hyphens. Please enter a different name that follows this format: "
            r"^[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?$"
        )
    if document.get("Routing"):
        raise build_invalid_parameter_error("Routing field is only supported for custom domains")


def build_invalid_parameter_error(message: str) -> AwsServiceError:
    """Return an ``InvalidParameterException``."""
    return AwsServiceError("InvalidParameterException", message)
