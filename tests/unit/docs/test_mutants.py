"""Explained mutants refer to existing code."""

import pytest

from tests.mutants.__main__ import (
    DEFAULT_PACKAGE,
    EXCLUDED_MODULES,
    EXPLANATIONS_PAGE,
    MUTATED_MODULES,
    PACKAGE,
    ExplainedMutant,
    read_explanations,
)


@pytest.mark.parametrize("mutant", sorted(read_explanations()), ids=lambda mutant: mutant[0])
def test_explained_mutants_refer_to_existing_code(mutant: ExplainedMutant) -> None:
    function, diff = mutant
    module, _, name = function.partition(".")
    assert module in MUTATED_MODULES
    source = (PACKAGE.parent / MUTATED_MODULES[module]).read_text(encoding="utf-8")
    assert f"def {name.rpartition('.')[2]}(" in source
    removed = [line.removeprefix("- ") for line in diff.splitlines() if line.startswith("- ")]
    assert [line for line in removed if line not in source] == []


def test_all_core_modules_are_mutated_except_named_ones() -> None:
    modules = {
        path.relative_to(PACKAGE).with_suffix("").as_posix()
        for path in (PACKAGE / DEFAULT_PACKAGE).rglob("*.py")
        if path.stem != "__init__"
    }
    excluded = modules - MUTATED_MODULES.keys()
    assert excluded == set(EXCLUDED_MODULES)
    text = EXPLANATIONS_PAGE.read_text(encoding="utf-8")
    assert [name for name in excluded if f"`{name}`" not in text] == []
