import json
from pathlib import Path

import pytest

from cognito_failover.core.model.drill import DrillKind
from cognito_failover.core.operator.request import FailbackMode, OperatorAction, parse_request
from cognito_failover.core.rules import OVERRIDABLE_RULES
from tests.unit.template.rendering import load_template

FOLDER = Path(__file__).parents[3] / "events"
EVENTS = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.json")}


@pytest.mark.parametrize("name", EVENTS)
def test_every_event_is_accepted(name: str) -> None:
    request = parse_request(EVENTS[name])

    assert name.startswith(request.action)


def test_every_action_has_an_event() -> None:
    assert {f"{action}.json" for action in OperatorAction if action is not OperatorAction.DRILL} <= EVENTS.keys()


def test_every_drill_kind_and_dry_run_have_an_event() -> None:
    assert {f"drill-{kind}.json" for kind in DrillKind} <= EVENTS.keys()
    assert {name for name in EVENTS if parse_request(EVENTS[name]).dry_run} == {"drill-dry-run.json"}


def test_every_failback_mode_has_an_event() -> None:
    assert {parse_request(EVENTS[name]).mode for name in ("failback.json", "failback-all-at-once.json")} == set(
        FailbackMode
    )


def test_override_event_names_every_overridable_rule() -> None:
    assert set(parse_request(EVENTS["failover-override.json"]).override) == OVERRIDABLE_RULES


def test_tokens_are_unique() -> None:
    tokens = [event["token"] for event in EVENTS.values() if "token" in event]

    assert len(tokens) == len(set(tokens))


def test_stack_outputs_name_existing_events() -> None:
    commands = [
        output["Value"]["Fn::Sub"] for output in load_template()["Outputs"].values() if "Fn::Sub" in output["Value"]
    ]
    named = {
        word.removeprefix("file://")
        for command in commands
        for word in command.split()
        if word.removeprefix("file://").startswith("events/")
    }

    assert named
    assert all((FOLDER.parent / name).is_file() for name in named)
