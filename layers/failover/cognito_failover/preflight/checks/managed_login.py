"""Checks of Cognito's custom domain, if the stack moves one."""

from datetime import UTC, datetime

from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.preflight_result import CheckSeverity
from cognito_failover.preflight.check import CheckResult, PreflightCheck, failed, not_applicable, passed
from cognito_failover.preflight.facts import FactUnavailableError, Snapshot
from cognito_failover.preflight.readers.pool import read_custom_domain
from cognito_failover.preflight.readers.regional_services import read_certificate

CERTIFICATE_REGION = "us-east-1"
"""CloudFront uses only certificates in this Region."""

_MIN_VALIDITY_DAYS = 30
"""ACM renews 60 days before expiry. With only half of that left, renewal has probably failed."""

_NO_CUSTOM_DOMAIN = not_applicable("The stack does not move a custom domain of Cognito.")


def _check_domain_active(snapshot: Snapshot) -> CheckResult:
    name = snapshot.settings.managed_login_domain
    if not name:
        return _NO_CUSTOM_DOMAIN
    custom_domain = snapshot.read(read_custom_domain)
    if custom_domain.get("UserPoolId") != snapshot.settings.user_pool_id:
        return failed(f"{name} is not a custom domain of {snapshot.settings.user_pool_id}.")
    status = custom_domain.get("Status")
    return passed(f"{name} is ACTIVE.") if status == "ACTIVE" else failed(f"{name} is {status}.")


def _read_certificate_arn(snapshot: Snapshot) -> str:
    arn = snapshot.read(read_custom_domain).get("CustomDomainConfig", {}).get("CertificateArn", "")
    if not arn:
        raise FactUnavailableError(f"Cognito shows no certificate for {snapshot.settings.managed_login_domain}.")
    return str(arn)


def _check_certificate(snapshot: Snapshot) -> CheckResult:
    if not snapshot.settings.managed_login_domain:
        return _NO_CUSTOM_DOMAIN
    arn = _read_certificate_arn(snapshot)
    if arn.split(":")[3] != CERTIFICATE_REGION:
        return failed(f"{arn} is not in {CERTIFICATE_REGION}, and CloudFront uses only certificates from there.")
    details = snapshot.read(read_certificate, arn)
    if details.get("Status") != "ISSUED":
        return failed(f"{arn} is {details.get('Status')}.")
    expires_at: datetime = details["NotAfter"]
    days = (expires_at - datetime.fromtimestamp(snapshot.now, UTC)).days
    message = f"The certificate is valid until {expires_at:%Y-%m-%d}, for {days} days."
    return passed(message) if days >= _MIN_VALIDITY_DAYS else failed(message)


def _check_domain_failover(snapshot: Snapshot) -> CheckResult:
    settings = snapshot.settings
    check_id = settings.latch_check_ids.get(SteeredName.DOMAIN)
    if not check_id:
        return _NO_CUSTOM_DOMAIN
    failover = snapshot.read(read_custom_domain).get("Routing", {}).get("Failover")
    if not failover:
        return failed(f"{settings.managed_login_domain} has no failover: the latch is not attached to it.")
    if failover["SecondaryRegion"] != settings.standby_region:
        return failed(f"The domain's failover goes to {failover['SecondaryRegion']}, not to {settings.standby_region}.")
    if failover["PrimaryRoute53HealthCheckId"] != check_id:
        return failed(
            f"The domain's failover uses health check {failover['PrimaryRoute53HealthCheckId']}, not the latch's, "
            f"{check_id}."
        )
    return passed(f"The domain's failover goes to {settings.standby_region} and uses the latch's health check.")


CHECKS = (
    PreflightCheck(
        id="domain-active",
        severity=CheckSeverity.HIGH,
        criterion="ManagedLoginDomain is a custom domain of the pool and is ACTIVE",
        remedy="Check the domain in Cognito's console. A domain that is UPDATING becomes ACTIVE after some minutes.",
        evaluate=_check_domain_active,
    ),
    PreflightCheck(
        id="domain-certificate",
        severity=CheckSeverity.HIGH,
        criterion="the domain's certificate is in us-east-1, issued, and valid for at least 30 days",
        remedy="Check in ACM why it is not renewed: its DNS validation record may be missing. Or set another "
        "certificate for the domain.",
        evaluate=_check_certificate,
    ),
    PreflightCheck(
        id="domain-failover",
        severity=CheckSeverity.HIGH,
        criterion="the domain's Routing.Failover names the standby Region and the latch's health check",
        remedy="Attach the latch: failoverctl attach.",
        evaluate=_check_domain_failover,
    ),
)
