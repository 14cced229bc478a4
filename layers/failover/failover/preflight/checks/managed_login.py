"""Cognito's own custom domain, where the stack moves one."""

from datetime import UTC, datetime

from failover.decision.preflight import Severity
from failover.levers.latch import LatchName
from failover.preflight.check import Check, Judgement, failed, not_applicable, passed
from failover.preflight.facts import Facts, UnreadError
from failover.preflight.reading.pool import domain
from failover.preflight.reading.surroundings import certificate

CERTIFICATE_REGION = "us-east-1"
"""Where CloudFront takes certificates from, whichever Region the pool is in."""

_EXPIRES_SOON_DAYS = 30
"""ACM renews 60 days before the end: with half of that left, something keeps it from doing so."""

_WITHOUT = not_applicable("The stack moves no custom domain of Cognito's own.")


def _active(facts: Facts) -> Judgement:
    name = facts.settings.managed_login_domain
    if not name:
        return _WITHOUT
    found = facts(domain)
    if found.get("UserPoolId") != facts.settings.user_pool_id:
        return failed(f"{name} is no custom domain of {facts.settings.user_pool_id}.")
    status = found.get("Status")
    return passed(f"{name} is ACTIVE.") if status == "ACTIVE" else failed(f"{name} is {status}.")


def _certificate_arn(facts: Facts) -> str:
    arn = facts(domain).get("CustomDomainConfig", {}).get("CertificateArn", "")
    if not arn:
        raise UnreadError(f"{facts.settings.managed_login_domain} has no certificate that is shown.")
    return str(arn)


def _certificate(facts: Facts) -> Judgement:
    if not facts.settings.managed_login_domain:
        return _WITHOUT
    arn = _certificate_arn(facts)
    if arn.split(":")[3] != CERTIFICATE_REGION:
        return failed(f"{arn} is not in {CERTIFICATE_REGION}, where CloudFront takes certificates from.")
    found = facts(certificate, arn)
    if found.get("Status") != "ISSUED":
        return failed(f"{arn} is {found.get('Status')}.")
    ends: datetime = found["NotAfter"]
    days = (ends - datetime.fromtimestamp(facts.now, UTC)).days
    sentence = f"The certificate is valid until {ends:%Y-%m-%d}, for {days} days."
    return passed(sentence) if days >= _EXPIRES_SOON_DAYS else failed(sentence)


def _failover(facts: Facts) -> Judgement:
    settings = facts.settings
    check_id = settings.latch_check_ids.get(LatchName.DOMAIN)
    if not check_id:
        return _WITHOUT
    found = facts(domain).get("Routing", {}).get("Failover")
    if not found:
        return failed(f"{settings.managed_login_domain} has no failover: the latch is not attached to it.")
    if found["SecondaryRegion"] != settings.standby_region:
        return failed(f"Its failover leads to {found['SecondaryRegion']}, not to {settings.standby_region}.")
    if found["PrimaryRoute53HealthCheckId"] != check_id:
        return failed(
            f"Its failover goes by the check {found['PrimaryRoute53HealthCheckId']}, not by ours, {check_id}."
        )
    return passed(f"Its failover leads to {settings.standby_region}, by our health check.")


CHECKS = (
    Check(
        id="domain-active",
        severity=Severity.HIGH,
        passes="ManagedLoginDomain is a custom domain of the pool, and ACTIVE",
        remedy="See the domain in Cognito's console; one that is UPDATING is ACTIVE some minutes later.",
        judge=_active,
    ),
    Check(
        id="domain-certificate",
        severity=Severity.HIGH,
        passes="its certificate is in us-east-1, issued, and valid for 30 days or more",
        remedy="See why ACM has not renewed it: its validation record in DNS may be gone. Or give the domain another.",
        judge=_certificate,
    ),
    Check(
        id="domain-failover",
        severity=Severity.HIGH,
        passes="its Routing.Failover leads to the standby Region by the latch's health check",
        remedy="Attach the latch: failoverctl attach.",
        judge=_failover,
    ),
)
