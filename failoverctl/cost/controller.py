"""What the controller's stack costs, without a latch."""

from failoverctl.cost.bill import Count, Known, Part
from failoverctl.cost.deployed import Stack
from failoverctl.cost.minute import Minute
from failoverctl.cost.pool import REPLICATED_USERS, USERS, Tier
from failoverctl.cost.prices import Item
from failoverctl.cost.running import COLD_STARTS_A_MONTH, Machine, running

TRANSITIONS_A_MONTH = 60
"""Assumed: events told a month. Twice as many would cost a tenth of a cent more."""

LEDGER_GIGABYTES = 0.01
"""Assumed, far above what a state, a few observations and the history of a year take."""

CANARIES = 2
"""Who sign in by turns, as the password is changed."""


def controller(minute: Minute, stack: Stack, machine: Machine, tier: Tier) -> Part:
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
    estimated, counted = Known.ESTIMATED, Known.COUNTED
    return Part(
        name="the controller",
        counts=(
            *running(minute, stack, machine),
            Count(what="CloudWatch dashboards", item=Item.DASHBOARDS, count=stack.dashboards, known=counted),
            Count(
                what="DynamoDB, history", item=Item.DYNAMODB_WRITE_UNITS, count=2 * TRANSITIONS_A_MONTH, known=estimated
            ),
            Count(
                what="DynamoDB, at starts",
                item=Item.DYNAMODB_READ_UNITS,
                count=2 * COLD_STARTS_A_MONTH,
                known=estimated,
            ),
            Count(what="DynamoDB, GB", item=Item.DYNAMODB_STORAGE, count=LEDGER_GIGABYTES, known=estimated),
            Count(what="DynamoDB, backups, GB", item=Item.DYNAMODB_RECOVERY, count=LEDGER_GIGABYTES, known=estimated),
            Count(what="EventBridge events", item=Item.EVENTS, count=TRANSITIONS_A_MONTH, known=estimated),
            Count(what="e-mails by SNS", item=Item.MESSAGES, count=TRANSITIONS_A_MONTH, known=estimated),
            Count(what="the same secret in the primary Region", item=Item.SECRETS, count=1, known=counted),
            Count(what="canary users", item=USERS[tier], count=CANARIES, known=counted),
            Count(what="canary users, replicated", item=REPLICATED_USERS[tier], count=CANARIES, known=counted),
        ),
    )
