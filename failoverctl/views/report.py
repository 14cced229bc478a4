"""Where a report is."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import RenderableType

from failoverctl.views.text import format_time, plain_text


def render_report(answer: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Show the links that an answer of the operator function holds."""
    report = answer["report"]
    minutes = report["links_valid_seconds"] // 60
    yield plain_text(f"{report['id']}, written at {format_time(report['written_at'])} UTC, kept at {report['uri']}")
    yield plain_text(f"For {minutes} minutes, and for whoever has the link:")
    yield plain_text(report["page"])
    yield plain_text("The same as JSON:")
    yield plain_text(report["data"])
