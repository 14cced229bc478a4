"""The schema of events is one, and says what the code says."""

import pytest
from jsonschema import Draft202012Validator, ValidationError

from cognito_failover.core.model.event import EventKind
from cognito_failover.notifications.eventbridge_event import build_detail, build_timeline_detail
from tests.support.event_schema import SCHEMA, validate_event
from tests.support.scenarios import SCENARIOS
from tests.unit.notifications.examples import NOW, make_event, make_settings, make_state


def test_schema_is_valid() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_schema_has_every_event_kind() -> None:
    assert SCHEMA["$defs"]["transition"]["properties"]["kind"]["enum"] == [kind.value for kind in EventKind]


@pytest.mark.parametrize("story", SCENARIOS)
def test_golden_log_events_match_schema(story: str) -> None:
    world = SCENARIOS[story]()

    assert world.notifier.events
    for told in world.notifier.events:
        validate_event(build_detail(told, world.settings, world.state))


def test_timeline_event_matches_schema() -> None:
    validate_event(build_timeline_detail("to-us-east-1-1782900000", make_settings(), NOW))


def test_schema_rejects_unknown_fields() -> None:
    told = build_detail(make_event(), make_settings(), make_state())
    for wrong in ({**told, "further": 1}, {**told, "kind": "moved"}, {key: told[key] for key in told if key != "id"}):
        with pytest.raises(ValidationError):
            validate_event(wrong)
