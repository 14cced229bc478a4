"""Cognito's own custom domain, where the stack moves one."""

from datetime import UTC, datetime

from cognito_failover.common.latch_name import LatchName
from cognito_failover.core.preflight_result import CheckSeverity
from cognito_failover.preflight.check import CheckResult, PreflightCheck, failed, not_applicable, passed
from cognito_failover.preflight.facts import FactUnavailableError, Snapshot
from cognito_failover.preflight.readers.pool import read_custom_domain
from cognito_failover.preflight.readers.regional_services import read_certificate

CERTIFICATE_REGION = "us-east-1"
"""Where CloudFront takes certificates from, whichever Region the pool is in."""

_MIN_VALIDITY_DAYS = 30
"""ACM renews 60 days before the end: with half of that left, something keeps it from doing so."""

_NO_CUSTOM_DOMAIN = not_applicable("The stack moves no custom domain of Cognito's own.")


def _check_domain_active(snapshot: Snapshot) -> CheckResult:
    name = snapshot.settings.managed_login_domain
    if not name:
        return _NO_CUSTOM_DOMAIN
    custom_domain = snapshot(read_custom_domain)
    if custom_domain.get("UserPoolId") != snapshot.settings.user_pool_id:
        return failed(f"{name} is no custom domain of {snapshot.settings.user_pool_id}.")
    status = custom_domain.get("Status")
    return passed(f"{name} is ACTIVE.") if status == "ACTIVE" else failed(f"{name} is {status}.")


def _read_certificate_arn(snapshot: Snapshot) -> str:
    arn = snapshot(read_custom_domain).get("CustomDomainConfig", {}).get("CertificateArn", "")
    if not arn:
        raise FactUnavailableError(f"{snapshot.settings.managed_login_domain} has no certificate that is shown.")
    return str(arn)


def _check_certificate(snapshot: Snapshot) -> CheckResult:
    if not snapshot.settings.managed_login_domain:
        return _NO_CUSTOM_DOMAIN
    arn = _read_certificate_arn(snapshot)
    if arn.split(":")[3] != CERTIFICATE_REGION:
        return failed(f"{arn} is not in {CERTIFICATE_REGION}, where CloudFront takes certificates from.")
    details = snapshot(read_certificate, arn)
    if details.get("Status") != "ISSUED":
        return failed(f"{arn} is {details.get('Status')}.")
    expires_at: datetime = details["NotAfter"]
    days = (expires_at - datetime.fromtimestamp(snapshot.now, UTC)).days
    message = f"The certificate is valid until {expires_at:%Y-%m-%d}, for {days} days."
    return passed(message) if days >= _MIN_VALIDITY_DAYS else failed(message)


def _check_domain_failover(snapshot: Snapshot) -> CheckResult:
    settings = snapshot.settings
    check_id = settings.latch_check_ids.get(LatchName.DOMAIN)
    if not check_id:
        return _NO_CUSTOM_DOMAIN
    failover = snapshot(read_custom_domain).get("Routing", {}).get("Failover")
    if not failover:
        return failed(f"{settings.managed_login_domain} has no failover: the latch is not attached to it.")
    if failover["SecondaryRegion"] != settings.standby_region:
        return failed(f"Its failover leads to {failover['SecondaryRegion']}, not to {settings.standby_region}.")
    if failover["PrimaryRoute53HealthCheckId"] != check_id:
        return failed(
            f"Its failover goes by the check {failover['PrimaryRoute53HealthCheckId']}, not by ours, {check_id}."
        )
    return passed(f"Its failover leads to {settings.standby_region}, by our health check.")


CHECKS = (
    PreflightCheck(
        id="domain-active",
        severity=CheckSeverity.HIGH,
        criterion="ManagedLoginDomain is a custom domain of the pool, and ACTIVE",
        remedy="See the domain in Cognito's console; one that is UPDATING is ACTIVE some minutes later.",
        evaluate=_check_domain_active,
    ),
    PreflightCheck(
        id="domain-certificate",
        severity=CheckSeverity.HIGH,
        criterion="its certificate is in us-east-1, issued, and valid for 30 days or more",
        remedy="See why ACM has not renewed it: its validation record in DNS may be gone. Or give the domain another.",
        evaluate=_check_certificate,
    ),
    PreflightCheck(
        id="domain-failover",
        severity=CheckSeverity.HIGH,
        criterion="its Routing.Failover leads to the standby Region by the latch's health check",
        remedy="Attach the latch: failoverctl attach.",
        evaluate=_check_domain_failover,
    ),
)
