"""The state machine page, rendered from the transitions of a walk (``make diagram``)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cognito_failover.core.model.event import EventKind
from tests.exhaustive.diagram_state import MEANINGS, DiagramState, get_diagram_state
from tests.exhaustive.events import EVENTS, VERDICT_CLASSES
from tests.exhaustive.state_space import SMALLEST_SETTINGS, StateSpaceWalk, StateTransition

PAGE = Path(__file__).parents[2] / "docs" / "state-machine.md"
DIAGRAM_EVENTS = frozenset(
    {
        EventKind.STATE_INITIALIZED,
        EventKind.AUTOMATION_HELD,
        EventKind.MOVE_DECIDED,
        EventKind.MOVE_SUBMITTED,
        EventKind.STEP_CONFIRMED,
        EventKind.MOVE_CONFIRMED,
        EventKind.MOVE_CANCELLED,
        EventKind.MOVE_ROLLING_BACK,
        EventKind.MOVE_SUPERSEDED,
        EventKind.ACKNOWLEDGED,
    }
)
"""The events that change the stage; the others report something else."""

_INTRODUCTION = """\
For: contributors who change the decision, and reviewers. `make diagram` writes this page from a walk through each state
that the controller can reach, by every event: {states:,} states, {transitions:,} transitions. A test walks the same
way, checks the [invariants](invariants.md) on every transition, and fails if this page differs. Terms:
[glossary](glossary.md).

Two states are equal for the walk if they differ only in texts, in times on the same side of every limit, or in values
that no rule reads. The walk uses the smallest thresholds that the settings allow:
{settings}.
"""
_TRANSITIONS_TEXT = """\
Every transition from one stage to another, by {events} events. A transition to `nothing`
(lost state) is left out. *Reports* are the events, with alternatives after a semicolon. A round is written as the
verdicts of the active and the other Region: `H` healthy, `S` sick, `I` inconclusive, `*` any. After a `+`, its fault:
"""
_FAULT_CODES = {
    "no witness answers": "isolated",
    "Route 53 is unavailable": "unavailable",
    "Route 53 rejects changes": "rejected",
    "Route 53's response is lost": "lost",
    "the records are protected": "protected",
    "a name server is stale": "stale",
    "the change does not propagate": "unpropagated",
}
_ROUND = re.compile(r"round: active (\w+), other (\w+)(?:, (.+))?")
_ROUNDS = {event.name for event in EVENTS if event.name.startswith("round") and not event.is_move_specific}
_MOVE_REQUESTS = {event.name for event in EVENTS if event.name.startswith("request: ") and "fail" in event.name}


@dataclass(frozen=True, slots=True, order=True)
class DiagramArrow:
    """A change of the stage, with the events that it reports."""

    source: int
    target: int
    events: tuple[str, ...]


class WalkSummary:
    """The transitions of a walk.

    Attributes
    ----------
    arrows
        Each change of the stage, with the names of the events that cause it.

    """

    def __init__(self) -> None:
        self.arrows: dict[DiagramArrow, set[str]] = {}
        self.transitions = 0

    def add(self, transition: StateTransition) -> None:
        """Add a transition."""
        self.transitions += 1
        before = get_diagram_state(transition.before, transition.settings, transition.started_at)
        after = get_diagram_state(transition.after, transition.settings, transition.ended_at)
        if before is after:
            return
        kinds = tuple(event.kind.value for event in transition.events if event.kind in DIAGRAM_EVENTS)
        stages = list(DiagramState)
        arrow = DiagramArrow(stages.index(before), stages.index(after), kinds)
        self.arrows.setdefault(arrow, set()).add(transition.event.name)


def render_page(summary: WalkSummary, states: int) -> str:
    """Return the page in Markdown."""
    settings = ", ".join(f"`{name}` {value}" for name, value in SMALLEST_SETTINGS.items())
    return "\n".join(
        (
            "# State machine",
            "",
            _INTRODUCTION.format(states=states, transitions=summary.transitions, settings=settings),
            "| stage | meaning |",
            "|---|---|",
            *(f"| {stage} | {MEANINGS[stage]} |" for stage in DiagramState),
            "",
            _TRANSITIONS_TEXT.format(events=len(EVENTS)),
            *(f"- `{code}`: {fault}" for fault, code in _FAULT_CODES.items()),
            "",
            "| from | to | reports | caused by |",
            "|---|---|---|---|",
            *_render_rows(summary.arrows),
            "",
        )
    )


def _render_rows(arrows: dict[DiagramArrow, set[str]]) -> Iterator[str]:
    """Yield a row for each change of the stage and set of causes, with all its alternative reports."""
    stages = list(DiagramState)
    rows: dict[tuple[str, str, str], list[str]] = {}
    for arrow, causes in sorted(arrows.items()):
        if stages[arrow.target] is not DiagramState.NOTHING:
            key = stages[arrow.source].value, stages[arrow.target].value, _format_causes(causes)
            rows.setdefault(key, []).append(", ".join(arrow.events) or "none")
    for (source, target, causes_text), reports in rows.items():
        yield f"| {source} | {target} | {'; '.join(reports)} | {causes_text} |"


def _format_causes(causes: set[str]) -> str:
    """Return the events by name. One pattern stands for all rounds that differ only in the other Region's verdict."""
    remaining, names = set(causes), []
    groups = {"any round": _ROUNDS, "any request to move": _MOVE_REQUESTS}
    groups |= {
        f"`{_format_verdict(seen)}/*`": {name for name in _ROUNDS if f"active {seen}," in name}
        for seen in VERDICT_CLASSES
    }
    for name, group in groups.items():
        if group <= remaining:
            names.append(name)
            remaining -= group
            remaining -= {cause for cause in remaining if name == "any round" and cause.startswith("round")}
    return ", ".join((*names, *map(_abbreviate, sorted(remaining))))


def _abbreviate(event_name: str) -> str:
    """Return the short form of a round; other events keep their name."""
    match = _ROUND.fullmatch(event_name)
    if match is None:
        return event_name
    active, other, fault = match.groups()
    return f"`{_format_verdict(active)}/{_format_verdict(other)}{f'+{_FAULT_CODES[fault]}' if fault else ''}`"


def _format_verdict(verdict_class: str) -> str:
    return verdict_class[0].upper()


def main() -> None:
    """Write the page."""
    walk, summary = StateSpaceWalk(), WalkSummary()
    for transition in walk:
        summary.add(transition)
    PAGE.write_text(render_page(summary, walk.state_count), encoding="utf-8")


if __name__ == "__main__":
    main()
