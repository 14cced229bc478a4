import re

from tests.exhaustive.invariants import INVARIANTS
from tests.unit.docs.pages import ROOT, read_text

NAMED_INVARIANTS = set(
    re.findall(r"`((?:test_)?[a-z0-9]+(?:_[a-z0-9]+){2,})`", read_text(ROOT / "docs" / "invariants.md"))
)
FILES = [
    path
    for folder in ("property", "unit/core", "unit/controller")
    for path in (ROOT / "tests" / folder).rglob("test_*.py")
]
TESTS = {
    path.relative_to(ROOT).as_posix(): set(re.findall(r"^(?:def )?(test_\w+)", path.read_text("utf-8"), re.MULTILINE))
    for path in FILES
}
FULLY_LISTED = (
    "tests/property/core/test_any_decision.py",
    "tests/property/core/test_guarantees.py",
    "tests/property/core/test_invariants.py",
)


def test_listed_invariants_are_tested_by_name() -> None:
    invariants = {invariant.__name__ for invariant in INVARIANTS}
    assert NAMED_INVARIANTS - invariants - set().union(*TESTS.values()) == set()


def test_every_invariant_is_listed() -> None:
    assert [invariant.__name__ for invariant in INVARIANTS if invariant.__name__ not in NAMED_INVARIANTS] == []


def test_tested_invariants_are_listed() -> None:
    tested = set().union(*(TESTS[name] for name in FULLY_LISTED))
    assert tested - NAMED_INVARIANTS == set()
