import re

from tests.exhaustive.promises import PROMISES
from tests.unit.docs.pages import ROOT, text_of

NAMED = set(re.findall(r"`((?:test_)?[a-z0-9]+(?:_[a-z0-9]+){2,})`", text_of(ROOT / "docs" / "invariants.md")))
FILES = [
    path
    for room in ("property/core", "unit/core", "property/signals")
    for path in (ROOT / "tests" / room).glob("test_*.py")
]
TESTS = {path.name: set(re.findall(r"^(?:def )?(test_\w+)", path.read_text("utf-8"), re.MULTILINE)) for path in FILES}
LISTED_WHOLE = ("test_any_decision.py", "test_guarantees.py", "test_invariants.py")


def test_every_invariant_that_is_listed_is_tested_under_its_name() -> None:
    promises = {promise.__name__ for promise in PROMISES}
    assert NAMED - promises - set().union(*TESTS.values()) == set()


def test_every_promise_is_listed() -> None:
    assert [promise.__name__ for promise in PROMISES if promise.__name__ not in NAMED] == []


def test_every_invariant_that_is_tested_is_listed() -> None:
    tested = set().union(*(TESTS[name] for name in LISTED_WHOLE))
    assert tested - NAMED == set()
