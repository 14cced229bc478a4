"""Cost of optional components: latches, observers, the front."""

from collections.abc import Iterator
from enum import StrEnum

from failoverctl.cost.bill import Certainty, CostComponent, MeteredUsage
from failoverctl.cost.deployed import StackResources
from failoverctl.cost.function_usage import (
    BYTES_PER_GIGABYTE,
    LOG_COMPRESSION_RATIO,
    MINUTES_PER_MONTH,
    ComputeConfig,
    list_function_usage,
)
from failoverctl.cost.invocation_profile import InvocationProfile
from failoverctl.cost.pool import REGION_COUNT
from failoverctl.cost.prices import BillingItem


class LatchType(StrEnum):
    """Type of the latches: the template's parameter of this name."""

    NONE = "none"
    OBJECT = "object"
    METRIC = "metric"


HEALTH_CHECKERS, CHECK_INTERVAL_SECONDS = 16, 10
"""Assumed: number of health checkers that request a latch's object, and their interval.

S3 may not bill requests for a missing object."""

OBJECT_CHECK_FEATURES = 3
"""Billed features: HTTPS, string matching and the short interval."""

STANDBY_CHECK_FEATURES = 1
"""Billed feature: the short interval. The check of the standby's target only opens a connection."""

RULES_PER_WEB_ACL = 2
"""Rules of the front's web ACL."""

ACCESS_LOG_BYTES_PER_REQUEST = 300
"""Size of a line in the front's access log."""


def estimate_latches(latch_type: LatchType, *, records: bool, managed_login: bool) -> CostComponent:
    """Return the usage of the latches. The controller checks each once a minute.

    Parameters
    ----------
    latch_type
        Type of the latches.
    records, managed_login
        Whether there is a latch for weighted records, and one for Cognito's own domain.

    """
    latch_count = records + managed_login
    return CostComponent(
        name=f"the latch, as {latch_type}",
        usage=tuple(_list_latch_usage(latch_type, latch_count, is_standby_checked=records)),
    )


def _list_latch_usage(latch_type: LatchType, latch_count: int, *, is_standby_checked: bool) -> Iterator[MeteredUsage]:
    if latch_type is LatchType.NONE or not latch_count:
        return
    counted, estimated = Certainty.COUNTED, Certainty.ESTIMATED
    checks = latch_count + is_standby_checked
    features = is_standby_checked * STANDBY_CHECK_FEATURES + latch_count * OBJECT_CHECK_FEATURES * (
        latch_type is LatchType.OBJECT
    )
    yield MeteredUsage(
        description="Route 53 health checks", item=BillingItem.HEALTH_CHECKS, quantity=checks, certainty=counted
    )
    yield MeteredUsage(
        description="their features", item=BillingItem.HEALTH_CHECK_FEATURES, quantity=features, certainty=counted
    )
    if latch_type is LatchType.OBJECT:
        requests = HEALTH_CHECKERS / CHECK_INTERVAL_SECONDS * 60 * MINUTES_PER_MONTH
        yield MeteredUsage(
            description="S3, by health checkers",
            item=BillingItem.OBJECT_READS,
            quantity=latch_count * requests,
            certainty=estimated,
        )
        yield MeteredUsage(
            description="S3, by the controller",
            item=BillingItem.OBJECT_READS,
            quantity=latch_count * MINUTES_PER_MONTH,
            certainty=counted,
        )
        return
    yield MeteredUsage(
        description="CloudWatch, calls",
        item=BillingItem.CLOUDWATCH_CALLS,
        quantity=latch_count * MINUTES_PER_MONTH,
        certainty=counted,
    )
    yield MeteredUsage(
        description="CloudWatch metrics", item=BillingItem.CLOUDWATCH_METRICS, quantity=latch_count, certainty=counted
    )
    yield MeteredUsage(
        description="CloudWatch alarms", item=BillingItem.CLOUDWATCH_ALARMS, quantity=latch_count, certainty=counted
    )


def estimate_observers(
    number: int, profile: InvocationProfile, resources: StackResources, compute: ComputeConfig
) -> CostComponent:
    """Return the usage of observers, each in its own Region.

    Parameters
    ----------
    number
        Number of observers.
    profile
        Measured usage of one invocation of an observer.
    resources
        Resources that the observer's template deploys.
    compute
        Memory and processor of the function.

    """
    usage = tuple(
        MeteredUsage(
            description=single.description,
            item=single.item,
            quantity=number * single.quantity,
            certainty=single.certainty,
        )
        for single in list_function_usage(profile, resources, compute)
    )
    return CostComponent(name=f"{number} observer{'s' if number > 1 else ''}", usage=usage)


def estimate_front(requests: float, profile: InvocationProfile, resources: StackResources) -> CostComponent:
    """Return the usage of the front in both Regions.

    Parameters
    ----------
    requests
        Requests of users per month. All go through the active Region's front.
    profile
        Profile of the controller. Its probes go through both fronts.
    resources
        Resources of the controller's stack, for the log retention. The front has the same default.

    """
    probes = REGION_COUNT * MINUTES_PER_MONTH * profile.round_count
    gigabytes = (requests + probes) * ACCESS_LOG_BYTES_PER_REQUEST / BYTES_PER_GIGABYTE
    stored_gigabytes = gigabytes * resources.log_retention_days / (365 / 12) * LOG_COMPRESSION_RATIO
    given, counted, estimated = Certainty.GIVEN, Certainty.COUNTED, Certainty.ESTIMATED
    return CostComponent(
        name="front.yaml in both Regions",
        usage=(
            MeteredUsage(description="web ACLs", item=BillingItem.WEB_ACLS, quantity=REGION_COUNT, certainty=counted),
            MeteredUsage(
                description="their rules",
                item=BillingItem.WEB_ACL_RULES,
                quantity=REGION_COUNT * RULES_PER_WEB_ACL,
                certainty=counted,
            ),
            MeteredUsage(
                description="API Gateway, users", item=BillingItem.GATEWAY_REQUESTS, quantity=requests, certainty=given
            ),
            MeteredUsage(
                description="API Gateway, probes", item=BillingItem.GATEWAY_REQUESTS, quantity=probes, certainty=counted
            ),
            MeteredUsage(
                description="AWS WAF, users", item=BillingItem.WEB_ACL_REQUESTS, quantity=requests, certainty=given
            ),
            MeteredUsage(
                description="AWS WAF, probes", item=BillingItem.WEB_ACL_REQUESTS, quantity=probes, certainty=counted
            ),
            MeteredUsage(
                description="access log, GB written",
                item=BillingItem.LOGS_INGESTION,
                quantity=gigabytes,
                certainty=estimated,
            ),
            MeteredUsage(
                description="access log, GB kept",
                item=BillingItem.LOGS_STORAGE,
                quantity=stored_gigabytes,
                certainty=estimated,
            ),
        ),
    )


def estimate_trails(number: int, sign_ins: float) -> CostComponent:
    """Return the usage of further trails of CloudTrail, which log each sign-in of a probe as a management event.

    Parameters
    ----------
    number
        Number of trails with management events, without the first one.
    sign_ins
        Sign-ins of all probes per month.

    """
    usage = MeteredUsage(
        description="sign-ins of probes in further trails",
        item=BillingItem.TRAIL_EVENTS,
        quantity=number * sign_ins,
        certainty=Certainty.COUNTED,
    )
    return CostComponent(name=f"CloudTrail, {number} more trail{'s' if number > 1 else ''}", usage=(usage,))


def count_sign_ins(profile: InvocationProfile, *, paths: int) -> float:
    """Return the sign-ins of one prober per month, in both Regions, through this number of paths."""
    return REGION_COUNT * MINUTES_PER_MONTH * profile.round_count * paths
