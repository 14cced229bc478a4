"""Metrics in log lines: CloudWatch's embedded metric format (EMF)."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_MILLISECONDS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricDatum:
    """One value of one metric, under one set of dimensions.

    Attributes
    ----------
    at_seconds
        The timestamp of the line, in seconds since the epoch, or None.

    """

    namespace: str
    name: str
    unit: str
    value: float
    dimensions: Mapping[str, str]
    at_seconds: float | None = None


def parse_embedded_metrics(log: str) -> Iterator[MetricDatum]:
    """Yield the metrics in the log lines. Lines without EMF, or with invalid EMF, are ignored."""
    for line in log.splitlines():
        if '"_aws"' in line:
            try:
                document = json.loads(line)
            except ValueError:
                continue
            yield from _parse_document(document)


def _parse_document(document: Mapping[str, Any]) -> Iterator[MetricDatum]:
    stamp = document.get("_aws", {}).get("Timestamp")
    for directive in document.get("_aws", {}).get("CloudWatchMetrics", []):
        for names in directive.get("Dimensions") or [[]]:
            dimensions = {name: str(document[name]) for name in names if name in document}
            for metric in directive.get("Metrics", []):
                values = document.get(metric["Name"], [])
                for value in values if isinstance(values, list) else [values]:
                    yield MetricDatum(
                        namespace=directive["Namespace"],
                        name=metric["Name"],
                        unit=metric.get("Unit", "None"),
                        value=float(value),
                        dimensions=dimensions,
                        at_seconds=None if stamp is None else float(stamp) / _MILLISECONDS,
                    )
