"""What a month of the whole stack costs: counts times prices."""

from collections.abc import Mapping
from dataclasses import dataclass

from bench.running_minute import Minute
from bench.running_prices import Item, Price
from bench.running_stack import Stack

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

TRANSITIONS_A_MONTH = 60
"""Assumed: events told a month. Twice as many would cost a tenth of a cent more."""

LEDGER_GIGABYTES = 0.01
"""Assumed, far above what a state, a few observations and the history of a year take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """What a month costs at one interval and one memory size.

    Attributes
    ----------
    billed_seconds
        Of one invocation, as estimated for AWS.
    usd
        By item, in US dollars.

    """

    interval_seconds: int
    memory_mb: int
    billed_seconds: float
    usd: Mapping[Item, float]

    @property
    def total_usd(self) -> float:
        """All items together."""
        return sum(self.usd.values())


def month(minute: Minute, stack: Stack, prices: Mapping[Item, Price], *, memory_mb: int) -> Month:
    """Work out what a month in which nothing fails costs.

    Parameters
    ----------
    minute
        What one invocation was seen to do.
    stack
        What the template deploys besides.
    prices
        For every item.
    memory_mb
        Of the function.

    """
    billed_seconds = billed(minute, memory_mb=memory_mb)
    counts = _counts(minute, stack, gigabyte_seconds=billed_seconds * memory_mb / 1024)
    return Month(
        interval_seconds=minute.interval_seconds,
        memory_mb=memory_mb,
        billed_seconds=billed_seconds,
        usd={item: prices[item].of(count) for item, count in counts.items()},
    )


def billed(minute: Minute, *, memory_mb: int) -> float:
    """Estimate how long an invocation runs on AWS, in seconds.

    The pauses are the same; the last round is slower by the way to other Regions and by the smaller share of a
    processor.
    """
    share = min(1.0, memory_mb / FULL_PROCESSOR_MB)
    return minute.wall_seconds + WIDE_AREA_SECONDS + minute.round_cpu_seconds * (1 / share - 1)


def _counts(minute: Minute, stack: Stack, *, gigabyte_seconds: float) -> dict[Item, float]:
    cold_starts = COLD_STARTS_A_DAY * MINUTES_A_MONTH / (24 * 60)
    log_bytes = minute.log_bytes + PLATFORM_BYTES + LOG_EVENT_OVERHEAD_BYTES * (minute.log_events + PLATFORM_LINES)
    log_gigabytes = MINUTES_A_MONTH * log_bytes / BYTES_A_GIGABYTE
    months_kept = stack.log_retention_days / (365 / 12)
    return {
        Item.LAMBDA_GIGABYTE_SECONDS: MINUTES_A_MONTH * gigabyte_seconds,
        Item.LAMBDA_REQUESTS: MINUTES_A_MONTH,
        Item.DYNAMODB_WRITE_UNITS: MINUTES_A_MONTH * minute.write_units + 2 * TRANSITIONS_A_MONTH,
        Item.DYNAMODB_READ_UNITS: MINUTES_A_MONTH * minute.read_units + 2 * cold_starts,
        Item.DYNAMODB_STORAGE: LEDGER_GIGABYTES,
        Item.DYNAMODB_RECOVERY: LEDGER_GIGABYTES,
        Item.CLOUDWATCH_METRICS: minute.metrics,
        Item.CLOUDWATCH_ALARMS: stack.alarm_metrics,
        Item.CLOUDWATCH_COMPOSITE_ALARMS: stack.composite_alarms,
        Item.LOGS_INGESTION: log_gigabytes,
        Item.LOGS_STORAGE: log_gigabytes * months_kept * COMPRESSED,
        Item.SCHEDULES: MINUTES_A_MONTH,
        Item.EVENTS: TRANSITIONS_A_MONTH,
        Item.MESSAGES: TRANSITIONS_A_MONTH,
        Item.SECRETS: 1,
        Item.SECRET_READS: cold_starts,
        Item.CANARY_USERS: 1,
        Item.ROUTE53_CALLS: MINUTES_A_MONTH * minute.route53_calls,
    }
