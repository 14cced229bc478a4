"""Users and apps that a replica can't serve."""

from failover.decision.preflight import Severity
from failover.preflight.check import Check, Judgement, failed, passed
from failover.preflight.facts import Document, Facts
from failover.preflight.reading.pool import app_clients, mfa, shared


def _has_totp(configured: Document) -> bool:
    return bool(configured.get("SoftwareTokenMfaConfiguration", {}).get("Enabled"))


def _has_other(configured: Document) -> bool:
    return bool(configured.get("SmsMfaConfiguration") or configured.get("EmailMfaConfiguration"))


def _totp_required(facts: Facts) -> Judgement:
    configured = facts(mfa)
    if configured.get("MfaConfiguration") == "ON" and _has_totp(configured) and not _has_other(configured):
        return failed("Everybody must give a TOTP code, which a replica can't check: nobody could sign in there.")
    return passed("Nobody has to give a TOTP code for want of another second factor.")


def _totp_users(facts: Facts) -> Judgement:
    configured = facts(mfa)
    if configured.get("MfaConfiguration") != "OFF" and _has_totp(configured):
        return failed("Users may have TOTP as their second factor; those can't sign in on the replica.")
    return passed("Nobody has TOTP as a second factor.")


def _federated_only(facts: Facts) -> Judgement:
    clients = facts(app_clients)
    only = [
        str(each.get("ClientName", each["ClientId"]))
        for each in clients
        if each.get("SupportedIdentityProviders") and "COGNITO" not in each["SupportedIdentityProviders"]
    ]
    if only:
        return failed(
            f"{', '.join(only)} sign users in through other identity providers only: whoever has not signed in to the "
            f"primary before can't on the replica."
        )
    return passed(f"All {len(clients)} app clients sign the pool's own users in.")


def _prefix_domain(facts: Facts) -> Judgement:
    domain = facts(shared).get("Domain", "")
    if domain:
        return failed(f"Apps that use the prefix domain {domain} stay on the primary: it has no failover.")
    return passed("The pool has no prefix domain.")


CHECKS = (
    Check(
        id="totp-required",
        severity=Severity.HIGH,
        passes="not everybody must have TOTP as a second factor",
        remedy="Offer SMS or e-mail as a second factor beside TOTP, or make a second factor optional.",
        judge=_totp_required,
    ),
    Check(
        id="totp-users",
        severity=Severity.LOW,
        passes="nobody can have TOTP as a second factor",
        remedy="Tell these users, or offer them another second factor.",
        judge=_totp_users,
    ),
    Check(
        id="federated-only",
        severity=Severity.MEDIUM,
        passes="every app client signs in the pool's own users, too",
        remedy="Know it: for those apps a failover helps only users who have signed in before.",
        judge=_federated_only,
    ),
    Check(
        id="prefix-domain",
        severity=Severity.MEDIUM,
        passes="the pool has no prefix domain, which apps may use",
        remedy="Move those apps to a custom domain, and give that as ManagedLoginDomain.",
        judge=_prefix_domain,
    ),
)
