"""Quotas and sandboxes, which every account has per Region."""

from cognito_failover.common.region import RegionRole
from cognito_failover.core.preflight_result import CheckSeverity
from cognito_failover.preflight.check import CheckResult, PreflightCheck, failed, not_applicable, passed
from cognito_failover.preflight.facts import Snapshot
from cognito_failover.preflight.readers.pool import read_pool
from cognito_failover.preflight.readers.regional_services import (
    is_sms_sandboxed,
    read_ses_account,
    read_sign_in_quota,
    read_sms_spend_limit,
)


def _check_sign_in_quota(snapshot: Snapshot) -> CheckResult:
    regions = snapshot.settings.regions
    primary_quota, standby_quota = (
        snapshot(read_sign_in_quota, RegionRole.PRIMARY),
        snapshot(read_sign_in_quota, RegionRole.STANDBY),
    )
    message = f"Sign-ins a second: {primary_quota:g} in {regions.primary}, {standby_quota:g} in {regions.standby}."
    return passed(message) if standby_quota >= primary_quota else failed(message)


def _check_ses_sandbox(snapshot: Snapshot) -> CheckResult:
    region = snapshot.settings.standby_region
    configured = snapshot(read_pool, RegionRole.STANDBY).get("EmailConfiguration", {})
    if configured.get("EmailSendingAccount") != "DEVELOPER":
        return not_applicable(f"The pool in {region} sends no e-mail through SES of this account.")
    account = snapshot(read_ses_account, RegionRole.STANDBY)
    if not account.get("ProductionAccessEnabled"):
        return failed(f"SES in {region} is in its sandbox: it sends to verified addresses only.")
    if not account.get("SendingEnabled"):
        return failed(f"SES in {region} sends nothing: sending is disabled.")
    return passed(f"SES in {region} may send to everybody.")


def _find_sns_region(snapshot: Snapshot, role: RegionRole) -> str:
    """Return through which Region the pool sends text messages; empty if it sends none."""
    configured = snapshot(read_pool, role).get("SmsConfiguration") or {}
    return str(configured.get("SnsRegion") or snapshot.settings.regions[role]) if configured else ""


def _check_sms_sandbox(snapshot: Snapshot) -> CheckResult:
    region = _find_sns_region(snapshot, RegionRole.STANDBY)
    if not region:
        return not_applicable(f"The pool in {snapshot.settings.standby_region} sends no text messages.")
    if snapshot(is_sms_sandboxed, region):
        return failed(f"SNS in {region} is in its SMS sandbox: it sends to verified numbers only.")
    return passed(f"SNS in {region} may send text messages to everybody.")


def _check_sms_spend_limit(snapshot: Snapshot) -> CheckResult:
    primary, standby = _find_sns_region(snapshot, RegionRole.PRIMARY), _find_sns_region(snapshot, RegionRole.STANDBY)
    if not primary or not standby:
        return not_applicable("The pool does not send text messages in both Regions.")
    primary_limit, standby_limit = snapshot(read_sms_spend_limit, primary), snapshot(read_sms_spend_limit, standby)
    message = f"For text messages a month: ${primary_limit:g} in {primary}, ${standby_limit:g} in {standby}."
    return passed(message) if standby_limit >= primary_limit else failed(message)


CHECKS = (
    PreflightCheck(
        id="quota-sign-in",
        severity=CheckSeverity.MEDIUM,
        criterion="the standby Region allows as many sign-ins a second as the primary",
        remedy="Ask for more in the standby Region (Service Quotas, Cognito, Rate of UserAuthentication requests).",
        evaluate=_check_sign_in_quota,
    ),
    PreflightCheck(
        id="ses-sandbox",
        severity=CheckSeverity.MEDIUM,
        criterion="SES in the standby Region may send to everybody, if the pool sends through it",
        remedy="Request production access for SES in the standby Region, and enable sending there.",
        evaluate=_check_ses_sandbox,
    ),
    PreflightCheck(
        id="sms-sandbox",
        severity=CheckSeverity.MEDIUM,
        criterion="so may SNS, if the pool sends text messages",
        remedy="Move SNS there out of its SMS sandbox.",
        evaluate=_check_sms_sandbox,
    ),
    PreflightCheck(
        id="sms-spend-limit",
        severity=CheckSeverity.MEDIUM,
        criterion="text messages may cost as much in the standby Region as on the primary",
        remedy="Raise the monthly limit for text messages there.",
        evaluate=_check_sms_spend_limit,
    ),
)
