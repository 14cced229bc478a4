from cognito_failover.core.model.event import EventKind
from cognito_failover.core.phase import Phase
from cognito_failover.core.rules import SAFETY_RULES, Rule
from cognito_failover.core.severity import is_notified
from cognito_failover.core.verdict import Verdict
from tests.unit.docs.pages import ROOT, read_table, read_text

ON_CALL_PAGE = ROOT / "docs" / "acting.md"
RUNBOOK = ROOT / "docs" / "runbook.md"
DESIGN = ROOT / "docs" / "design.md"


def read_column(*headings: str) -> list[str]:
    return [row[0].strip("`") for row in read_table(RUNBOOK, *headings)]


def test_runbook_explains_every_event_kind() -> None:
    assert read_column("kind", "meaning", "what to do") == list(EventKind)


def test_runbook_lists_events_without_notification() -> None:
    rows = read_table(RUNBOOK, "kind", "meaning", "what to do")

    assert {row[0].strip("`") for row in rows if "*event only*" in row[1]} == {
        kind for kind in EventKind if not is_notified(kind)
    }


def test_runbook_explains_every_rule() -> None:
    assert sorted(read_column("rule", "blocks when", "way out")) == sorted(Rule)


def test_rules_for_manual_moves_come_first() -> None:
    assert set(read_column("rule", "blocks when", "way out")[: len(SAFETY_RULES)]) == SAFETY_RULES.keys()


def test_runbook_explains_every_verdict() -> None:
    assert read_column("verdict", "meaning", "what to do") == list(Verdict)


def test_design_names_every_rule() -> None:
    assert [rule for rule in Rule if f"`{rule}`" not in read_text(DESIGN)] == []


def test_on_call_page_explains_every_phase() -> None:
    assert [phase for phase in Phase if f"`{phase}`" not in read_text(ON_CALL_PAGE)] == []
