"""The page on the state machine, written from what a walk has met (``make diagram``)."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from failover.decision.announcement import Kind
from tests.exhaustive.events import EVENTS, SEEN
from tests.exhaustive.stage import MEANINGS, Stage, stage_of
from tests.exhaustive.walk import POLICY, Transition, Walk

PAGE = Path(__file__).parents[2] / "docs" / "state-machine.md"
MAKE = frozenset(
    {
        Kind.ADOPTED,
        Kind.HELD,
        Kind.MOVE_DECIDED,
        Kind.MOVE_SUBMITTED,
        Kind.STEP_CONFIRMED,
        Kind.MOVE_CONFIRMED,
        Kind.MOVE_WITHDRAWN,
        Kind.MOVE_REVERTING,
        Kind.MOVE_OVERTAKEN,
        Kind.ACKNOWLEDGED,
    }
)
"""The transitions that bring a controller from one stage to another; the others tell of something beside."""

_HOW_WRITTEN = """\
Written by `make diagram` from a walk through every state that the controller can come to, by everything that can happen
to it: {states:,} states, {transitions:,} transitions, breadth-first to the end, over the production code and its
in-memory twins, with a new process for each. A test walks the same way, holds every transition to the
[invariants](invariants.md), and fails where this page is not what it met."""
_WHAT_IS_ONE = """\
Two states are one to the walk if they differ only in texts, in moments on the same side of every limit, or in what no
rule asks for then. It goes by the smallest thresholds that the settings allow"""
_HOW_TO_READ = """\
The state can be lost anywhere: those arrows are left out. An arrow says what is told on the way; a dash, that nothing
is."""
_WHAT_HAPPENS = """\
Every way from one stage to another, by {events} events. *Serving* is the side that was last confirmed to serve, *other*
the other one; *well*, *sick* and *in doubt*, which is neither, are what a round sees of each."""
_ROUNDS = {event.name for event in EVENTS if event.name.startswith("round") and not event.about_a_move}


@dataclass(frozen=True, slots=True, order=True)
class Arrow:
    """From one stage to another, told as these kinds."""

    before: int
    after: int
    told: tuple[str, ...]


class Met:
    """What a walk has met, put together.

    Attributes
    ----------
    arrows
        Each arrow between two different stages, with the names of the events that make it.

    """

    def __init__(self) -> None:
        self.arrows: dict[Arrow, set[str]] = {}
        self.transitions = 0

    def add(self, transition: Transition) -> None:
        """Take a transition in."""
        self.transitions += 1
        before = stage_of(transition.before, transition.settings, transition.began_at)
        after = stage_of(transition.after, transition.settings, transition.ended_at)
        if before is after:
            return
        told = tuple(each.kind.value for each in transition.announcements if each.kind in MAKE)
        stages = list(Stage)
        arrow = Arrow(stages.index(before), stages.index(after), told)
        self.arrows.setdefault(arrow, set()).add(transition.event.name)


def page(met: Met, states: int) -> str:
    """Return the page."""
    return "\n".join(
        (
            "# State machine",
            "",
            _HOW_WRITTEN.format(states=states, transitions=met.transitions),
            "",
            f"{_WHAT_IS_ONE} ({', '.join(f'`{name}` {value}' for name, value in POLICY.items())}).",
            "",
            "| stage | meaning |",
            "|---|---|",
            *(f"| {stage} | {MEANINGS[stage]} |" for stage in Stage),
            "",
            _HOW_TO_READ,
            "",
            "```mermaid",
            "stateDiagram-v2",
            "  [*] --> nothing",
            *_diagram(met.arrows),
            "```",
            "",
            _WHAT_HAPPENS.format(events=len(EVENTS)),
            "",
            "| from | to | told on the way | by |",
            "|---|---|---|---|",
            *_rows(met.arrows),
            "",
        )
    )


def _diagram(arrows: Iterable[Arrow]) -> list[str]:
    stages = list(Stage)
    labels: dict[tuple[int, int], list[tuple[str, ...]]] = {}
    for arrow in sorted(arrows):
        if stages[arrow.after] is not Stage.NOTHING:
            labels.setdefault((arrow.before, arrow.after), []).append(arrow.told)
    return [
        f"  {_id(stages[before])} --> {_id(stages[after])}{_label(told)}" for (before, after), told in labels.items()
    ]


def _label(ways: list[tuple[str, ...]]) -> str:
    """Return what is told on the shortest ways: a longer one that has a shorter one in it adds nothing."""
    said = [way for way in ways if way]
    shortest = [way for way in said if not any(set(other) < set(way) for other in said)]
    silently = ["-"] if () in ways and said else []
    told = " / ".join((*silently, *(", ".join(way) for way in shortest)))
    return f": {told}" if told else ""


def _id(stage: Stage) -> str:
    return stage.replace("-", "_")


def _rows(arrows: dict[Arrow, set[str]]) -> list[str]:
    stages = list(Stage)
    return [
        f"| {stages[arrow.before]} | {stages[arrow.after]} | {', '.join(arrow.told)} | {_causes(causes)} |"
        for arrow, causes in sorted(arrows.items())
    ]


def _causes(causes: set[str]) -> str:
    """Return the events by name, those rounds as one that differ only in how the other side is seen."""
    left, said = set(causes), []
    groups = {"any round": _ROUNDS}
    groups |= {f"round: serving {seen}": {each for each in _ROUNDS if f"serving {seen}," in each} for seen in SEEN}
    for name, group in groups.items():
        if group <= left:
            said.append(name)
            left -= group
            left -= {each for each in left if name == "any round" and each.startswith("round")}
    return "; ".join((*said, *sorted(left)))


def main() -> None:
    """Write the page."""
    walk, met = Walk(), Met()
    for transition in walk:
        met.add(transition)
    PAGE.write_text(page(met, walk.visited), encoding="utf-8")


if __name__ == "__main__":
    main()
