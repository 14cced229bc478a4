"""What is explained of mutants is about code that is there."""

import pytest

from tests.mutants.__main__ import EXPLAINED, LEFT_OUT, MUTATED, PACKAGE, Mutant, explained


@pytest.mark.parametrize("mutant", sorted(explained()), ids=lambda mutant: mutant[0])
def test_every_explained_mutant_changes_code_that_is_there(mutant: Mutant) -> None:
    function, diff = mutant
    module, _, name = function.partition(".")
    assert module in MUTATED
    source = (PACKAGE.parent / MUTATED[module]).read_text(encoding="utf-8")
    assert f"def {name.rpartition('.')[2]}(" in source
    removed = [line.removeprefix("- ") for line in diff.splitlines() if line.startswith("- ")]
    assert [line for line in removed if line not in source] == []


def test_all_of_the_decision_is_broken_but_what_is_named_as_left_out() -> None:
    modules = {path.stem for path in (PACKAGE / "decision").glob("*.py")} - {"__init__"}
    left_out = modules - MUTATED.keys()
    assert left_out == set(LEFT_OUT) - {"__init__"}
    text = EXPLAINED.read_text(encoding="utf-8")
    assert [name for name in left_out if f"`{name}`" not in text] == []
    assert [str(path) for path in MUTATED.values() if not (PACKAGE.parent / path).is_file()] == []
