"""What a program receives."""

import json
from dataclasses import replace

from failover.decision.announcement import Kind
from failover.region import Side
from failover.signals.event import detail, detail_type
from tests.unit.signals.examples import announcement, move, settings, state


def test_a_confirmed_move_says_from_where_to_where_why_and_how_long_each_stage_took() -> None:
    confirmed = announcement(incident="incident-1782899938")
    assert detail(confirmed, settings(), state(active=Side.STANDBY)) == {
        "id": confirmed.id,
        "incident": "incident-1782899938",
        "kind": "move-confirmed",
        "severity": "warning",
        "at": "2026-07-01T10:00:00Z",
        "sentence": "All users are on us-east-1.",
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


def test_a_move_under_way_has_only_the_stages_it_has_reached() -> None:
    submitted = announcement(Kind.MOVE_SUBMITTED, move=replace(move(), first_in_sync_at=None))
    reached = detail(submitted, settings(), state())["move"]["stages_seconds"]
    assert reached == {"decided": 20.0, "submitted": 21.0}


def test_the_decided_region_is_ahead_of_the_active_one_while_a_move_is_under_way() -> None:
    told = detail(announcement(Kind.MOVE_SUBMITTED), settings(), state(active=Side.PRIMARY, move=move()))
    assert (told["active_region"], told["decided_region"]) == ("ap-northeast-1", "us-east-1")


def test_the_detail_is_json_whatever_record_sets_the_move_holds() -> None:
    told = json.loads(json.dumps(detail(announcement(), settings(), None)))
    assert told["active_region"] is told["decided_region"] is None


def test_an_announcement_of_no_move_has_none() -> None:
    assert detail(announcement(Kind.PAUSED), settings(), state())["move"] is None


def test_rules_match_on_the_kind_in_words() -> None:
    assert detail_type(Kind.MOVE_CONFIRMED) == "Move confirmed"
    assert detail_type(Kind.HELD) == "Held"
