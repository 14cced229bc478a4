"""A replication plan as text and as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType

from failoverctl.replicate.engine import PlannedStep
from failoverctl.replicate.step import StepState
from failoverctl.views.text import plain_text

_STATE_WORDS = {StepState.DONE: "done ", StepState.CHANGE: "to do", StepState.WAIT: "wait "}


def serialize_steps(planned_steps: Sequence[PlannedStep]) -> list[dict[str, Any]]:
    """Return the steps as JSON objects."""
    return [
        {
            "name": step.description.name,
            "state": step.status.state.value,
            "found": step.status.actual,
            "wanted": step.status.desired,
            "why": step.description.purpose,
            "costs": step.description.cost,
            "breaks": step.status.breaking_change,
            "notes": list(step.status.notes),
        }
        for step in planned_steps
    ]


def render_plan(answer: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Show each step: actual state, desired state, purpose, cost and breaking changes."""
    for step in answer["steps"]:
        state = StepState(step["state"])
        yield plain_text(
            f"{_STATE_WORDS[state]}  {step['name']}: {step['found']}", style="" if state is StepState.DONE else "bold"
        )
        if state is not StepState.DONE:
            yield from _render_details(step)
        for note in step["notes"]:
            yield plain_text(f"       Note: {note}", style="yellow")
    yield plain_text("")
    yield plain_text(answer["message"], style="bold")
    for name, value in answer.get("parameters", {}).items():
        yield plain_text(f"  {name}={value}")


def _render_details(step: Mapping[str, Any]) -> Iterator[RenderableType]:
    if step["wanted"]:
        yield plain_text(f"       Will be: {step['wanted']}.")
    yield plain_text(f"       Why: {step['why']}")
    if step["costs"]:
        yield plain_text(f"       Costs: {step['costs']}")
    if step["breaks"]:
        yield plain_text(f"       BREAKS: {step['breaks']}", style="bold red")


def format_progress(planned_step: PlannedStep) -> str:
    """Return one line of progress for a step."""
    status = planned_step.status
    if status.state is StepState.CHANGE and status.desired:
        return f"{planned_step.description.name}: {status.actual}; changing to: {status.desired} …"
    return f"{planned_step.description.name}: {status.actual}" + ("" if status.state is StepState.DONE else " …")
