"""The history: when, which transition, and its sentence."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.table import Table

from failoverctl.views.text import moment, sentence


def lines(entries: Sequence[Mapping[str, Any]]) -> Table:
    """Return entries as a table, in the order given."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("at (UTC)", no_wrap=True)
    table.add_column("what", no_wrap=True)
    table.add_column("in words")
    for entry in entries:
        table.add_row(moment(entry["at"]), entry["kind"], sentence(f"{entry['sentence']}{_account(entry)}"))
    return table


def _account(entry: Mapping[str, Any]) -> str:
    """Say what the sentence leaves out: an older function does not tell it."""
    of_drill = entry.get("drill")
    lasted = entry.get("duration_seconds")
    parts = (
        f"in the drill {of_drill}" if of_drill and of_drill not in entry["sentence"] else "",
        f"overriding {', '.join(entry['overridden'])}" if entry.get("overridden") else "",
        f"{lasted:g} s" if lasted is not None else "",
        entry.get("report") or "",
    )
    told = "; ".join(part for part in parts if part)
    return f" [{told}]" if told else ""


def history_view(answer: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Show the history that an answer of the operator function holds."""
    entries = answer["history"]
    yield lines(entries) if entries else sentence("There is no history yet.")
