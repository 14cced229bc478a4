import json
from typing import Any

from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.event import EventKind
from cognito_failover.notifications.eventbridge_event import SOURCE, build_detail, format_detail_type
from tests.unit.docs.pages import ROOT, find_code_blocks, read_table
from tests.unit.notifications.examples import NOW, make_event, make_move, make_settings, make_state
from tests.unit.template.rendering import load_template

PAGE = ROOT / "docs" / "clients.md"
EVENT, RULE = map(json.loads, find_code_blocks(PAGE, "json"))


def is_selected_by(pattern: dict[str, Any], event: dict[str, Any]) -> bool:
    """Return whether an EventBridge pattern of plain values selects an event."""
    return all(
        is_selected_by(values, event[name]) if isinstance(values, dict) else event[name] in values
        for name, values in pattern.items()
    )


def test_shown_event_matches_event_of_accepted_failover() -> None:
    message = EVENT["detail"]["message"]
    submitted = make_event(
        EventKind.MOVE_SUBMITTED,
        at=NOW - 41,
        message=message,
        move=make_move(first_in_sync_at=None, progress=None),
        incident_id=EVENT["detail"]["incident"],
    )
    sent = build_detail(
        submitted, make_settings(user_pool_id=EVENT["detail"]["user_pool_id"]), make_state(move=make_move())
    )

    assert EVENT["detail"] == sent
    assert (EVENT["source"], EVENT["detail-type"]) == (SOURCE, format_detail_type(EventKind.MOVE_SUBMITTED))


def test_shown_rule_selects_only_deciding_events() -> None:
    silent = {**EVENT, "detail": {**EVENT["detail"], "decided_region": None}}

    assert is_selected_by(RULE, EVENT)
    assert not is_selected_by(RULE, silent)


def test_every_event_field_is_explained() -> None:
    explained = {name.strip("`") for row in read_table(PAGE, "field", "meaning") for name in row[0].split(", ")}

    assert explained == set(build_detail(make_event(), make_settings(), make_state(active_role=RegionRole.PRIMARY)))


def test_parameter_name_matches_stack() -> None:
    name = load_template()["Outputs"]["DecidedRegionParameterName"]["Value"]["Fn::Sub"]

    assert f"`{name.replace('${AWS::StackName}', '<stack>')}`" in PAGE.read_text(encoding="utf-8")
