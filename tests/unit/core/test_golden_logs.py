"""The golden logs of the scenarios: each message as people read it, and each change of the state.

After an intended change of a message, run ``PYTHONPATH=layers/failover python -m tests.support.scenarios`` and review
the difference.
"""

import pytest

from tests.support.scenarios import GOLDEN_LOG_FOLDER, SCENARIOS, render_golden_log


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario_matches_its_golden_log(name: str) -> None:
    assert render_golden_log(SCENARIOS[name]) == (GOLDEN_LOG_FOLDER / f"{name}.txt").read_text(encoding="utf-8")


def test_every_golden_log_has_a_scenario() -> None:
    assert {path.stem for path in GOLDEN_LOG_FOLDER.glob("*.txt")} == SCENARIOS.keys()
