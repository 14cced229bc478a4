"""A drill's plan, and the rules that it violates."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import RenderableType

from failoverctl.views.text import plain_text


def render_drill_plan(answer: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Show the answer to a dry run."""
    if "plan" not in answer:
        yield plain_text(answer["message"])
        return
    yield plain_text(f"Plan of {answer['drill']}:", style="bold")
    for step in answer["plan"]:
        yield plain_text(f"- {step}")
    if answer["violations"]:
        yield plain_text("It would be refused:", style="bold red")
        for violation in answer["violations"]:
            yield plain_text(f"- {violation['rule']}: {violation['message']}")
    else:
        yield plain_text("All rules hold: the drill can start.")
    for note in answer["notes"]:
        yield plain_text(note)
