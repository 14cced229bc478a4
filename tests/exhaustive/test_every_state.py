"""Each event in each reachable state keeps every invariant, and the page of the state machine matches."""

from collections import defaultdict
from dataclasses import dataclass, field

import pytest

from tests.exhaustive.diagram import PAGE, WalkSummary, render_page
from tests.exhaustive.diagram_state import DiagramState, get_diagram_state
from tests.exhaustive.invariants import INVARIANTS, Invariant
from tests.exhaustive.state_space import StateSpaceWalk


@dataclass
class WalkResult:
    """The result of a complete walk."""

    summary: WalkSummary = field(default_factory=WalkSummary)
    states: int = 0
    stages: set[DiagramState] = field(default_factory=set)
    violations: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


@pytest.fixture(scope="module")
def walked() -> WalkResult:
    walk, walked = StateSpaceWalk(), WalkResult()
    for transition in walk:
        walked.summary.add(transition)
        stage = get_diagram_state(transition.before, transition.settings, transition.started_at)
        walked.stages.add(stage)
        for invariant in INVARIANTS:
            if not invariant(transition):
                walked.violations[invariant.__name__].append(f"{stage}: {transition.event.name}")
    walked.states = walk.state_count
    return walked


@pytest.mark.parametrize("invariant", INVARIANTS, ids=lambda invariant: invariant.__name__)
def test_every_transition_keeps_the_invariant(walked: WalkResult, invariant: Invariant) -> None:
    assert walked.violations[invariant.__name__] == []


def test_walk_reaches_every_diagram_state(walked: WalkResult) -> None:
    assert walked.stages == set(DiagramState)


def test_state_machine_page_matches_the_walk(walked: WalkResult) -> None:
    assert PAGE.read_text(encoding="utf-8") == render_page(walked.summary, walked.states), "run: make diagram"
