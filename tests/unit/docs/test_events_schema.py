"""The schema of events is one, and says what the code says."""

import pytest
from jsonschema import Draft202012Validator, ValidationError

from failover.decision.announcement import Kind
from failover.signals.event import detail
from failover.signals.timeline_event import TimelineEvents
from tests.support.event_schema import SCHEMA, hold_to_schema
from tests.support.stories import STORIES
from tests.unit.signals.examples import NOW, announcement, settings, state


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_it_has_every_kind_of_transition() -> None:
    assert SCHEMA["$defs"]["transition"]["properties"]["kind"]["enum"] == [kind.value for kind in Kind]


@pytest.mark.parametrize("story", STORIES)
def test_whatever_is_told_in_the_chronicles_is_as_it_says(story: str) -> None:
    world = STORIES[story]()

    assert world.told.announcements
    for told in world.told.announcements:
        hold_to_schema(detail(told, world.settings, world.state))


def test_the_end_of_a_timeline_is_as_it_says() -> None:
    hold_to_schema(TimelineEvents(settings()).detail("to-us-east-1-1782900000", NOW))


def test_it_takes_nothing_that_is_not_said() -> None:
    told = detail(announcement(), settings(), state())
    for wrong in ({**told, "further": 1}, {**told, "kind": "moved"}, {key: told[key] for key in told if key != "id"}):
        with pytest.raises(ValidationError):
            hold_to_schema(wrong)
