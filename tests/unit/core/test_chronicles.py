"""Every word that the controller says in a handful of stories, as people read it, and all that it remembers.

After a wanted change of a sentence: ``PYTHONPATH=layers/failover python -m tests.support.stories``, and read what has
changed.
"""

import pytest

from tests.support.stories import CHRONICLES, STORIES, chronicle_of


@pytest.mark.parametrize("name", STORIES)
def test_a_story_is_told_as_its_chronicle_has_it(name: str) -> None:
    assert chronicle_of(STORIES[name]) == (CHRONICLES / f"{name}.txt").read_text(encoding="utf-8")


def test_no_chronicle_is_left_without_its_story() -> None:
    assert {path.stem for path in CHRONICLES.glob("*.txt")} == STORIES.keys()
