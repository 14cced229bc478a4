"""The page on the state machine, written from what a walk has met (``make diagram``)."""

from collections.abc import Iterable
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
"""The transitions that bring a controller from one stage to another; the others tell of something beside."""

_GENERATION_TEXT = """\
Written by `make diagram` from a walk through every state that the controller can come to, by everything that can happen
to it: {states:,} states, {transitions:,} transitions, breadth-first to the end, over the production code and its
in-memory twins, with a new process for each. A test walks the same way, holds every transition to the
[invariants](invariants.md), and fails where this page is not what it met."""
_EQUIVALENCE_TEXT = """\
Two states are one to the walk if they differ only in texts, in moments on the same side of every limit, or in what no
rule asks for then. It goes by the smallest thresholds that the settings allow"""
_READING_TEXT = """\
The state can be lost anywhere: those arrows are left out. An arrow says what is told on the way; a dash, that nothing
is."""
_TRANSITIONS_TEXT = """\
Every way from one stage to another, by {events} events. *Serving* is the side that was last confirmed to serve, *other*
the other one; *well*, *sick* and *in doubt*, which is neither, are what a round sees of each."""
_ROUNDS = {event.name for event in EVENTS if event.name.startswith("round") and not event.is_move_specific}


@dataclass(frozen=True, slots=True, order=True)
class DiagramArrow:
    """From one stage to another, told as these kinds."""

    source: int
    target: int
    events: tuple[str, ...]


class WalkSummary:
    """What a walk has met, put together.

    Attributes
    ----------
    arrows
        Each arrow between two different stages, with the names of the events that make it.

    """

    def __init__(self) -> None:
        self.arrows: dict[DiagramArrow, set[str]] = {}
        self.transitions = 0

    def add(self, transition: StateTransition) -> None:
        """Take a transition in."""
        self.transitions += 1
        before = get_diagram_state(transition.before, transition.settings, transition.started_at)
        after = get_diagram_state(transition.after, transition.settings, transition.ended_at)
        if before is after:
            return
        told = tuple(each.kind.value for each in transition.events if each.kind in DIAGRAM_EVENTS)
        stages = list(DiagramState)
        arrow = DiagramArrow(stages.index(before), stages.index(after), told)
        self.arrows.setdefault(arrow, set()).add(transition.event.name)


def render_page(summary: WalkSummary, states: int) -> str:
    """Return the page."""
    return "\n".join(
        (
            "# State machine",
            "",
            _GENERATION_TEXT.format(states=states, transitions=summary.transitions),
            "",
            f"{_EQUIVALENCE_TEXT} ({', '.join(f'`{name}` {value}' for name, value in SMALLEST_SETTINGS.items())}).",
            "",
            "| stage | meaning |",
            "|---|---|",
            *(f"| {stage} | {MEANINGS[stage]} |" for stage in DiagramState),
            "",
            _READING_TEXT,
            "",
            "```mermaid",
            "stateDiagram-v2",
            "  [*] --> nothing",
            *_render_diagram(summary.arrows),
            "```",
            "",
            _TRANSITIONS_TEXT.format(events=len(EVENTS)),
            "",
            "| from | to | told on the way | by |",
            "|---|---|---|---|",
            *_render_rows(summary.arrows),
            "",
        )
    )


def _render_diagram(arrows: Iterable[DiagramArrow]) -> list[str]:
    stages = list(DiagramState)
    labels: dict[tuple[int, int], list[tuple[str, ...]]] = {}
    for arrow in sorted(arrows):
        if stages[arrow.target] is not DiagramState.NOTHING:
            labels.setdefault((arrow.source, arrow.target), []).append(arrow.events)
    return [
        f"  {_format_id(stages[before])} --> {_format_id(stages[after])}{_format_label(told)}"
        for (before, after), told in labels.items()
    ]


def _format_label(event_paths: list[tuple[str, ...]]) -> str:
    """Return what is told on the shortest ways: a longer one that has a shorter one in it adds nothing."""
    said = [way for way in event_paths if way]
    shortest = [way for way in said if not any(set(other) < set(way) for other in said)]
    silently = ["-"] if () in event_paths and said else []
    told = " / ".join((*silently, *(", ".join(way) for way in shortest)))
    return f": {told}" if told else ""


def _format_id(stage: DiagramState) -> str:
    return stage.replace("-", "_")


def _render_rows(arrows: dict[DiagramArrow, set[str]]) -> list[str]:
    stages = list(DiagramState)
    return [
        f"| {stages[arrow.source]} | {stages[arrow.target]} | {', '.join(arrow.events)} | {_format_causes(causes)} |"
        for arrow, causes in sorted(arrows.items())
    ]


def _format_causes(causes: set[str]) -> str:
    """Return the events by name, those rounds as one that differ only in how the other side is seen."""
    left, said = set(causes), []
    groups = {"any round": _ROUNDS}
    groups |= {
        f"round: serving {seen}": {each for each in _ROUNDS if f"serving {seen}," in each} for seen in VERDICT_CLASSES
    }
    for name, group in groups.items():
        if group <= left:
            said.append(name)
            left -= group
            left -= {each for each in left if name == "any round" and each.startswith("round")}
    return "; ".join((*said, *sorted(left)))


def main() -> None:
    """Write the page."""
    walk, met = StateSpaceWalk(), WalkSummary()
    for transition in walk:
        met.add(transition)
    PAGE.write_text(render_page(met, walk.state_count), encoding="utf-8")


if __name__ == "__main__":
    main()
