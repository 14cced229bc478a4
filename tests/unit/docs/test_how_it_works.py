"""The table of phases is the generated state machine with the stages of a move taken together."""

import re

from cognito_failover.core.phase import Phase
from tests.unit.docs.pages import ROOT, find_code_blocks, read_table

PAGE, WHOLE = ROOT / "docs" / "how-it-works.md", ROOT / "docs" / "state-machine.md"

_ARROW = re.compile(r"^  (?P<before>\S+) --> (?P<after>\w+)", re.MULTILINE)


def list_phase_changes(diagram: str) -> set[tuple[str, str]]:
    """Return each change of phase in a diagram of stages."""

    def get_phase(stage: str) -> str:
        return stage if stage in {"[*]", "nothing", *Phase} else Phase.MOVING.value

    changes = {(get_phase(found["before"]), get_phase(found["after"])) for found in _ARROW.finditer(diagram)}
    return {(before, after) for before, after in changes if before not in {"[*]", after}}


def test_phase_table_matches_generated_state_machine() -> None:
    rows = read_table(PAGE, "phase", "next phases")
    listed = {(row[0].strip("`"), after) for row in rows for after in re.findall(r"`(\w+)`", row[1])}

    assert listed == list_phase_changes(find_code_blocks(WHOLE, "mermaid")[0])
