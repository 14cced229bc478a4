"""What one invocation of the controller, a minute of rounds, was seen to do."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from typing import Any

from failover.timing import INVOCATION_SECONDS

MINUTE_BEGINS = "the minute begins"
"""The line by which the measured process parts its first invocation's log from the minute's."""

_WRITES = frozenset({"PutItem", "DeleteItem"})
_READS = frozenset({"GetItem", "Query"})
_WRITE_UNIT_BYTES, _READ_UNIT_BYTES = 1024, 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Minute:
    """One invocation in which nothing fails.

    Attributes
    ----------
    wall_seconds
        From its start to its end.
    cpu_seconds
        What it took of a processor.
    rounds_cpu_seconds
        The same of single rounds; the last one is not told apart from the invocation's end.
    calls
        Of AWS's services, by service and operation.
    write_units, read_units
        Of DynamoDB; a read counts as a consistent one.
    metrics
        How many different custom metrics it wrote.
    log_events, log_bytes
        What it logged, metrics included.

    """

    interval_seconds: int
    wall_seconds: float
    cpu_seconds: float
    rounds_cpu_seconds: tuple[float, ...]
    calls: Mapping[str, int]
    write_units: int
    read_units: int
    metrics: int
    log_events: int
    log_bytes: int

    @property
    def rounds(self) -> int:
        """How many rounds it makes."""
        return int(INVOCATION_SECONDS // self.interval_seconds)

    @property
    def round_cpu_seconds(self) -> float:
        """What a round takes of a processor, its share of the invocation's beginning and end included."""
        return self.cpu_seconds / self.rounds

    @property
    def route53_calls(self) -> int:
        """How often Route 53 is asked."""
        return sum(count for name, count in self.calls.items() if name.startswith("route53."))


def read(figures: Mapping[str, Any], log: str, *, interval_seconds: int) -> Minute:
    """Make a minute of what the measured process wrote and logged."""
    events = log.partition(MINUTE_BEGINS)[2].strip().splitlines()
    calls = figures["calls"]
    return Minute(
        interval_seconds=interval_seconds,
        wall_seconds=figures["minute"]["wall_seconds"],
        cpu_seconds=figures["minute"]["cpu_seconds"],
        rounds_cpu_seconds=tuple(after - before for before, after in pairwise(figures["asked_at_cpu_seconds"])),
        calls=Counter(f"{call['service']}.{call['operation']}" for call in calls),
        write_units=sum(units(call["written_bytes"], _WRITE_UNIT_BYTES) for call in _of(calls, _WRITES)),
        read_units=sum(units(call["read_bytes"], _READ_UNIT_BYTES) for call in _of(calls, _READS)),
        metrics=len(set(metrics_in(events))),
        log_events=len(events),
        log_bytes=sum(len(event.encode()) for event in events),
    )


def units(item_bytes: int, unit_bytes: int) -> int:
    """Return how many request units an item takes; nothing takes one, too."""
    return max(1, ceil(item_bytes / unit_bytes))


def metrics_in(events: Iterable[str]) -> Iterable[tuple[str, ...]]:
    """Yield every metric that log events in CloudWatch's embedded format bring: dimensions with values, then the name.

    One that stands under several sets of dimensions is as many metrics.
    """
    for event in events:
        blob = json.loads(event)
        for directive in blob.get("_aws", {}).get("CloudWatchMetrics", ()):
            for names in directive["Dimensions"]:
                dimensions = [f"{name}={blob[name]}" for name in sorted(names)]
                for metric in directive["Metrics"]:
                    yield (directive["Namespace"], *dimensions, metric["Name"])


def latencies(log: str) -> list[float]:
    """Return every latency of a probe that was logged, in seconds."""
    blobs = [json.loads(event) for event in log.partition(MINUTE_BEGINS)[2].strip().splitlines()]
    logged = [blob[name] for blob in blobs for name in ("LoginLatency", "TargetLatency") if name in blob]
    return [value / 1000 for values in logged for value in values]


def _of(calls: Iterable[Mapping[str, Any]], operations: frozenset[str]) -> Iterable[Mapping[str, Any]]:
    return (call for call in calls if call["service"] == "dynamodb" and call["operation"] in operations)
