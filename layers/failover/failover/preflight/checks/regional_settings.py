"""What Cognito does not replicate, compared between the two Regions."""

from collections.abc import Mapping
from typing import Any

from failover.decision.preflight import Severity
from failover.preflight.check import Check, Judgement, failed, passed
from failover.preflight.facts import Facts
from failover.preflight.reading.pool import log_exports, pool, risk_configuration
from failover.preflight.reading.surroundings import web_acl
from failover.region import PerSide, Side

_DEFAULT_MAIL = {"EmailSendingAccount": "COGNITO_DEFAULT"}
_NOTIFY = "NotifyConfiguration"


def _of_pool(facts: Facts, name: str, default: Mapping[str, Any]) -> PerSide[Mapping[str, Any]]:
    def read(side: Side) -> Mapping[str, Any]:
        return facts(pool, side).get(name) or default

    return PerSide(primary=read(Side.PRIMARY), standby=read(Side.STANDBY))


def _regionless(value: Any, regions: PerSide[str]) -> Any:
    """Return a value with no Region in its ARNs: the same thing has another ARN in each."""
    if isinstance(value, Mapping):
        return {name: _regionless(each, regions) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_regionless(each, regions) for each in value]
    if isinstance(value, str) and value.startswith("arn:"):
        for _, region in regions:
            value = value.replace(f":{region}:", ":*:")
    return value


def _alike(facts: Facts, what: str, found: PerSide[Mapping[str, Any]]) -> Judgement:
    """Compare settings name by name."""
    regions = facts.settings.regions
    here, there = (_regionless(each, regions) for _, each in found)
    differing = sorted(name for name in {*here, *there} if here.get(name) != there.get(name))
    if not differing:
        return passed(f"{what}: alike in both Regions.")
    lacking = [name for name in differing if name not in there]
    if lacking == differing:
        return failed(f"{what}: {', '.join(lacking)} set in {regions.primary}, and not in {regions.standby}.")
    return failed(f"{what}: {', '.join(differing)} differ between {regions.primary} and {regions.standby}.")


def _mail(facts: Facts) -> Judgement:
    return _alike(facts, "E-mail", _of_pool(facts, "EmailConfiguration", _DEFAULT_MAIL))


def _text_messages(facts: Facts) -> Judgement:
    regions, found = facts.settings.regions, _of_pool(facts, "SmsConfiguration", {})
    through = found.standby.get("SnsRegion", "")
    if through == regions.primary:
        return failed(f"SMS: the pool in {regions.standby} sends through SNS in {regions.primary}.")
    # Each Region sends through an SNS of its own choice.
    names: PerSide[Mapping[str, Any]] = PerSide(
        primary={name: value for name, value in found.primary.items() if name != "SnsRegion"},
        standby={name: value for name, value in found.standby.items() if name != "SnsRegion"},
    )
    return _alike(facts, "SMS", names)


def _tags(facts: Facts) -> Judgement:
    return _alike(facts, "Tags", _of_pool(facts, "UserPoolTags", {}))


def _risk(facts: Facts, side: Side) -> Mapping[str, Any]:
    """Return threat protection's settings, without what names the pool or when they were made."""
    found = facts(risk_configuration, side)
    return {name: value for name, value in found.items() if name not in {"UserPoolId", "ClientId", "LastModifiedDate"}}


def _notifications(configuration: Mapping[str, Any]) -> Mapping[str, Any]:
    return dict(configuration.get("AccountTakeoverRiskConfiguration", {}).get(_NOTIFY, {}))


def _threat_mail(facts: Facts) -> Judgement:
    found = PerSide(
        primary=_notifications(_risk(facts, Side.PRIMARY)), standby=_notifications(_risk(facts, Side.STANDBY))
    )
    return _alike(facts, "Threat protection's e-mail", found)


def _threat_protection(facts: Facts) -> Judgement:
    def rest(side: Side) -> Mapping[str, Any]:
        found = dict(_risk(facts, side))
        if takeover := found.get("AccountTakeoverRiskConfiguration"):
            found["AccountTakeoverRiskConfiguration"] = {
                name: value for name, value in takeover.items() if name != _NOTIFY
            }
        return found

    return _alike(facts, "Threat protection", PerSide(primary=rest(Side.PRIMARY), standby=rest(Side.STANDBY)))


def _logs(facts: Facts) -> Judgement:
    here, there = facts(log_exports, Side.PRIMARY), facts(log_exports, Side.STANDBY)
    missing = sorted(f"{source} ({level})" for source, level in here - there)
    if missing:
        return failed(f"Log export: {', '.join(missing)} not exported in {facts.settings.standby_region}.")
    return passed("Log export: what the primary exports, the standby does, too.")


def _firewall(facts: Facts) -> Judgement:
    regions = facts.settings.regions
    here, there = facts(web_acl, Side.PRIMARY), facts(web_acl, Side.STANDBY)
    if bool(here) == bool(there):
        return passed(f"Web ACLs: {here or 'none'} in {regions.primary}, {there or 'none'} in {regions.standby}.")
    with_one, without = (regions.primary, regions.standby) if here else (regions.standby, regions.primary)
    return failed(f"Web ACLs: {here or there} protects the pool in {with_one}, and none does in {without}.")


CHECKS = (
    Check(
        id="email-alike",
        severity=Severity.MEDIUM,
        passes="both Regions send e-mail in the same way",
        remedy="Set EmailConfiguration of the pool in the standby Region (UpdateUserPool there), with an identity that "
        "SES has verified in that Region.",
        judge=_mail,
    ),
    Check(
        id="sms-alike",
        severity=Severity.MEDIUM,
        passes="both send text messages in the same way, and the standby not through the primary Region",
        remedy="Set SmsConfiguration of the pool in the standby Region, with an SnsRegion other than the primary.",
        judge=_text_messages,
    ),
    Check(
        id="threat-email-alike",
        severity=Severity.MEDIUM,
        passes="threat protection sends its e-mail in the same way in both",
        remedy="Set NotifyConfiguration in the standby Region (SetRiskConfiguration there).",
        judge=_threat_mail,
    ),
    Check(
        id="risk-alike",
        severity=Severity.MEDIUM,
        passes="threat protection's other settings are the same in both",
        remedy="Set them in the standby Region as on the primary (SetRiskConfiguration there).",
        judge=_threat_protection,
    ),
    Check(
        id="logs-alike",
        severity=Severity.MEDIUM,
        passes="the standby exports every log that the primary does",
        remedy="Set log delivery in the standby Region (SetLogDeliveryConfiguration there).",
        judge=_logs,
    ),
    Check(
        id="waf-alike",
        severity=Severity.MEDIUM,
        passes="the pool is behind a web ACL in both Regions, or in neither",
        remedy="Associate a web ACL with the pool in the Region that lacks one; it must let the canary sign in.",
        judge=_firewall,
    ),
    Check(
        id="tags-alike",
        severity=Severity.LOW,
        passes="the pool's tags are the same in both",
        remedy="Tag the pool in the standby Region (TagResource with its ARN there).",
        judge=_tags,
    ),
)
