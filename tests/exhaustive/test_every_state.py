"""Whatever happens in whatever state the controller can come to: each promise is kept, and the page says so."""

from collections import defaultdict
from dataclasses import dataclass, field

import pytest

from tests.exhaustive.diagram import PAGE, Met, page
from tests.exhaustive.promises import PROMISES, Promise
from tests.exhaustive.stage import Stage, stage_of
from tests.exhaustive.walk import Walk


@dataclass
class Walked:
    """What a walk to the end came to."""

    met: Met = field(default_factory=Met)
    states: int = 0
    stages: set[Stage] = field(default_factory=set)
    broken: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


@pytest.fixture(scope="module")
def walked() -> Walked:
    walk, walked = Walk(), Walked()
    for transition in walk:
        walked.met.add(transition)
        stage = stage_of(transition.before, transition.settings, transition.began_at)
        walked.stages.add(stage)
        for promise in PROMISES:
            if not promise(transition):
                walked.broken[promise.__name__].append(f"{stage}: {transition.event.name}")
    walked.states = walk.visited
    return walked


@pytest.mark.timeout(900)
@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_in_no_state_is_a_promise_broken(walked: Walked, promise: Promise) -> None:
    assert walked.broken[promise.__name__] == []


def test_every_stage_is_met(walked: Walked) -> None:
    assert walked.stages == set(Stage)


def test_the_page_shows_what_the_walk_has_met(walked: Walked) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(walked.met, walked.states), "run: make diagram"
