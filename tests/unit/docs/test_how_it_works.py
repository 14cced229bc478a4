"""The picture of the phases is the generated state machine with the stages of a move taken together."""

import re

from cognito_failover.core.phase import Phase
from tests.unit.docs.pages import ROOT, find_code_blocks

PAGE, WHOLE = ROOT / "docs" / "how-it-works.md", ROOT / "docs" / "state-machine.md"

_ARROW = re.compile(r"^  (?P<before>\S+) --> (?P<after>\w+)", re.MULTILINE)


def fold_stages(diagram: str) -> str:
    """Return a diagram with its stages as phases, and without what is told on the way."""

    def get_phase(stage: str) -> str:
        return stage if stage in {"[*]", "nothing", *Phase} else Phase.MOVING.value

    arrows = dict.fromkeys(
        (get_phase(found["before"]), get_phase(found["after"])) for found in _ARROW.finditer(diagram)
    )
    lines = [f"  {before} --> {after}" for before, after in arrows if before != after]
    return "\n".join(["stateDiagram-v2", *lines]) + "\n"


def test_phase_diagram_matches_generated_state_machine() -> None:
    expected = fold_stages(find_code_blocks(WHOLE, "mermaid")[0])

    assert expected in find_code_blocks(PAGE, "mermaid"), expected
