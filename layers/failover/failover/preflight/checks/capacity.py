"""Quotas and sandboxes, which every account has per Region."""

from failover.decision.preflight import Severity
from failover.preflight.check import Check, Judgement, failed, not_applicable, passed
from failover.preflight.facts import Facts
from failover.preflight.reading.pool import pool
from failover.preflight.reading.surroundings import (
    mail_account,
    sign_in_quota,
    text_message_limit,
    text_messages_in_sandbox,
)
from failover.region import Side


def _quota(facts: Facts) -> Judgement:
    regions = facts.settings.regions
    here, there = facts(sign_in_quota, Side.PRIMARY), facts(sign_in_quota, Side.STANDBY)
    sentence = f"Sign-ins a second: {here:g} in {regions.primary}, {there:g} in {regions.standby}."
    return passed(sentence) if there >= here else failed(sentence)


def _mail(facts: Facts) -> Judgement:
    region = facts.settings.standby_region
    configured = facts(pool, Side.STANDBY).get("EmailConfiguration", {})
    if configured.get("EmailSendingAccount") != "DEVELOPER":
        return not_applicable(f"The pool in {region} sends no e-mail through SES of this account.")
    account = facts(mail_account, Side.STANDBY)
    if not account.get("ProductionAccessEnabled"):
        return failed(f"SES in {region} is in its sandbox: it sends to verified addresses only.")
    if not account.get("SendingEnabled"):
        return failed(f"SES in {region} sends nothing: sending is disabled.")
    return passed(f"SES in {region} may send to everybody.")


def _sns_region(facts: Facts, side: Side) -> str:
    """Return through which Region the pool sends text messages; empty if it sends none."""
    configured = facts(pool, side).get("SmsConfiguration") or {}
    return str(configured.get("SnsRegion") or facts.settings.regions[side]) if configured else ""


def _text_messages(facts: Facts) -> Judgement:
    region = _sns_region(facts, Side.STANDBY)
    if not region:
        return not_applicable(f"The pool in {facts.settings.standby_region} sends no text messages.")
    if facts(text_messages_in_sandbox, region):
        return failed(f"SNS in {region} is in its SMS sandbox: it sends to verified numbers only.")
    return passed(f"SNS in {region} may send text messages to everybody.")


def _spending(facts: Facts) -> Judgement:
    primary, standby = _sns_region(facts, Side.PRIMARY), _sns_region(facts, Side.STANDBY)
    if not primary or not standby:
        return not_applicable("The pool does not send text messages in both Regions.")
    here, there = facts(text_message_limit, primary), facts(text_message_limit, standby)
    sentence = f"For text messages a month: ${here:g} in {primary}, ${there:g} in {standby}."
    return passed(sentence) if there >= here else failed(sentence)


CHECKS = (
    Check(
        id="quota-sign-in",
        severity=Severity.MEDIUM,
        passes="the standby Region allows as many sign-ins a second as the primary",
        remedy="Ask for more in the standby Region (Service Quotas, Cognito, Rate of UserAuthentication requests).",
        judge=_quota,
    ),
    Check(
        id="ses-sandbox",
        severity=Severity.MEDIUM,
        passes="SES in the standby Region may send to everybody, if the pool sends through it",
        remedy="Request production access for SES in the standby Region, and enable sending there.",
        judge=_mail,
    ),
    Check(
        id="sms-sandbox",
        severity=Severity.MEDIUM,
        passes="so may SNS, if the pool sends text messages",
        remedy="Move SNS there out of its SMS sandbox.",
        judge=_text_messages,
    ),
    Check(
        id="sms-spend-limit",
        severity=Severity.MEDIUM,
        passes="text messages may cost as much in the standby Region as on the primary",
        remedy="Raise the monthly limit for text messages there.",
        judge=_spending,
    ),
)
