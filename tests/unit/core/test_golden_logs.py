"""Every word that the controller says in a handful of stories, as people read it, and all that it remembers.

After a wanted change of a sentence: ``PYTHONPATH=layers/failover python -m tests.support.scenarios``, and read what has
changed.
"""

import pytest

from tests.support.scenarios import GOLDEN_LOG_FOLDER, SCENARIOS, render_golden_log


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario_matches_its_golden_log(name: str) -> None:
    assert render_golden_log(SCENARIOS[name]) == (GOLDEN_LOG_FOLDER / f"{name}.txt").read_text(encoding="utf-8")


def test_every_golden_log_has_a_scenario() -> None:
    assert {path.stem for path in GOLDEN_LOG_FOLDER.glob("*.txt")} == SCENARIOS.keys()
