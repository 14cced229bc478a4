import json
from pathlib import Path

import pytest

from failover.decision.drill import DrillKind
from failover.decision.request import Action, Pace, parse_request
from failover.decision.rules import OVERRIDABLE
from tests.unit.template.rendering import load

FOLDER = Path(__file__).parents[3] / "events"
EVENTS = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.json")}


@pytest.mark.parametrize("name", EVENTS)
def test_every_event_is_accepted_as_it_is(name: str) -> None:
    request = parse_request(EVENTS[name])

    assert name.startswith(request.action)


def test_every_action_has_an_event_of_its_name() -> None:
    assert {f"{action}.json" for action in Action if action is not Action.DRILL} <= EVENTS.keys()


def test_every_kind_of_drill_has_an_event_and_so_has_the_plan_alone() -> None:
    assert {f"drill-{kind}.json" for kind in DrillKind} <= EVENTS.keys()
    assert {name for name in EVENTS if parse_request(EVENTS[name]).dry_run} == {"drill-dry-run.json"}


def test_every_pace_of_a_failback_has_an_event() -> None:
    assert {parse_request(EVENTS[name]).pace for name in ("failback.json", "failback-in-one.json")} == set(Pace)


def test_the_override_names_every_rule_that_can_be_overridden() -> None:
    assert set(parse_request(EVENTS["failover-override.json"]).override) == OVERRIDABLE


def test_no_two_events_share_a_token() -> None:
    tokens = [event["token"] for event in EVENTS.values() if "token" in event]

    assert len(tokens) == len(set(tokens))


def test_the_outputs_of_the_stack_name_events_that_exist() -> None:
    commands = [output["Value"]["Fn::Sub"] for output in load()["Outputs"].values() if "Fn::Sub" in output["Value"]]
    named = {
        word.removeprefix("file://")
        for command in commands
        for word in command.split()
        if word.removeprefix("file://").startswith("events/")
    }

    assert named
    assert all((FOLDER.parent / name).is_file() for name in named)
