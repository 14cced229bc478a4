"""Cognito's own custom domain for managed login, and an app client that signs in through it.

Without failover: which health check is to move it is the controller's business, or whoever tries it.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sandbox.article_domain import ensure_record
from sandbox.article_wait import Patience, only

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_route53 import Route53Client
    from mypy_boto3_route53.type_defs import ResourceRecordSetTypeDef

CERTIFICATE_REGION = "us-east-1"
"""Where CloudFront takes certificates from."""

_MANAGED_LOGIN = 2
_TTL_SECONDS = 60
_NOWHERE = "192.0.2.1"
"""For documentation, leads nowhere (RFC 5737): all that Cognito wants of the parent domain is an A record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
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
class Parts:
    """What managed login is made of: clients, ``acm`` in CloudFront's Region, and ids."""

    cognito: "CognitoIdentityProviderClient"
    route53: "Route53Client"
    acm: Any
    pool_id: str
    zone_id: str
    patience: Patience


def ensure_login(parts: Parts, domain: str, name: str) -> Login:
    """Let there be the domain with its certificate and records, and an app client; ``name`` is the client's."""
    callback_url = f"https://app.{domain.partition('.')[2]}/callback"
    client_id = _ensure_client(parts, f"{name}-login", callback_url)
    certificate_arn = _ensure_certificate(parts, domain)
    _ensure_record(parts, domain.partition(".")[2], "A", _NOWHERE)
    if not parts.cognito.describe_user_pool_domain(Domain=domain)["DomainDescription"]:
        parts.cognito.create_user_pool_domain(
            Domain=domain,
            UserPoolId=parts.pool_id,
            ManagedLoginVersion=_MANAGED_LOGIN,
            CustomDomainConfig={"CertificateArn": certificate_arn},
        )
    distribution = parts.patience.until(f"{domain} is active", lambda: _distribution(parts.cognito, domain))
    _ensure_record(parts, domain, "CNAME", distribution)
    return Login(domain=domain, distribution=distribution, client_id=client_id, callback_url=callback_url)


def _distribution(cognito: "CognitoIdentityProviderClient", domain: str) -> str | None:
    described = cognito.describe_user_pool_domain(Domain=domain)["DomainDescription"]
    return described["CloudFrontDistribution"] if described["Status"] == "ACTIVE" else None


def _ensure_client(parts: Parts, name: str, callback_url: str) -> str:
    pages = parts.cognito.get_paginator("list_user_pool_clients").paginate(
        UserPoolId=parts.pool_id, PaginationConfig={"PageSize": 60}
    )
    found = only(
        f"app clients named {name!r} in {parts.pool_id}",
        (client["ClientId"] for page in pages for client in page["UserPoolClients"] if client["ClientName"] == name),
    )
    if found is not None:
        return found
    created = parts.cognito.create_user_pool_client(
        UserPoolId=parts.pool_id,
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


def _ensure_certificate(parts: Parts, domain: str) -> str:
    pages = parts.acm.get_paginator("list_certificates").paginate()
    found = only(
        f"certificates for {domain}",
        (
            certificate["CertificateArn"]
            for page in pages
            for certificate in page["CertificateSummaryList"]
            if certificate["DomainName"] == domain
        ),
    )
    arn = found or parts.acm.request_certificate(DomainName=domain, ValidationMethod="DNS")["CertificateArn"]
    if parts.acm.describe_certificate(CertificateArn=arn)["Certificate"]["Status"] != "ISSUED":
        record = parts.patience.until(
            f"{arn} says how it is validated",
            lambda: parts.acm.describe_certificate(CertificateArn=arn)["Certificate"]["DomainValidationOptions"][0].get(
                "ResourceRecord"
            ),
        )
        _ensure_record(parts, record["Name"].rstrip("."), "CNAME", record["Value"].rstrip("."))
        parts.patience.until(
            f"{arn} is issued",
            lambda: parts.acm.describe_certificate(CertificateArn=arn)["Certificate"]["Status"] == "ISSUED" or None,
        )
    return str(arn)


def _ensure_record(parts: Parts, name: str, record_type: Literal["A", "CNAME"], value: str) -> None:
    record: ResourceRecordSetTypeDef = {
        "Name": f"{name}.",
        "Type": record_type,
        "TTL": _TTL_SECONDS,
        "ResourceRecords": [{"Value": value}],
    }
    ensure_record(parts.route53, parts.zone_id, record, parts.patience)
