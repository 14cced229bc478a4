"""What one invocation of the controller, a minute of rounds, was seen to do."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import pairwise
from math import ceil
from typing import Any

from failoverctl.cost.invocation_profile import InvocationProfile

MINUTE_START_MARKER = "the minute begins"
"""The line by which the measured process parts its first invocation's log from the minute's."""

_OBSERVATION_KEY_PREFIX = "observation#"
"""What the key of an observation begins with, of which a round, or an observer's look, writes just one."""

_WRITE_OPERATIONS = frozenset({"PutItem", "DeleteItem"})
_READ_OPERATIONS = frozenset({"BatchGetItem", "GetItem", "Query"})
_WRITE_UNIT_BYTES, _READ_UNIT_BYTES = 1024, 4096


def build_profile(figures: Mapping[str, Any], log: str, *, interval_seconds: int) -> InvocationProfile:
    """Make a minute of what the measured process wrote and logged."""
    events = log.partition(MINUTE_START_MARKER)[2].strip().splitlines()
    calls = figures["calls"]
    return InvocationProfile(
        interval_seconds=interval_seconds,
        wall_seconds=figures["minute"]["wall_seconds"],
        cpu_seconds=figures["minute"]["cpu_seconds"],
        rounds_cpu_seconds=tuple(after - before for before, after in pairwise(_list_observation_cpu_times(calls))),
        calls=Counter(f"{call['service']}.{call['operation']}" for call in calls),
        write_units=sum(
            count_units(call["written_bytes"], _WRITE_UNIT_BYTES)
            for call in _filter_dynamodb_calls(calls, _WRITE_OPERATIONS)
        ),
        read_units=sum(
            count_units(call["read_bytes"], _READ_UNIT_BYTES)
            for call in _filter_dynamodb_calls(calls, _READ_OPERATIONS)
        ),
        metrics=len(set(parse_metrics(events))),
        log_events=len(events),
        log_bytes=sum(len(event.encode()) for event in events),
    )


def count_units(item_bytes: int, unit_bytes: int) -> int:
    """Return how many request units an item takes; nothing takes one, too."""
    return max(1, ceil(item_bytes / unit_bytes))


def parse_metrics(events: Iterable[str]) -> Iterable[tuple[str, ...]]:
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


def parse_probe_latencies(log: str) -> list[float]:
    """Return every latency of a probe that was logged, in seconds."""
    blobs = [json.loads(event) for event in log.partition(MINUTE_START_MARKER)[2].strip().splitlines()]
    logged = [blob[name] for blob in blobs for name in ("LoginLatency", "TargetLatency") if name in blob]
    return [value / 1000 for values in logged for value in values]


def _list_observation_cpu_times(calls: Iterable[Mapping[str, Any]]) -> list[float]:
    """Return what had been taken of a processor when each observation was written: from one to the next is a round."""
    return [call["at_cpu_seconds"] for call in calls if call["written_key"].startswith(_OBSERVATION_KEY_PREFIX)]


def _filter_dynamodb_calls(
    calls: Iterable[Mapping[str, Any]], operations: frozenset[str]
) -> Iterable[Mapping[str, Any]]:
    return (call for call in calls if call["service"] == "dynamodb" and call["operation"] in operations)
