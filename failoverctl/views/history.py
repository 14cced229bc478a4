"""The history: time, kind and message of each event."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.table import Table

from failoverctl.views.text import format_time, plain_text


def render_entries(entries: Sequence[Mapping[str, Any]]) -> Table:
    """Return entries as a table, in the order given."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("at (UTC)", no_wrap=True)
    table.add_column("event", no_wrap=True)
    table.add_column("message")
    for entry in entries:
        table.add_row(
            format_time(entry["at"]), entry["kind"], plain_text(f"{entry['message']}{_describe_details(entry)}")
        )
    return table


def _describe_details(entry: Mapping[str, Any]) -> str:
    """Return details that the message does not have. An older function does not send them."""
    drill_id = entry.get("drill")
    duration_seconds = entry.get("duration_seconds")
    parts = (
        f"drill {drill_id}" if drill_id and drill_id not in entry["message"] else "",
        f"overrides {', '.join(entry['overridden'])}" if entry.get("overridden") else "",
        f"{duration_seconds:g} s" if duration_seconds is not None else "",
        entry.get("report") or "",
    )
    details = "; ".join(part for part in parts if part)
    return f" [{details}]" if details else ""


def render_history(answer: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Show the history in an answer of the operator function."""
    entries = answer["history"]
    unreadable = list(render_unreadable_count(answer))
    if entries:
        yield render_entries(entries)
    elif not unreadable:
        yield plain_text("There is no history yet.")
    yield from unreadable


def render_unreadable_count(answer: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Show how many entries the operator function could not read. An older function does not count them."""
    if count := answer.get("unreadable_history_entries"):
        yield plain_text(
            f"Another version of the controller saved {count} of the latest entries. This version can't read them: "
            f"deploy the other version again to see them."
        )
