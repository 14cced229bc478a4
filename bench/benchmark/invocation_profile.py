"""The profile of one measured invocation (a minute of rounds): calls, request units, metrics and log events."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import pairwise
from math import ceil
from typing import Any

from failoverctl.cost.invocation_profile import InvocationProfile

MINUTE_START_MARKER = "the minute begins"
"""The line that separates the log of the first invocation from the log of the measured minute."""

_OBSERVATION_KEY_PREFIX = "observation#"
"""Prefix of an observation's key. Each round and each observation of an observer writes one such item."""

_WRITE_OPERATIONS = frozenset({"PutItem", "DeleteItem"})
_READ_OPERATIONS = frozenset({"BatchGetItem", "GetItem", "Query"})
_WRITE_UNIT_BYTES, _READ_UNIT_BYTES = 1024, 4096


def build_profile(figures: Mapping[str, Any], log: str, *, interval_seconds: int) -> InvocationProfile:
    """Return the profile of the minute that a measured process recorded and logged."""
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
    """Return the number of request units of an item. An empty result takes one unit."""
    return max(1, ceil(item_bytes / unit_bytes))


def parse_metrics(events: Iterable[str]) -> Iterable[tuple[str, ...]]:
    """Yield every metric in log events in CloudWatch's embedded format: namespace, dimensions with values, and name.

    A metric with several sets of dimensions counts once for each set.
    """
    for event in events:
        blob = json.loads(event)
        for directive in blob.get("_aws", {}).get("CloudWatchMetrics", ()):
            for names in directive["Dimensions"]:
                dimensions = [f"{name}={blob[name]}" for name in sorted(names)]
                for metric in directive["Metrics"]:
                    yield (directive["Namespace"], *dimensions, metric["Name"])


def parse_probe_latencies(log: str) -> list[float]:
    """Return every logged probe latency, in seconds."""
    blobs = [json.loads(event) for event in log.partition(MINUTE_START_MARKER)[2].strip().splitlines()]
    milliseconds = [blob[name] for blob in blobs for name in ("LoginLatency", "TargetLatency") if name in blob]
    return [value / 1000 for values in milliseconds for value in values]


def _list_observation_cpu_times(calls: Iterable[Mapping[str, Any]]) -> list[float]:
    """Return the processor time at the write of each observation. The difference of two is one round."""
    return [call["at_cpu_seconds"] for call in calls if call["written_key"].startswith(_OBSERVATION_KEY_PREFIX)]


def _filter_dynamodb_calls(
    calls: Iterable[Mapping[str, Any]], operations: frozenset[str]
) -> Iterable[Mapping[str, Any]]:
    return (call for call in calls if call["service"] == "dynamodb" and call["operation"] in operations)
