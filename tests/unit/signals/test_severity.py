"""How much a transition matters."""

import pytest

from failover.decision.announcement import Announcement, Kind
from failover.decision.drill import DrillOutcome
from failover.decision.state import State
from failover.probe.verdict import Verdict
from failover.region import Side
from failover.signals.severity import Severity, severity
from failover.signals.situation import Situation
from tests.unit.signals.examples import announcement, drill, move, settings, state


def found(told: Announcement, known: State | None = None) -> Severity:
    return severity(Situation(announcement=told, settings=settings(), state=known or state()))


@pytest.mark.parametrize("kind", [Kind.BLOCKED, Kind.WOULD_MOVE, Kind.MOVE_DELAYED, Kind.MOVE_OVERTAKEN])
def test_sign_in_that_fails_and_is_not_moved_is_critical(kind: Kind) -> None:
    assert found(announcement(kind)) is Severity.CRITICAL


def test_a_failover_that_nobody_asked_for_is_critical_until_it_is_confirmed() -> None:
    assert found(announcement(Kind.MOVE_DECIDED)) is Severity.CRITICAL
    assert found(announcement(Kind.MOVE_CONFIRMED)) is Severity.WARNING


def test_a_move_that_a_person_asked_for_or_that_brings_users_home_wakes_nobody() -> None:
    by_hand = announcement(Kind.MOVE_DECIDED, move=move(automatic=False))
    home = announcement(move=move(source=Side.STANDBY, target=Side.PRIMARY))
    assert found(by_hand) is found(home) is Severity.INFO


def test_a_sick_region_is_critical_only_where_users_are() -> None:
    sick = announcement(Kind.CONCERN, side=Side.PRIMARY, verdict=Verdict.SICK)
    assert found(sick, state(active=Side.PRIMARY)) is Severity.CRITICAL
    assert found(sick, state(active=Side.STANDBY)) is Severity.WARNING


def test_what_a_drill_takes_care_of_is_good_to_know() -> None:
    rehearsed = announcement(Kind.MOVE_DECIDED, move=move(drill=drill().id))
    assert found(rehearsed, state(drill=drill())) is Severity.INFO


def test_what_a_drill_does_not_take_care_of_is_to_be_looked_at() -> None:
    late = announcement(Kind.MOVE_DELAYED, move=move(drill=drill().id))
    assert found(late, state(drill=drill())) is Severity.WARNING


@pytest.mark.parametrize(
    ("outcome", "expected"), [(DrillOutcome.CLEAN, Severity.INFO), (DrillOutcome.ABORTED, Severity.WARNING)]
)
def test_a_drill_that_did_not_go_as_planned_is_to_be_looked_at(outcome: DrillOutcome, expected: Severity) -> None:
    assert found(announcement(Kind.DRILL_ENDED, drill=drill(outcome=outcome))) is expected
