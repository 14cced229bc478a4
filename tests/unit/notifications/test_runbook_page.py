"""Where a message leads whoever is woken by it."""

from typing import Any

import pytest

from cognito_failover.common.region import RegionRole, route_all_to
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.model.state import ControllerState, SavedRecords
from cognito_failover.core.verdict import Verdict
from cognito_failover.notifications.context import EventContext
from cognito_failover.notifications.runbook_page import find_runbook_page
from tests.unit.docs.pages import ROOT
from tests.unit.notifications.examples import (
    NOW,
    make_drill,
    make_event,
    make_move,
    make_settings,
    make_state,
    replace_move,
)

UNREADABLE_RECORDS = make_state(
    records=SavedRecords(read_at=NOW, weights=route_all_to(RegionRole.PRIMARY), read_error="It timed out.")
)


def get_page(kind: EventKind = EventKind.MOVE_CONFIRMED, known: ControllerState | None = None, **changes: Any) -> str:
    told = make_event(kind, **changes)
    return find_runbook_page(EventContext(event=told, settings=make_settings(), state=known or make_state()))


@pytest.mark.parametrize("kind", EventKind)
@pytest.mark.parametrize("verdict", [None, *Verdict])
@pytest.mark.parametrize("role", RegionRole)
def test_every_named_page_exists(kind: EventKind, verdict: Verdict | None, role: RegionRole) -> None:
    named = get_page(kind, role=role, verdict=verdict)
    assert not named or (ROOT / "docs" / "runbooks" / f"{named}.md").is_file()


def test_only_users_away_from_primary_need_a_return_page() -> None:
    assert get_page() == "failed-over"
    assert get_page(move=make_move(source=RegionRole.STANDBY, target=RegionRole.PRIMARY)) == ""


def test_drill_needs_no_return_page() -> None:
    rehearsed = replace_move(make_event(), drill=make_drill().id)
    assert find_runbook_page(EventContext(event=rehearsed, settings=make_settings(), state=make_state())) == ""


def test_unsupported_and_unreadable_records_have_different_pages() -> None:
    assert get_page(EventKind.LEVER_PROBLEM) == "drift"
    assert get_page(EventKind.LEVER_PROBLEM, UNREADABLE_RECORDS) == "levers-unavailable"


def test_sick_region_has_page_of_its_role() -> None:
    assert get_page(EventKind.REGION_DEGRADED, role=RegionRole.PRIMARY, verdict=Verdict.SICK) == "primary-sick"
    assert get_page(EventKind.REGION_DEGRADED, role=RegionRole.STANDBY, verdict=Verdict.SICK) == "standby-not-ready"
