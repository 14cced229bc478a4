"""Monthly usage of a function that runs every minute: for the controller, observers and the benchmark."""

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
"""Bytes added to each log event (CloudWatch Logs API reference, PutLogEvents)."""

PLATFORM_LOG_EVENTS, PLATFORM_LOG_BYTES = 3, 400
"""Lambda's START, END and REPORT lines of each invocation. The length is that of an example, rounded up."""

LOG_COMPRESSION_RATIO = 0.15
"""Stored size divided by ingested size of logs (examples of CloudWatch's pricing page)."""

FULL_VCPU_MB = 1769
"""Memory at which a function has one vCPU. With less memory, its share is proportional (Lambda developer guide)."""

CROSS_REGION_SECONDS = 1.0
"""Assumed: additional duration of a round on AWS compared with one machine.

Probes run in parallel, so the slowest one counts: between Tokyo and Virginia (160 ms apart) four round trips for TCP,
TLS and the request, plus the login."""

COLD_STARTS_PER_DAY = 24
"""Assumed: cold starts of the scheduled function. Each reads the secret, the state and the keys once."""

COLD_STARTS_PER_MONTH = COLD_STARTS_PER_DAY * MINUTES_PER_MONTH / (24 * 60)


class Architecture(StrEnum):
    """Processor architecture of a function."""

    ARM64 = "arm64"
    X86_64 = "x86_64"


GIGABYTE_SECOND_ITEMS = {Architecture.ARM64: BillingItem.LAMBDA_ARM64, Architecture.X86_64: BillingItem.LAMBDA_X86_64}


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputeConfig:
    """Memory and processor of a function."""

    memory_mb: int
    architecture: Architecture = Architecture.ARM64


def estimate_billed_seconds(profile: InvocationProfile, *, memory_mb: int) -> float:
    """Estimate the duration of an invocation on AWS, in seconds.

    Compared with the measured one, the last round is slower: other Regions are far away, and the function has less
    processor time. The pauses are the same.
    """
    vcpu_share = min(1.0, memory_mb / FULL_VCPU_MB)
    return profile.wall_seconds + CROSS_REGION_SECONDS + profile.round_cpu_seconds * (1 / vcpu_share - 1)


def list_function_usage(
    profile: InvocationProfile, resources: StackResources, compute: ComputeConfig
) -> Iterator[MeteredUsage]:
    """Yield the usage of a month in which every invocation is like the measured one.

    Parameters
    ----------
    profile
        Measured usage of one invocation.
    resources
        Resources that the template deploys.
    compute
        Memory and processor of the function.

    """
    seconds = MINUTES_PER_MONTH * estimate_billed_seconds(profile, memory_mb=compute.memory_mb)
    log_bytes = (
        profile.log_bytes + PLATFORM_LOG_BYTES + LOG_EVENT_OVERHEAD_BYTES * (profile.log_events + PLATFORM_LOG_EVENTS)
    )
    log_gigabytes = MINUTES_PER_MONTH * log_bytes / BYTES_PER_GIGABYTE
    stored_gigabytes = log_gigabytes * resources.log_retention_days / (365 / 12) * LOG_COMPRESSION_RATIO
    estimated, measured, counted = Certainty.ESTIMATED, Certainty.MEASURED, Certainty.COUNTED
    compute_label = f"Lambda GB-s, {compute.memory_mb} MB, {compute.architecture}"
    for description, item, quantity, certainty in (
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
        yield MeteredUsage(description=description, item=item, quantity=quantity, certainty=certainty)
