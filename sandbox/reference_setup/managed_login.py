"""Cognito's custom domain for managed login, and an app client that signs in through it.

The domain has no failover routing: the controller attaches a health check.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sandbox.reference_setup.hosted_zone import ensure_record
from sandbox.reference_setup.polling import Poller, find_unique

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_route53 import Route53Client
    from mypy_boto3_route53.type_defs import ResourceRecordSetTypeDef

CERTIFICATE_REGION = "us-east-1"
"""The Region of CloudFront's certificates."""

_MANAGED_LOGIN_VERSION = 2
_TTL_SECONDS = 60
_PLACEHOLDER_ADDRESS = "192.0.2.1"
"""A documentation address (RFC 5737) without a host. Cognito only requires that the parent domain has an A record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedLoginSetup:
    """The result of the managed login setup.

    Attributes
    ----------
    domain, distribution
        The custom domain, and the host name of its CloudFront distribution.
    client_id, callback_url
        The app client for the authorization code grant, without a secret.

    """

    domain: str
    distribution: str
    client_id: str
    callback_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedLoginContext:
    """Clients and ids for the managed login setup. ``acm`` is a client in CloudFront's Region."""

    cognito: "CognitoIdentityProviderClient"
    route53: "Route53Client"
    acm: Any
    pool_id: str
    zone_id: str
    poller: Poller


def ensure_login(context: ManagedLoginContext, domain: str, name: str) -> ManagedLoginSetup:
    """Ensure that the domain, its certificate and records, and an app client exist. ``name`` is the client's prefix."""
    callback_url = f"https://app.{domain.partition('.')[2]}/callback"
    client_id = _ensure_client(context, f"{name}-login", callback_url)
    certificate_arn = _ensure_certificate(context, domain)
    _ensure_record(context, domain.partition(".")[2], "A", _PLACEHOLDER_ADDRESS)
    if not context.cognito.describe_user_pool_domain(Domain=domain)["DomainDescription"]:
        context.cognito.create_user_pool_domain(
            Domain=domain,
            UserPoolId=context.pool_id,
            ManagedLoginVersion=_MANAGED_LOGIN_VERSION,
            CustomDomainConfig={"CertificateArn": certificate_arn},
        )
    distribution = context.poller.wait_until(f"{domain} is active", lambda: _find_distribution(context.cognito, domain))
    _ensure_record(context, domain, "CNAME", distribution)
    return ManagedLoginSetup(domain=domain, distribution=distribution, client_id=client_id, callback_url=callback_url)


def _find_distribution(cognito: "CognitoIdentityProviderClient", domain: str) -> str | None:
    described = cognito.describe_user_pool_domain(Domain=domain)["DomainDescription"]
    return described["CloudFrontDistribution"] if described["Status"] == "ACTIVE" else None


def _ensure_client(context: ManagedLoginContext, name: str, callback_url: str) -> str:
    pages = context.cognito.get_paginator("list_user_pool_clients").paginate(
        UserPoolId=context.pool_id, PaginationConfig={"PageSize": 60}
    )
    client_id = find_unique(
        f"app clients named {name!r} in {context.pool_id}",
        (client["ClientId"] for page in pages for client in page["UserPoolClients"] if client["ClientName"] == name),
    )
    if client_id is not None:
        return client_id
    created = context.cognito.create_user_pool_client(
        UserPoolId=context.pool_id,
        ClientName=name,
        AllowedOAuthFlows=["code"],
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthScopes=["openid", "email", "profile"],
        CallbackURLs=[callback_url],
        LogoutURLs=[callback_url],
        SupportedIdentityProviders=["COGNITO"],
        ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )
    return created["UserPoolClient"]["ClientId"]


def _ensure_certificate(context: ManagedLoginContext, domain: str) -> str:
    pages = context.acm.get_paginator("list_certificates").paginate()
    existing_arn = find_unique(
        f"certificates for {domain}",
        (
            certificate["CertificateArn"]
            for page in pages
            for certificate in page["CertificateSummaryList"]
            if certificate["DomainName"] == domain
        ),
    )
    arn = existing_arn or context.acm.request_certificate(DomainName=domain, ValidationMethod="DNS")["CertificateArn"]
    if context.acm.describe_certificate(CertificateArn=arn)["Certificate"]["Status"] != "ISSUED":
        record = context.poller.wait_until(
            f"{arn} has a validation record",
            lambda: context.acm.describe_certificate(CertificateArn=arn)["Certificate"]["DomainValidationOptions"][
                0
            ].get("ResourceRecord"),
        )
        _ensure_record(context, record["Name"].rstrip("."), "CNAME", record["Value"].rstrip("."))
        context.poller.wait_until(
            f"{arn} is issued",
            lambda: context.acm.describe_certificate(CertificateArn=arn)["Certificate"]["Status"] == "ISSUED" or None,
        )
    return str(arn)


def _ensure_record(context: ManagedLoginContext, name: str, record_type: Literal["A", "CNAME"], value: str) -> None:
    record: ResourceRecordSetTypeDef = {
        "Name": f"{name}.",
        "Type": record_type,
        "TTL": _TTL_SECONDS,
        "ResourceRecords": [{"Value": value}],
    }
    ensure_record(context.route53, context.zone_id, record, context.poller)
