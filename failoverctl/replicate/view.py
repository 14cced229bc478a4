"""How a plan looks: to a person, and to a script."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType

from failoverctl.replicate.engine import Planned
from failoverctl.replicate.step import State
from failoverctl.views.text import sentence

_WORDS = {State.DONE: "is so", State.CHANGE: "to do", State.WAIT: "comes"}


def described(planned: Sequence[Planned]) -> list[dict[str, Any]]:
    """Return the steps as a script reads them."""
    return [
        {
            "name": one.meaning.name,
            "state": one.finding.state.value,
            "found": one.finding.found,
            "wanted": one.finding.wanted,
            "why": one.meaning.why,
            "costs": one.meaning.costs,
            "breaks": one.finding.breaks,
            "notes": list(one.finding.notes),
        }
        for one in planned
    ]


def plan_view(answer: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Show each step: what is, what will be, why, and what it costs and breaks."""
    for step in answer["steps"]:
        state = State(step["state"])
        yield sentence(f"{_WORDS[state]}  {step['name']}: {step['found']}", style="" if state is State.DONE else "bold")
        if state is not State.DONE:
            yield from _details(step)
        for note in step["notes"]:
            yield sentence(f"       Note: {note}", style="yellow")
    yield sentence("")
    yield sentence(answer["message"], style="bold")
    for name, value in answer.get("parameters", {}).items():
        yield sentence(f"  {name}={value}")


def _details(step: Mapping[str, Any]) -> Iterator[RenderableType]:
    if step["wanted"]:
        yield sentence(f"       Will be: {step['wanted']}.")
    yield sentence(f"       Why: {step['why']}")
    if step["costs"]:
        yield sentence(f"       Costs: {step['costs']}")
    if step["breaks"]:
        yield sentence(f"       BREAKS: {step['breaks']}", style="bold red")


def progress(planned: Planned) -> str:
    """Return one line on a step that is being taken."""
    finding = planned.finding
    if finding.state is State.CHANGE and finding.wanted:
        return f"{planned.meaning.name}: {finding.found}; making it: {finding.wanted} …"
    return f"{planned.meaning.name}: {finding.found}" + ("" if finding.state is State.DONE else " …")
