"""Check of the subscriptions to notifications."""

from cognito_failover.core.preflight_result import CheckSeverity
from cognito_failover.preflight.check import CheckResult, PreflightCheck, failed, passed
from cognito_failover.preflight.facts import Snapshot
from cognito_failover.preflight.readers.regional_services import list_subscriptions


def _check_subscribed(snapshot: Snapshot) -> CheckResult:
    subscriptions = snapshot.read(list_subscriptions)
    # Without a confirmation, SNS lists "PendingConfirmation" instead of an ARN; for an ended subscription, "Deleted".
    confirmed = [each for each in subscriptions if each["SubscriptionArn"].startswith("arn:")]
    others = len(subscriptions) - len(confirmed)
    note = f" Pending or ended: {others}." if others else ""
    if not confirmed:
        return failed(f"The topic of notifications has no confirmed subscription, so no one learns of a move.{note}")
    return passed(f"Confirmed subscriptions to the topic of notifications: {len(confirmed)}.{note}")


CHECKS = (
    PreflightCheck(
        id="notifications-subscribed",
        severity=CheckSeverity.HIGH,
        criterion="the topic of notifications has a confirmed subscription",
        remedy="Confirm SNS's subscription mail with --authenticate-on-unsubscribe. If it has expired or ended, "
        "subscribe again.",
        evaluate=_check_subscribed,
    ),
)
