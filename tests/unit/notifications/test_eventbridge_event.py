"""The detail of EventBridge events."""

import json
from dataclasses import replace

from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.event import EventKind
from cognito_failover.notifications.eventbridge_event import build_detail, format_detail_type
from tests.unit.notifications.examples import make_event, make_move, make_settings, make_state


def test_confirmed_move_detail_has_regions_reason_and_stage_durations() -> None:
    confirmed = make_event(incident_id="incident-1782899938")
    assert build_detail(confirmed, make_settings(), make_state(active_role=RegionRole.STANDBY)) == {
        "id": confirmed.id,
        "incident": "incident-1782899938",
        "kind": "move-confirmed",
        "severity": "warning",
        "at": "2026-07-01T10:00:00Z",
        "message": "All users are on us-east-1.",
        "domain": "auth.example.com",
        "user_pool_id": "ap-northeast-1_AbCdEfGhI",
        "active_region": "us-east-1",
        "decided_region": "us-east-1",
        "move": {
            "id": "to-us-east-1-1782900000",
            "from": "ap-northeast-1",
            "to": "us-east-1",
            "automatic": True,
            "reason": "ap-northeast-1 has been sick for 3 rounds.",
            "requested_by": "controller",
            "overridden": [],
            "steps": [100],
            "going_back": False,
            "drill": None,
            "stages_seconds": {"decided": 20.0, "submitted": 21.0, "in_sync": 57.0, "confirmed": 62.0},
        },
        "drill": None,
    }


def test_move_in_progress_has_only_its_reached_stages() -> None:
    submitted = make_event(EventKind.MOVE_SUBMITTED, move=replace(make_move(), first_in_sync_at=None))
    stage_seconds = build_detail(submitted, make_settings(), make_state())["move"]["stages_seconds"]
    assert stage_seconds == {"decided": 20.0, "submitted": 21.0}


def test_decided_region_differs_from_active_during_a_move() -> None:
    detail = build_detail(
        make_event(EventKind.MOVE_SUBMITTED),
        make_settings(),
        make_state(active_role=RegionRole.PRIMARY, move=make_move()),
    )
    assert (detail["active_region"], detail["decided_region"]) == ("ap-northeast-1", "us-east-1")


def test_detail_without_state_is_json_with_unknown_regions() -> None:
    detail = json.loads(json.dumps(build_detail(make_event(), make_settings(), None)))
    assert detail["active_region"] is detail["decided_region"] is None


def test_event_without_move_has_no_move_detail() -> None:
    assert build_detail(make_event(EventKind.PAUSED), make_settings(), make_state())["move"] is None


def test_detail_type_matches_kind() -> None:
    assert format_detail_type(EventKind.MOVE_CONFIRMED) == "Move confirmed"
    assert format_detail_type(EventKind.AUTOMATION_HELD) == "Automation held"
