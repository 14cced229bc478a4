"""The table of phases is the generated state machine with the stages of a move as one phase."""

import re

from cognito_failover.core.phase import Phase
from tests.unit.docs.pages import ROOT, read_table

PAGE, WHOLE = ROOT / "docs" / "how-it-works.md", ROOT / "docs" / "state-machine.md"


def list_phase_changes() -> set[tuple[str, str]]:
    """Return each change of phase in the table of stages."""

    def get_phase(stage: str) -> str:
        return stage if stage in {"nothing", *Phase} else Phase.MOVING.value

    rows = read_table(WHOLE, "from", "to", "reports", "caused by")
    changes = {(get_phase(row[0]), get_phase(row[1])) for row in rows}
    return {(before, after) for before, after in changes if before != after}


def test_phase_table_matches_generated_state_machine() -> None:
    rows = read_table(PAGE, "phase", "next phases")
    listed = {(row[0].strip("`"), after) for row in rows for after in re.findall(r"`(\w+)`", row[1])}

    assert listed == list_phase_changes()
