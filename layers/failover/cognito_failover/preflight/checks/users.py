"""Users and apps that a replica can't serve."""

from cognito_failover.core.preflight_result import CheckSeverity
from cognito_failover.preflight.check import CheckResult, PreflightCheck, failed, passed
from cognito_failover.preflight.facts import ServiceResponse, Snapshot
from cognito_failover.preflight.readers.pool import read_app_clients, read_mfa_config, read_replicated_settings


def _has_totp(configured: ServiceResponse) -> bool:
    return bool(configured.get("SoftwareTokenMfaConfiguration", {}).get("Enabled"))


def _has_other_factor(configured: ServiceResponse) -> bool:
    return bool(configured.get("SmsMfaConfiguration") or configured.get("EmailMfaConfiguration"))


def _check_totp_required(snapshot: Snapshot) -> CheckResult:
    configured = snapshot(read_mfa_config)
    if configured.get("MfaConfiguration") == "ON" and _has_totp(configured) and not _has_other_factor(configured):
        return failed("Everybody must give a TOTP code, which a replica can't check: nobody could sign in there.")
    return passed("Nobody has to give a TOTP code for want of another second factor.")


def _check_totp_users(snapshot: Snapshot) -> CheckResult:
    configured = snapshot(read_mfa_config)
    if configured.get("MfaConfiguration") != "OFF" and _has_totp(configured):
        return failed("Users may have TOTP as their second factor; those can't sign in on the replica.")
    return passed("Nobody has TOTP as a second factor.")


def _check_federated_only(snapshot: Snapshot) -> CheckResult:
    clients = snapshot(read_app_clients)
    federated_clients = [
        str(each.get("ClientName", each["ClientId"]))
        for each in clients
        if each.get("SupportedIdentityProviders") and "COGNITO" not in each["SupportedIdentityProviders"]
    ]
    if federated_clients:
        return failed(
            f"{', '.join(federated_clients)} sign users in through other identity providers only: whoever has not signed in to the "
            f"primary before can't on the replica."
        )
    return passed(f"All {len(clients)} app clients sign the pool's own users in.")


def _check_prefix_domain(snapshot: Snapshot) -> CheckResult:
    domain = snapshot(read_replicated_settings).get("Domain", "")
    if domain:
        return failed(f"Apps that use the prefix domain {domain} stay on the primary: it has no failover.")
    return passed("The pool has no prefix domain.")


CHECKS = (
    PreflightCheck(
        id="totp-required",
        severity=CheckSeverity.HIGH,
        criterion="TOTP is not required as a second factor for all users",
        remedy="Offer SMS or e-mail as a second factor too, or make the second factor optional.",
        evaluate=_check_totp_required,
    ),
    PreflightCheck(
        id="totp-users",
        severity=CheckSeverity.LOW,
        criterion="no user can have TOTP as a second factor",
        remedy="Tell these users, or offer them another second factor.",
        evaluate=_check_totp_users,
    ),
    PreflightCheck(
        id="federated-only",
        severity=CheckSeverity.MEDIUM,
        criterion="every app client signs in the pool's own users, too",
        remedy="Know it: for those apps a failover helps only users who have signed in before.",
        evaluate=_check_federated_only,
    ),
    PreflightCheck(
        id="prefix-domain",
        severity=CheckSeverity.MEDIUM,
        criterion="the pool has no prefix domain, which apps may use",
        remedy="Move those apps to a custom domain, and give that as ManagedLoginDomain.",
        evaluate=_check_prefix_domain,
    ),
)
