"""Checks of quotas and sandboxes, which each account has per Region."""

from cognito_failover.common.region import RegionRole
from cognito_failover.core.preflight_result import CheckSeverity
from cognito_failover.preflight.check import CheckResult, PreflightCheck, failed, not_applicable, passed
from cognito_failover.preflight.facts import Snapshot
from cognito_failover.preflight.readers.pool import read_pool
from cognito_failover.preflight.readers.regional_services import (
    is_sms_sandboxed,
    read_ses_account,
    read_sign_in_limit,
    read_sms_spend_limit,
)


def _check_sign_in_limit(snapshot: Snapshot) -> CheckResult:
    regions = snapshot.settings.regions
    primary_limit, standby_limit = (
        snapshot.read(read_sign_in_limit, RegionRole.PRIMARY),
        snapshot.read(read_sign_in_limit, RegionRole.STANDBY),
    )
    message = f"Sign-ins per second: {primary_limit} in {regions.primary}, {standby_limit} in {regions.standby}."
    return passed(message) if standby_limit >= primary_limit else failed(message)


def _check_ses_sandbox(snapshot: Snapshot) -> CheckResult:
    region = snapshot.settings.standby_region
    configured = snapshot.read(read_pool, RegionRole.STANDBY).get("EmailConfiguration", {})
    if configured.get("EmailSendingAccount") != "DEVELOPER":
        return not_applicable(f"The pool in {region} does not send e-mail through this account's SES.")
    account = snapshot.read(read_ses_account, RegionRole.STANDBY)
    if not account.get("ProductionAccessEnabled"):
        return failed(f"SES in {region} is in the sandbox: it sends only to verified addresses.")
    if not account.get("SendingEnabled"):
        return failed(f"SES in {region} sends no e-mail: sending is disabled.")
    return passed(f"SES in {region} can send to all addresses.")


def _find_sns_region(snapshot: Snapshot, role: RegionRole) -> str:
    """Return the Region of the SNS that the pool sends text messages through. Empty if it sends none."""
    configured = snapshot.read(read_pool, role).get("SmsConfiguration") or {}
    return str(configured.get("SnsRegion") or snapshot.settings.regions[role]) if configured else ""


def _check_sms_sandbox(snapshot: Snapshot) -> CheckResult:
    region = _find_sns_region(snapshot, RegionRole.STANDBY)
    if not region:
        return not_applicable(f"The pool in {snapshot.settings.standby_region} sends no text messages.")
    if snapshot.read(is_sms_sandboxed, region):
        return failed(f"SNS in {region} is in the SMS sandbox: it sends only to verified numbers.")
    return passed(f"SNS in {region} can send text messages to all numbers.")


def _check_sms_spend_limit(snapshot: Snapshot) -> CheckResult:
    primary, standby = _find_sns_region(snapshot, RegionRole.PRIMARY), _find_sns_region(snapshot, RegionRole.STANDBY)
    if not primary or not standby:
        return not_applicable("The pool does not send text messages in both Regions.")
    primary_limit, standby_limit = (
        snapshot.read(read_sms_spend_limit, primary),
        snapshot.read(read_sms_spend_limit, standby),
    )
    message = f"Monthly limit for text messages: ${primary_limit:g} in {primary}, ${standby_limit:g} in {standby}."
    return passed(message) if standby_limit >= primary_limit else failed(message)


CHECKS = (
    PreflightCheck(
        id="quota-sign-in",
        severity=CheckSeverity.MEDIUM,
        criterion="the sign-ins per second that Cognito enforces in the standby Region are at least the primary's",
        remedy="Raise the provisioned limit there (UpdateProvisionedLimit), up to the quota. Beyond it, or with "
        "managed login, request an increase of the quota Rate of UserAuthentication requests.",
        evaluate=_check_sign_in_limit,
    ),
    PreflightCheck(
        id="ses-sandbox",
        severity=CheckSeverity.MEDIUM,
        criterion="SES in the standby Region can send to all addresses, if the pool uses it",
        remedy="Request production access for SES in the standby Region, and enable sending there.",
        evaluate=_check_ses_sandbox,
    ),
    PreflightCheck(
        id="sms-sandbox",
        severity=CheckSeverity.MEDIUM,
        criterion="SNS in the standby Region can send to all numbers, if the pool sends text messages",
        remedy="Request to leave the SMS sandbox of SNS in the Region that the message names.",
        evaluate=_check_sms_sandbox,
    ),
    PreflightCheck(
        id="sms-spend-limit",
        severity=CheckSeverity.MEDIUM,
        criterion="the standby's monthly spending limit for text messages is at least the primary's",
        remedy="Raise the standby's monthly spending limit for text messages in SNS.",
        evaluate=_check_sms_spend_limit,
    ),
)
