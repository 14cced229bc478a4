"""Where a report is."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import RenderableType

from failoverctl.views.text import moment, sentence


def report_view(answer: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Show the links that an answer of the operator function holds."""
    report = answer["report"]
    minutes = report["links_valid_seconds"] // 60
    yield sentence(f"{report['id']}, written at {moment(report['written_at'])} UTC, kept at {report['uri']}")
    yield sentence(f"For {minutes} minutes, and for whoever has the link:")
    yield sentence(report["page"])
    yield sentence("The same as JSON:")
    yield sentence(report["data"])
