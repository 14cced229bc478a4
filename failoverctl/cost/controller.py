"""What the controller's stack costs, without a latch."""

from failoverctl.cost.bill import Certainty, CostComponent, MeteredUsage
from failoverctl.cost.deployed import StackResources
from failoverctl.cost.function_usage import COLD_STARTS_PER_MONTH, ComputeConfig, list_function_usage
from failoverctl.cost.invocation_profile import InvocationProfile
from failoverctl.cost.pool import REPLICATED_USER_ITEMS, USER_ITEMS, PoolTier
from failoverctl.cost.prices import BillingItem

EVENTS_PER_MONTH = 60
"""Assumed: events told a month. Twice as many would cost a tenth of a cent more."""

LEDGER_GIGABYTES = 0.01
"""Assumed, far above what a state, a few observations and the history of a year take."""

CANARY_USERS = 2
"""Who sign in by turns, as the password is changed."""


def estimate_controller(
    profile: InvocationProfile, resources: StackResources, compute: ComputeConfig, tier: PoolTier
) -> CostComponent:
    """Return what there is to pay for a month in which nothing fails.

    Parameters
    ----------
    minute
        What one invocation of the controller was seen to do.
    stack
        What its template deploys besides.
    machine
        What its functions run on.
    tier
        The pool's, for the canary's users.

    """
    estimated, counted = Certainty.ESTIMATED, Certainty.COUNTED
    return CostComponent(
        name="the controller",
        usage=(
            *list_function_usage(profile, resources, compute),
            MeteredUsage(
                description="CloudWatch dashboards",
                item=BillingItem.DASHBOARDS,
                quantity=resources.dashboards,
                certainty=counted,
            ),
            MeteredUsage(
                description="DynamoDB, history",
                item=BillingItem.DYNAMODB_WRITE_UNITS,
                quantity=2 * EVENTS_PER_MONTH,
                certainty=estimated,
            ),
            MeteredUsage(
                description="DynamoDB, at starts",
                item=BillingItem.DYNAMODB_READ_UNITS,
                quantity=2 * COLD_STARTS_PER_MONTH,
                certainty=estimated,
            ),
            MeteredUsage(
                description="DynamoDB, GB",
                item=BillingItem.DYNAMODB_STORAGE,
                quantity=LEDGER_GIGABYTES,
                certainty=estimated,
            ),
            MeteredUsage(
                description="DynamoDB, backups, GB",
                item=BillingItem.DYNAMODB_RECOVERY,
                quantity=LEDGER_GIGABYTES,
                certainty=estimated,
            ),
            MeteredUsage(
                description="EventBridge events",
                item=BillingItem.EVENTS,
                quantity=EVENTS_PER_MONTH,
                certainty=estimated,
            ),
            MeteredUsage(
                description="e-mails by SNS", item=BillingItem.MESSAGES, quantity=EVENTS_PER_MONTH, certainty=estimated
            ),
            MeteredUsage(
                description="the same secret in the primary Region",
                item=BillingItem.SECRETS,
                quantity=1,
                certainty=counted,
            ),
            MeteredUsage(description="canary users", item=USER_ITEMS[tier], quantity=CANARY_USERS, certainty=counted),
            MeteredUsage(
                description="canary users, replicated",
                item=REPLICATED_USER_ITEMS[tier],
                quantity=CANARY_USERS,
                certainty=counted,
            ),
        ),
    )
