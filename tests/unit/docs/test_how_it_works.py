"""The picture of the phases is the generated state machine with the stages of a move taken together."""

import re

from failover.decision.phase import Phase
from tests.unit.docs.pages import ROOT, blocks

PAGE, WHOLE = ROOT / "docs" / "how-it-works.md", ROOT / "docs" / "state-machine.md"

_ARROW = re.compile(r"^  (?P<before>\S+) --> (?P<after>\w+)", re.MULTILINE)


def folded(diagram: str) -> str:
    """Return a diagram with its stages as phases, and without what is told on the way."""

    def phase(stage: str) -> str:
        return stage if stage in {"[*]", "nothing", *Phase} else Phase.MOVING.value

    arrows = dict.fromkeys((phase(found["before"]), phase(found["after"])) for found in _ARROW.finditer(diagram))
    lines = [f"  {before} --> {after}" for before, after in arrows if before != after]
    return "\n".join(["stateDiagram-v2", *lines]) + "\n"


def test_the_phases_are_drawn_as_they_were_generated() -> None:
    expected = folded(blocks(WHOLE, "mermaid")[0])

    assert expected in blocks(PAGE, "mermaid"), expected
