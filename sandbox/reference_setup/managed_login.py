"""Cognito's own custom domain for managed login, and an app client that signs in through it.

Without failover: which health check is to move it is the controller's business, or whoever tries it.
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
"""Where CloudFront takes certificates from."""

_MANAGED_LOGIN_VERSION = 2
_TTL_SECONDS = 60
_PLACEHOLDER_ADDRESS = "192.0.2.1"
"""For documentation, leads nowhere (RFC 5737): all that Cognito wants of the parent domain is an A record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedLoginSetup:
    """Managed login.

    Attributes
    ----------
    domain, distribution
        The custom domain, and the name of the CloudFront distribution it leads to.
    client_id, callback_url
        Of an app client for the authorization code grant, without a secret.

    """

    domain: str
    distribution: str
    client_id: str
    callback_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedLoginContext:
    """What managed login is made of: clients, ``acm`` in CloudFront's Region, and ids."""

    cognito: "CognitoIdentityProviderClient"
    route53: "Route53Client"
    acm: Any
    pool_id: str
    zone_id: str
    poller: Poller


def ensure_login(context: ManagedLoginContext, domain: str, name: str) -> ManagedLoginSetup:
    """Let there be the domain with its certificate and records, and an app client; ``name`` is the client's."""
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
    found = find_unique(
        f"app clients named {name!r} in {context.pool_id}",
        (client["ClientId"] for page in pages for client in page["UserPoolClients"] if client["ClientName"] == name),
    )
    if found is not None:
        return found
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
    found = find_unique(
        f"certificates for {domain}",
        (
            certificate["CertificateArn"]
            for page in pages
            for certificate in page["CertificateSummaryList"]
            if certificate["DomainName"] == domain
        ),
    )
    arn = found or context.acm.request_certificate(DomainName=domain, ValidationMethod="DNS")["CertificateArn"]
    if context.acm.describe_certificate(CertificateArn=arn)["Certificate"]["Status"] != "ISSUED":
        record = context.poller.wait_until(
            f"{arn} says how it is validated",
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
