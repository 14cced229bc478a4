"""What running a function minute after minute costs: one computation, for the controller, observers and the bench."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from failoverctl.cost.bill import Certainty, MeteredUsage
from failoverctl.cost.deployed import StackResources
from failoverctl.cost.invocation_profile import InvocationProfile
from failoverctl.cost.prices import BillingItem

MINUTES_PER_MONTH = 365 * 24 * 60 / 12

BYTES_PER_GIGABYTE = 10**9

LOG_EVENT_OVERHEAD_BYTES = 26
"""Added to every log event (CloudWatch Logs API reference, PutLogEvents)."""

PLATFORM_LOG_EVENTS, PLATFORM_LOG_BYTES = 3, 400
"""Lambda's own START, END and REPORT of each invocation: an example's length, rounded up."""

LOG_COMPRESSION_RATIO = 0.15
"""Stored size over ingested size of logs (the examples of CloudWatch's pricing page)."""

FULL_VCPU_MB = 1769
"""The memory at which a function has one processor; below, its share is in proportion (Lambda developer guide)."""

CROSS_REGION_SECONDS = 1.0
"""Assumed: how much longer a round takes on AWS than on one machine. The probes go out at once, so it is the slowest
one's: between Tokyo and Virginia, 160 ms apart, four round trips for TCP, TLS and the request, and the login itself."""

COLD_STARTS_PER_DAY = 24
"""Assumed: how often Lambda gives the schedule a new process. Each reads the secret, the state and the keys once."""

COLD_STARTS_PER_MONTH = COLD_STARTS_PER_DAY * MINUTES_PER_MONTH / (24 * 60)


class Architecture(StrEnum):
    """The processor that a function runs on."""

    ARM64 = "arm64"
    X86_64 = "x86_64"


GIGABYTE_SECOND_ITEMS = {Architecture.ARM64: BillingItem.LAMBDA_ARM64, Architecture.X86_64: BillingItem.LAMBDA_X86_64}


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputeConfig:
    """What a function runs on."""

    memory_mb: int
    architecture: Architecture = Architecture.ARM64


def estimate_billed_seconds(profile: InvocationProfile, *, memory_mb: int) -> float:
    """Estimate how long an invocation runs on AWS, in seconds.

    The pauses are the same; the last round is slower by the way to other Regions and by the smaller share of a
    processor.
    """
    vcpu_share = min(1.0, memory_mb / FULL_VCPU_MB)
    return profile.wall_seconds + CROSS_REGION_SECONDS + profile.round_cpu_seconds * (1 / vcpu_share - 1)


def list_function_usage(
    profile: InvocationProfile, resources: StackResources, compute: ComputeConfig
) -> Iterator[MeteredUsage]:
    """Yield what a month costs in which every minute is like this one.

    Parameters
    ----------
    minute
        What one invocation was seen to do.
    stack
        What the template deploys besides.
    machine
        What it runs on.

    """
    seconds = MINUTES_PER_MONTH * estimate_billed_seconds(profile, memory_mb=compute.memory_mb)
    log_bytes = (
        profile.log_bytes + PLATFORM_LOG_BYTES + LOG_EVENT_OVERHEAD_BYTES * (profile.log_events + PLATFORM_LOG_EVENTS)
    )
    log_gigabytes = MINUTES_PER_MONTH * log_bytes / BYTES_PER_GIGABYTE
    stored_gigabytes = log_gigabytes * resources.log_retention_days / (365 / 12) * LOG_COMPRESSION_RATIO
    estimated, measured, counted = Certainty.ESTIMATED, Certainty.MEASURED, Certainty.COUNTED
    compute_label = f"Lambda GB-s, {compute.memory_mb} MB, {compute.architecture}"
    for what, item, count, known in (
        (compute_label, GIGABYTE_SECOND_ITEMS[compute.architecture], seconds * compute.memory_mb / 1024, estimated),
        ("Lambda, invocations", BillingItem.LAMBDA_REQUESTS, MINUTES_PER_MONTH, counted),
        ("EventBridge Scheduler, ticks", BillingItem.SCHEDULES, MINUTES_PER_MONTH, counted),
        ("DynamoDB, writes", BillingItem.DYNAMODB_WRITE_UNITS, MINUTES_PER_MONTH * profile.write_units, measured),
        ("DynamoDB, reads", BillingItem.DYNAMODB_READ_UNITS, MINUTES_PER_MONTH * profile.read_units, measured),
        ("CloudWatch metrics", BillingItem.CLOUDWATCH_METRICS, resources.metrics, counted),
        ("CloudWatch alarms, their metrics", BillingItem.CLOUDWATCH_ALARMS, resources.alarm_metrics, counted),
        ("CloudWatch alarms, composite", BillingItem.CLOUDWATCH_COMPOSITE_ALARMS, resources.composite_alarms, counted),
        ("CloudWatch logs, GB written", BillingItem.LOGS_INGESTION, log_gigabytes, measured),
        ("CloudWatch logs, GB kept", BillingItem.LOGS_STORAGE, stored_gigabytes, estimated),
        ("secret of the canary", BillingItem.SECRETS, 1, counted),
        ("Secrets Manager, reads", BillingItem.SECRET_READS, COLD_STARTS_PER_MONTH, estimated),
        ("Route 53, API calls", BillingItem.ROUTE53_CALLS, MINUTES_PER_MONTH * profile.route53_calls, measured),
    ):
        yield MeteredUsage(description=what, item=item, quantity=count, certainty=known)
