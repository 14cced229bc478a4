"""Checks for users and apps that a replica can't serve."""

from cognito_failover.core.preflight_result import CheckSeverity
from cognito_failover.preflight.check import CheckResult, PreflightCheck, failed, passed
from cognito_failover.preflight.facts import ServiceResponse, Snapshot
from cognito_failover.preflight.readers.pool import read_app_clients, read_mfa_config, read_replicated_settings


def _has_totp(configured: ServiceResponse) -> bool:
    return bool(configured.get("SoftwareTokenMfaConfiguration", {}).get("Enabled"))


def _has_other_factor(configured: ServiceResponse) -> bool:
    return bool(configured.get("SmsMfaConfiguration") or configured.get("EmailMfaConfiguration"))


def _check_totp_required(snapshot: Snapshot) -> CheckResult:
    configured = snapshot.read(read_mfa_config)
    if configured.get("MfaConfiguration") == "ON" and _has_totp(configured) and not _has_other_factor(configured):
        return failed("All users need a TOTP code, which a replica can't verify: no user could sign in there.")
    return passed("The pool does not require TOTP of all users.")


def _check_totp_users(snapshot: Snapshot) -> CheckResult:
    configured = snapshot.read(read_mfa_config)
    if configured.get("MfaConfiguration") != "OFF" and _has_totp(configured):
        return failed("Users may have TOTP as their second factor. These users can't sign in to the replica.")
    return passed("Users can't have TOTP as a second factor.")


def _check_federated_only(snapshot: Snapshot) -> CheckResult:
    clients = snapshot.read(read_app_clients)
    federated_clients = [
        str(client.get("ClientName", client["ClientId"]))
        for client in clients.described
        if client.get("SupportedIdentityProviders") and "COGNITO" not in client["SupportedIdentityProviders"]
    ]
    if federated_clients:
        return failed(
            f"App clients with only external identity providers: {', '.join(federated_clients)}. Their users "
            "can sign in to the replica only if they have signed in to the primary before."
        )
    number = len(clients.described)
    if number < clients.total:
        return passed(f"{number} of {clients.total} app clients support the pool's own users. Each hour checks others.")
    return passed(f"All {number} app clients support the pool's own users.")


def _check_prefix_domain(snapshot: Snapshot) -> CheckResult:
    domain = snapshot.read(read_replicated_settings).get("Domain", "")
    if domain:
        return failed(f"Apps that use the prefix domain {domain} stay in the primary Region: it has no failover.")
    return passed("The pool has no prefix domain.")


CHECKS = (
    PreflightCheck(
        id="totp-required",
        severity=CheckSeverity.HIGH,
        criterion="TOTP is not required as a second factor for all users",
        remedy="Also enable SMS or e-mail as a second factor, or make the second factor optional.",
        evaluate=_check_totp_required,
    ),
    PreflightCheck(
        id="totp-users",
        severity=CheckSeverity.LOW,
        criterion="no user can have TOTP as a second factor",
        remedy="Inform these users, or enable another second factor for them.",
        evaluate=_check_totp_users,
    ),
    PreflightCheck(
        id="federated-only",
        severity=CheckSeverity.MEDIUM,
        criterion="every app client supports the pool's own users",
        remedy="Plan for it: in a failover, these apps work only for users who have signed in before.",
        evaluate=_check_federated_only,
    ),
    PreflightCheck(
        id="prefix-domain",
        severity=CheckSeverity.MEDIUM,
        criterion="the pool has no prefix domain",
        remedy="Move the apps that use it to a custom domain, and set that domain as ManagedLoginDomain.",
        evaluate=_check_prefix_domain,
    ),
)
