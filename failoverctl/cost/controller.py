"""Cost of the controller's stack, without latches."""

from failoverctl.cost.bill import Certainty, CostComponent, MeteredUsage
from failoverctl.cost.deployed import StackResources
from failoverctl.cost.function_usage import COLD_STARTS_PER_MONTH, ComputeConfig, list_function_usage
from failoverctl.cost.invocation_profile import InvocationProfile
from failoverctl.cost.pool import REPLICATED_USER_ITEMS, USER_ITEMS, PoolTier
from failoverctl.cost.prices import BillingItem

EVENTS_PER_MONTH = 60
"""Assumed: events per month. Twice as many cost a tenth of a cent more."""

LEDGER_GIGABYTES = 0.01
"""Assumed. Far more than the state, some observations and the history of a year need."""

CANARY_USERS = 2
"""The rotation of the password alternates between them."""


def estimate_controller(
    profile: InvocationProfile, resources: StackResources, compute: ComputeConfig, tier: PoolTier
) -> CostComponent:
    """Return the usage of a month without failures.

    Parameters
    ----------
    profile
        Measured usage of one invocation of the controller.
    resources
        Resources that the template deploys.
    compute
        Memory and processor of the functions.
    tier
        The pool's tier, for the canary users.

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
                description="replica of the secret, primary Region",
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
