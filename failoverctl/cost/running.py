"""What running a function minute after minute costs: one computation, for the controller, observers and the bench."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from failoverctl.cost.bill import Count, Known
from failoverctl.cost.deployed import Stack
from failoverctl.cost.minute import Minute
from failoverctl.cost.prices import Item

MINUTES_A_MONTH = 365 * 24 * 60 / 12

BYTES_A_GIGABYTE = 10**9

LOG_EVENT_OVERHEAD_BYTES = 26
"""Added to every log event (CloudWatch Logs API reference, PutLogEvents)."""

PLATFORM_LINES, PLATFORM_BYTES = 3, 400
"""Lambda's own START, END and REPORT of each invocation: an example's length, rounded up."""

COMPRESSED = 0.15
"""Stored size over ingested size of logs (the examples of CloudWatch's pricing page)."""

FULL_PROCESSOR_MB = 1769
"""The memory at which a function has one processor; below, its share is in proportion (Lambda developer guide)."""

WIDE_AREA_SECONDS = 1.0
"""Assumed: how much longer a round takes on AWS than on one machine. The probes go out at once, so it is the slowest
one's: between Tokyo and Virginia, 160 ms apart, four round trips for TCP, TLS and the request, and the login itself."""

COLD_STARTS_A_DAY = 24
"""Assumed: how often Lambda gives the schedule a new process. Each reads the secret, the state and the keys once."""

COLD_STARTS_A_MONTH = COLD_STARTS_A_DAY * MINUTES_A_MONTH / (24 * 60)


class Architecture(StrEnum):
    """The processor that a function runs on."""

    ARM64 = "arm64"
    X86_64 = "x86_64"


GIGABYTE_SECONDS = {Architecture.ARM64: Item.LAMBDA_ARM64, Architecture.X86_64: Item.LAMBDA_X86_64}


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What a function runs on."""

    memory_mb: int
    architecture: Architecture = Architecture.ARM64


def billed_seconds(minute: Minute, *, memory_mb: int) -> float:
    """Estimate how long an invocation runs on AWS, in seconds.

    The pauses are the same; the last round is slower by the way to other Regions and by the smaller share of a
    processor.
    """
    share = min(1.0, memory_mb / FULL_PROCESSOR_MB)
    return minute.wall_seconds + WIDE_AREA_SECONDS + minute.round_cpu_seconds * (1 / share - 1)


def running(minute: Minute, stack: Stack, machine: Machine) -> Iterator[Count]:
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
    seconds = MINUTES_A_MONTH * billed_seconds(minute, memory_mb=machine.memory_mb)
    log_bytes = minute.log_bytes + PLATFORM_BYTES + LOG_EVENT_OVERHEAD_BYTES * (minute.log_events + PLATFORM_LINES)
    log_gigabytes = MINUTES_A_MONTH * log_bytes / BYTES_A_GIGABYTE
    stored = log_gigabytes * stack.log_retention_days / (365 / 12) * COMPRESSED
    estimated, measured, counted = Known.ESTIMATED, Known.MEASURED, Known.COUNTED
    processor = f"Lambda GB-s, {machine.memory_mb} MB, {machine.architecture}"
    for what, item, count, known in (
        (processor, GIGABYTE_SECONDS[machine.architecture], seconds * machine.memory_mb / 1024, estimated),
        ("Lambda, invocations", Item.LAMBDA_REQUESTS, MINUTES_A_MONTH, counted),
        ("EventBridge Scheduler, ticks", Item.SCHEDULES, MINUTES_A_MONTH, counted),
        ("DynamoDB, writes", Item.DYNAMODB_WRITE_UNITS, MINUTES_A_MONTH * minute.write_units, measured),
        ("DynamoDB, reads", Item.DYNAMODB_READ_UNITS, MINUTES_A_MONTH * minute.read_units, measured),
        ("CloudWatch metrics", Item.CLOUDWATCH_METRICS, stack.metrics, counted),
        ("CloudWatch alarms, their metrics", Item.CLOUDWATCH_ALARMS, stack.alarm_metrics, counted),
        ("CloudWatch alarms, composite", Item.CLOUDWATCH_COMPOSITE_ALARMS, stack.composite_alarms, counted),
        ("CloudWatch logs, GB written", Item.LOGS_INGESTION, log_gigabytes, measured),
        ("CloudWatch logs, GB kept", Item.LOGS_STORAGE, stored, estimated),
        ("secret of the canary", Item.SECRETS, 1, counted),
        ("Secrets Manager, reads", Item.SECRET_READS, COLD_STARTS_A_MONTH, estimated),
        ("Route 53, API calls", Item.ROUTE53_CALLS, MINUTES_A_MONTH * minute.route53_calls, measured),
    ):
        yield Count(what=what, item=item, count=count, known=known)
