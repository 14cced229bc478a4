"""How much a transition matters."""

import pytest

from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.drill import DrillOutcome
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.verdict import Verdict
from cognito_failover.notifications.context import EventContext
from cognito_failover.notifications.severity import EventSeverity, rate_severity
from tests.unit.notifications.examples import make_drill, make_event, make_move, make_settings, make_state


def get_severity(told: Event, known: ControllerState | None = None) -> EventSeverity:
    return rate_severity(EventContext(event=told, settings=make_settings(), state=known or make_state()))


@pytest.mark.parametrize(
    "kind", [EventKind.BLOCKED, EventKind.WOULD_MOVE, EventKind.MOVE_DELAYED, EventKind.MOVE_SUPERSEDED]
)
def test_failing_sign_in_without_move_is_critical(kind: EventKind) -> None:
    assert get_severity(make_event(kind)) is EventSeverity.CRITICAL


def test_automatic_failover_is_critical_until_confirmed() -> None:
    assert get_severity(make_event(EventKind.MOVE_DECIDED)) is EventSeverity.CRITICAL
    assert get_severity(make_event(EventKind.MOVE_CONFIRMED)) is EventSeverity.WARNING


def test_manual_move_or_return_is_not_critical() -> None:
    by_hand = make_event(EventKind.MOVE_DECIDED, move=make_move(is_automatic=False))
    home = make_event(move=make_move(source=RegionRole.STANDBY, target=RegionRole.PRIMARY))
    assert get_severity(by_hand) is get_severity(home) is EventSeverity.INFO


def test_sick_region_is_critical_only_with_users() -> None:
    sick = make_event(EventKind.REGION_DEGRADED, role=RegionRole.PRIMARY, verdict=Verdict.SICK)
    assert get_severity(sick, make_state(active_role=RegionRole.PRIMARY)) is EventSeverity.CRITICAL
    assert get_severity(sick, make_state(active_role=RegionRole.STANDBY)) is EventSeverity.WARNING


def test_event_handled_by_drill_is_informational() -> None:
    rehearsed = make_event(EventKind.MOVE_DECIDED, move=make_move(drill_id=make_drill().id))
    assert get_severity(rehearsed, make_state(drill=make_drill())) is EventSeverity.INFO


def test_event_not_handled_by_drill_is_a_warning() -> None:
    late = make_event(EventKind.MOVE_DELAYED, move=make_move(drill_id=make_drill().id))
    assert get_severity(late, make_state(drill=make_drill())) is EventSeverity.WARNING


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [(DrillOutcome.SUCCEEDED, EventSeverity.INFO), (DrillOutcome.ABORTED, EventSeverity.WARNING)],
)
def test_unsuccessful_drill_is_a_warning(outcome: DrillOutcome, expected: EventSeverity) -> None:
    assert get_severity(make_event(EventKind.DRILL_ENDED, drill=make_drill(outcome=outcome))) is expected
