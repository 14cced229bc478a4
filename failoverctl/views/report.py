"""The links to a report."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import RenderableType

from failoverctl.views.text import format_time, plain_text


def render_report(answer: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Show the links in an answer of the operator function."""
    report = answer["report"]
    minutes = report["links_valid_seconds"] // 60
    yield plain_text(f"{report['id']}, written at {format_time(report['written_at'])} UTC, stored at {report['uri']}")
    yield plain_text(f"Links for {minutes} minutes. They work for every person who has them.")
    yield plain_text("Page:")
    yield plain_text(report["page"])
    yield plain_text("JSON:")
    yield plain_text(report["data"])
