"""Checks that compare settings that Cognito does not replicate."""

from collections.abc import Mapping
from typing import Any

from cognito_failover.common.region import PerRole, RegionRole
from cognito_failover.core.preflight_result import CheckSeverity
from cognito_failover.preflight.check import CheckResult, PreflightCheck, failed, passed
from cognito_failover.preflight.facts import Snapshot
from cognito_failover.preflight.readers.pool import read_log_exports, read_pool, read_risk_configuration
from cognito_failover.preflight.readers.regional_services import read_web_acl_name

_DEFAULT_EMAIL_CONFIGURATION = {"EmailSendingAccount": "COGNITO_DEFAULT"}
_NOTIFY_CONFIGURATION = "NotifyConfiguration"


def _read_pool_setting(snapshot: Snapshot, name: str, default: Mapping[str, Any]) -> PerRole[Mapping[str, Any]]:
    def read(role: RegionRole) -> Mapping[str, Any]:
        return snapshot.read(read_pool, role).get(name) or default

    return PerRole(primary=read(RegionRole.PRIMARY), standby=read(RegionRole.STANDBY))


def _without_region(value: Any, regions: PerRole[str]) -> Any:
    """Return a value without the Region in its ARNs, as the same resource has another ARN in each Region."""
    if isinstance(value, Mapping):
        return {name: _without_region(item, regions) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_region(item, regions) for item in value]
    if isinstance(value, str) and value.startswith("arn:"):
        for _, region in regions:
            value = value.replace(f":{region}:", ":*:")
    return value


def _check_settings_match(
    snapshot: Snapshot, description: str, settings_by_role: PerRole[Mapping[str, Any]]
) -> CheckResult:
    """Return the result of a comparison, setting by setting."""
    regions = snapshot.settings.regions
    primary, standby = (_without_region(settings, regions) for _, settings in settings_by_role)
    differing = sorted(name for name in {*primary, *standby} if primary.get(name) != standby.get(name))
    if not differing:
        return passed(f"{description}: the same in both Regions.")
    missing = [name for name in differing if name not in standby]
    if missing == differing:
        return failed(f"{description}: {', '.join(missing)} set in {regions.primary}, but not in {regions.standby}.")
    return failed(
        f"{description}: different values in {regions.primary} and {regions.standby} for {', '.join(differing)}."
    )


def _check_email(snapshot: Snapshot) -> CheckResult:
    return _check_settings_match(
        snapshot, "E-mail", _read_pool_setting(snapshot, "EmailConfiguration", _DEFAULT_EMAIL_CONFIGURATION)
    )


def _check_sms(snapshot: Snapshot) -> CheckResult:
    regions, settings_by_role = snapshot.settings.regions, _read_pool_setting(snapshot, "SmsConfiguration", {})
    sns_region = settings_by_role.standby.get("SnsRegion", "")
    if sns_region == regions.primary:
        return failed(f"SMS: the pool in {regions.standby} sends through SNS in {regions.primary}.")
    # The Region of SNS may differ between the two Regions.
    names: PerRole[Mapping[str, Any]] = PerRole(
        primary={name: value for name, value in settings_by_role.primary.items() if name != "SnsRegion"},
        standby={name: value for name, value in settings_by_role.standby.items() if name != "SnsRegion"},
    )
    return _check_settings_match(snapshot, "SMS", names)


def _check_tags(snapshot: Snapshot) -> CheckResult:
    return _check_settings_match(snapshot, "Tags", _read_pool_setting(snapshot, "UserPoolTags", {}))


def _read_risk_settings(snapshot: Snapshot, role: RegionRole) -> Mapping[str, Any]:
    """Return threat protection's settings, without the pool's ids and the modification date."""
    configuration = snapshot.read(read_risk_configuration, role)
    return {
        name: value
        for name, value in configuration.items()
        if name not in {"UserPoolId", "ClientId", "LastModifiedDate"}
    }


def _extract_notifications(configuration: Mapping[str, Any]) -> Mapping[str, Any]:
    return dict(configuration.get("AccountTakeoverRiskConfiguration", {}).get(_NOTIFY_CONFIGURATION, {}))


def _check_threat_email(snapshot: Snapshot) -> CheckResult:
    settings_by_role = PerRole(
        primary=_extract_notifications(_read_risk_settings(snapshot, RegionRole.PRIMARY)),
        standby=_extract_notifications(_read_risk_settings(snapshot, RegionRole.STANDBY)),
    )
    return _check_settings_match(snapshot, "Threat protection's e-mail", settings_by_role)


def _check_threat_protection(snapshot: Snapshot) -> CheckResult:
    def read_other_settings(role: RegionRole) -> Mapping[str, Any]:
        risk_settings = dict(_read_risk_settings(snapshot, role))
        if takeover := risk_settings.get("AccountTakeoverRiskConfiguration"):
            risk_settings["AccountTakeoverRiskConfiguration"] = {
                name: value for name, value in takeover.items() if name != _NOTIFY_CONFIGURATION
            }
        return risk_settings

    return _check_settings_match(
        snapshot,
        "Threat protection",
        PerRole(primary=read_other_settings(RegionRole.PRIMARY), standby=read_other_settings(RegionRole.STANDBY)),
    )


def _check_log_exports(snapshot: Snapshot) -> CheckResult:
    primary, standby = (
        snapshot.read(read_log_exports, RegionRole.PRIMARY),
        snapshot.read(read_log_exports, RegionRole.STANDBY),
    )
    missing = sorted(f"{source} ({level})" for source, level in primary - standby)
    if missing:
        return failed(f"Log export: {', '.join(missing)} not exported in {snapshot.settings.standby_region}.")
    return passed("Log export: the standby exports all logs that the primary exports.")


def _check_web_acl(snapshot: Snapshot) -> CheckResult:
    regions = snapshot.settings.regions
    primary_acl, standby_acl = (
        snapshot.read(read_web_acl_name, RegionRole.PRIMARY),
        snapshot.read(read_web_acl_name, RegionRole.STANDBY),
    )
    if bool(primary_acl) == bool(standby_acl):
        return passed(
            f"Web ACLs: {primary_acl or 'none'} in {regions.primary}, {standby_acl or 'none'} in {regions.standby}."
        )
    protected_region, unprotected_region = (
        (regions.primary, regions.standby) if primary_acl else (regions.standby, regions.primary)
    )
    return failed(
        f"Web ACLs: {primary_acl or standby_acl} protects the pool in {protected_region}. The pool in "
        f"{unprotected_region} has no web ACL."
    )


CHECKS = (
    PreflightCheck(
        id="email-alike",
        severity=CheckSeverity.MEDIUM,
        criterion="both Regions have the same e-mail settings",
        remedy="Set EmailConfiguration of the pool in the standby Region (UpdateUserPool there), with an identity that "
        "SES has verified in that Region.",
        evaluate=_check_email,
    ),
    PreflightCheck(
        id="sms-alike",
        severity=CheckSeverity.MEDIUM,
        criterion="both Regions have the same SMS settings, and the standby does not send through the primary Region",
        remedy="Set SmsConfiguration of the pool in the standby Region (UpdateUserPool there), with an SnsRegion other "
        "than the primary Region.",
        evaluate=_check_sms,
    ),
    PreflightCheck(
        id="threat-email-alike",
        severity=CheckSeverity.MEDIUM,
        criterion="threat protection has the same e-mail settings in both Regions",
        remedy="Set NotifyConfiguration in the standby Region (SetRiskConfiguration there).",
        evaluate=_check_threat_email,
    ),
    PreflightCheck(
        id="risk-alike",
        severity=CheckSeverity.MEDIUM,
        criterion="threat protection's other settings are the same in both Regions",
        remedy="Copy the settings from the primary to the standby Region (SetRiskConfiguration there).",
        evaluate=_check_threat_protection,
    ),
    PreflightCheck(
        id="logs-alike",
        severity=CheckSeverity.MEDIUM,
        criterion="the standby exports every log that the primary exports",
        remedy="Set log delivery in the standby Region (SetLogDeliveryConfiguration there).",
        evaluate=_check_log_exports,
    ),
    PreflightCheck(
        id="waf-alike",
        severity=CheckSeverity.MEDIUM,
        criterion="the pool has a web ACL in both Regions, or in neither",
        remedy="Associate a web ACL with the pool in the Region without one. It must permit the canary's sign-ins.",
        evaluate=_check_web_acl,
    ),
    PreflightCheck(
        id="tags-alike",
        severity=CheckSeverity.LOW,
        criterion="the pool's tags are the same in both Regions",
        remedy="Tag the pool in the standby Region (TagResource with its ARN there).",
        evaluate=_check_tags,
    ),
)
