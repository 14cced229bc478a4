"""Subscriptions that reach someone, and those that are pending or ended."""

import pytest

from cognito_failover.core.preflight_result import CheckOutcome
from cognito_failover.preflight.readers.regional_services import list_subscriptions
from tests.unit.preflight.stub_facts import run_check

CONFIRMED = "arn:aws:sns:us-east-1:111122223333:notifications:1"


@pytest.mark.parametrize(
    ("arns", "outcome"),
    [
        ((), CheckOutcome.FAILED),
        (("PendingConfirmation",), CheckOutcome.FAILED),
        (("Deleted", "PendingConfirmation"), CheckOutcome.FAILED),
        ((CONFIRMED,), CheckOutcome.PASSED),
        (("Deleted", CONFIRMED, "PendingConfirmation"), CheckOutcome.PASSED),
    ],
)
def test_only_confirmed_subscriptions_reach_someone(arns: tuple[str, ...], outcome: CheckOutcome) -> None:
    subscriptions = [{"SubscriptionArn": arn} for arn in arns]
    result = run_check("notifications-subscribed", {list_subscriptions: subscriptions})

    assert result.outcome is outcome
    others = [arn for arn in arns if arn != CONFIRMED]
    assert (f"Pending or ended: {len(others)}" in result.message) is bool(others)
