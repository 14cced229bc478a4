"""The catalogue of event kinds: complete, short enough for a phone, and with existing commands and pages."""

import re
from functools import cache
from itertools import product
from typing import Any

import pytest
from click import Context

from cognito_failover.common.region import RegionRole, route_all_to
from cognito_failover.core.model.drill import DrillOutcome
from cognito_failover.core.model.event import Event, EventKind, EventSeverity
from cognito_failover.core.model.state import ControllerState, SavedRecords
from cognito_failover.core.severity import rate_severity
from cognito_failover.core.verdict import Verdict
from cognito_failover.notifications.catalogue import (
    CATALOGUE,
    MAX_CALL_TO_ACTION_LENGTH,
    find_runbook_page,
    format_call_to_action,
)
from cognito_failover.notifications.context import EventContext
from failoverctl.cli import LazyGroup
from tests.unit.docs.pages import ROOT
from tests.unit.notifications.examples import (
    NOW,
    make_drill,
    make_event,
    make_move,
    make_settings,
    make_state,
)

FAILBACK_MOVE = make_move(source=RegionRole.STANDBY, target=RegionRole.PRIMARY)
UNREADABLE_RECORDS = make_state(
    records=SavedRecords(read_at=NOW, weights=route_all_to(RegionRole.PRIMARY), read_error="It timed out.")
)
STATES = (
    None,
    make_state(),
    make_state(active_role=RegionRole.STANDBY),
    make_state(active_role=RegionRole.STANDBY, is_auto_failback_pending=True),
    make_state(drill=make_drill()),
    UNREADABLE_RECORDS,
)
DRILLS = (None, make_drill(), *(make_drill(outcome=outcome) for outcome in DrillOutcome))


def make_context(event: Event, state: ControllerState | None = None) -> EventContext:
    return EventContext(event=event, settings=make_settings(), state=state or make_state())


@cache
def list_contexts() -> tuple[EventContext, ...]:
    """Return every combination of what calls to action, severities and pages depend on."""
    settings = make_settings()
    roles, verdicts = (None, *RegionRole), (None, *Verdict)
    events = [
        make_event(kind, role=role, verdict=verdict, drill=drill)
        for kind, role, verdict, drill in product(EventKind, roles, verdicts, DRILLS)
    ]
    return tuple(EventContext(event=event, settings=settings, state=state) for event in events for state in STATES)


def get_page(kind: EventKind = EventKind.MOVE_CONFIRMED, state: ControllerState | None = None, **changes: Any) -> str:
    return find_runbook_page(make_context(make_event(kind, **changes), state))


def get_severity(event: Event, state: ControllerState | None = None) -> EventSeverity:
    return rate_severity(event, state or make_state())


def test_every_kind_has_exactly_one_spec() -> None:
    assert [spec.kind for spec in CATALOGUE] == list(EventKind)


def test_every_call_to_action_is_one_short_sentence() -> None:
    texts = {format_call_to_action(context) for context in list_contexts()}

    assert [text for text in texts if len(text) > MAX_CALL_TO_ACTION_LENGTH] == []
    assert all(text.endswith(".") for text in texts)


def test_every_command_in_a_call_to_action_exists() -> None:
    texts = {format_call_to_action(context) for context in list_contexts()}
    commands = {command for text in texts for command in re.findall(r"failoverctl ([a-z-]+)", text)}

    assert commands
    assert commands <= set(LazyGroup().list_commands(Context(LazyGroup())))


def test_every_runbook_page_exists() -> None:
    pages = {find_runbook_page(context) for context in list_contexts()} - {""}

    assert [page for page in pages if not (ROOT / "docs" / "runbooks" / f"{page}.md").is_file()] == []


def test_only_confirmed_failover_has_the_failed_over_page() -> None:
    assert get_page() == "failed-over"
    assert get_page(move=FAILBACK_MOVE) == ""


def test_confirmed_move_of_a_drill_has_no_page() -> None:
    assert get_page(move=make_move(drill_id=make_drill().id)) == ""


def test_wrong_and_unreadable_records_have_different_pages() -> None:
    assert get_page(EventKind.LEVER_PROBLEM) == "drift"
    assert get_page(EventKind.LEVER_PROBLEM, UNREADABLE_RECORDS) == "levers-unavailable"


def test_sick_region_has_the_page_of_its_role() -> None:
    assert get_page(EventKind.REGION_DEGRADED, role=RegionRole.PRIMARY, verdict=Verdict.SICK) == "primary-sick"
    assert get_page(EventKind.REGION_DEGRADED, role=RegionRole.STANDBY, verdict=Verdict.SICK) == "standby-not-ready"


@pytest.mark.parametrize(
    "kind", [EventKind.BLOCKED, EventKind.WOULD_MOVE, EventKind.MOVE_DELAYED, EventKind.MOVE_SUPERSEDED]
)
def test_failing_sign_in_without_a_finished_move_is_critical(kind: EventKind) -> None:
    assert get_severity(make_event(kind)) is EventSeverity.CRITICAL


def test_automatic_failover_is_critical_until_confirmed() -> None:
    assert get_severity(make_event(EventKind.MOVE_DECIDED)) is EventSeverity.CRITICAL
    assert get_severity(make_event(EventKind.MOVE_CONFIRMED)) is EventSeverity.WARNING


def test_manual_decision_and_confirmed_failback_are_info() -> None:
    manual_decision = make_event(EventKind.MOVE_DECIDED, move=make_move(is_automatic=False))

    assert get_severity(manual_decision) is EventSeverity.INFO
    assert get_severity(make_event(move=FAILBACK_MOVE)) is EventSeverity.INFO


def test_sick_region_is_critical_only_if_users_are_there() -> None:
    sick = make_event(EventKind.REGION_DEGRADED, role=RegionRole.PRIMARY, verdict=Verdict.SICK)

    assert get_severity(sick, make_state(active_role=RegionRole.PRIMARY)) is EventSeverity.CRITICAL
    assert get_severity(sick, make_state(active_role=RegionRole.STANDBY)) is EventSeverity.WARNING


def test_event_that_a_drill_handles_is_info() -> None:
    decided = make_event(EventKind.MOVE_DECIDED, move=make_move(drill_id=make_drill().id))

    assert get_severity(decided, make_state(drill=make_drill())) is EventSeverity.INFO


def test_event_that_a_drill_does_not_handle_is_a_warning() -> None:
    delayed = make_event(EventKind.MOVE_DELAYED, move=make_move(drill_id=make_drill().id))

    assert get_severity(delayed, make_state(drill=make_drill())) is EventSeverity.WARNING


def test_event_of_a_drill_is_never_critical() -> None:
    contexts = [context for context in list_contexts() if context.event.drill_id]

    assert contexts
    assert EventSeverity.CRITICAL not in {rate_severity(context.event, context.state) for context in contexts}


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [(DrillOutcome.SUCCEEDED, EventSeverity.INFO), (DrillOutcome.ABORTED, EventSeverity.WARNING)],
)
def test_only_unsuccessful_drill_is_a_warning(outcome: DrillOutcome, expected: EventSeverity) -> None:
    assert get_severity(make_event(EventKind.DRILL_ENDED, drill=make_drill(outcome=outcome))) is expected
