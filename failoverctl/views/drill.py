"""A drill's plan, and what is in its way."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import RenderableType

from failoverctl.views.text import sentence


def plan_view(answer: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Show the answer to a dry run."""
    if "plan" not in answer:
        yield sentence(answer["message"])
        return
    yield sentence(f"Planned, as {answer['drill']}:", style="bold")
    for step in answer["plan"]:
        yield sentence(f"- {step}")
    if answer["obstacles"]:
        yield sentence("It would be refused:", style="bold red")
        for obstacle in answer["obstacles"]:
            yield sentence(f"- {obstacle['rule']}: {obstacle['message']}")
    else:
        yield sentence("Nothing is in its way.")
    for note in answer["notes"]:
        yield sentence(note)
