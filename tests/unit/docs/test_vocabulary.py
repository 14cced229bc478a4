from failover.decision.announcement import QUIET, Kind
from failover.decision.phase import Phase
from failover.decision.rules import SAFETY, Rule
from failover.probe.verdict import Verdict
from tests.unit.docs.pages import ROOT, table, text_of

ACTING = ROOT / "docs" / "acting.md"
RUNBOOK = ROOT / "docs" / "runbook.md"
DESIGN = ROOT / "docs" / "design.md"


def column(*headings: str) -> list[str]:
    return [row[0].strip("`") for row in table(RUNBOOK, *headings)]


def test_the_runbook_explains_every_kind_of_message() -> None:
    assert column("kind", "it means", "what to do") == list(Kind)


def test_the_runbook_says_which_transitions_wake_nobody() -> None:
    rows = table(RUNBOOK, "kind", "it means", "what to do")

    assert {row[0].strip("`") for row in rows if "*event only*" in row[1]} == QUIET


def test_the_runbook_explains_every_rule() -> None:
    assert sorted(column("rule", "it says no when", "the way out")) == sorted(Rule)


def test_the_rules_that_hold_by_hand_too_come_first() -> None:
    assert set(column("rule", "it says no when", "the way out")[: len(SAFETY)]) == SAFETY.keys()


def test_the_runbook_explains_every_verdict() -> None:
    assert column("verdict", "what it answered", "what to do") == list(Verdict)


def test_the_design_names_every_rule() -> None:
    assert [rule for rule in Rule if f"`{rule}`" not in text_of(DESIGN)] == []


def test_the_page_on_acting_explains_every_phase() -> None:
    assert [phase for phase in Phase if f"`{phase}`" not in text_of(ACTING)] == []
