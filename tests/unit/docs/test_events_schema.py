"""The schema of events is valid and matches the code."""

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


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario_events_match_schema(scenario: str) -> None:
    world = SCENARIOS[scenario]()

    assert world.notifier.events
    for event in world.notifier.events:
        validate_event(build_detail(event, world.settings, world.state))


def test_timeline_event_matches_schema() -> None:
    validate_event(build_timeline_detail("to-us-east-1-1782900000", make_settings(), NOW))


def test_schema_rejects_unknown_and_missing_fields_and_kinds() -> None:
    detail = build_detail(make_event(), make_settings(), make_state())
    without_id = {key: value for key, value in detail.items() if key != "id"}
    for invalid in ({**detail, "further": 1}, {**detail, "kind": "moved"}, without_id):
        with pytest.raises(ValidationError):
            validate_event(invalid)
