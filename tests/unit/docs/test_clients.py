import json
from typing import Any

from failover.decision.announcement import Kind
from failover.region import Side
from failover.signals.event import SOURCE, detail, detail_type
from tests.unit.docs.pages import ROOT, blocks, table
from tests.unit.signals.examples import NOW, announcement, move, settings, state
from tests.unit.template.rendering import load

PAGE = ROOT / "docs" / "clients.md"
EVENT, RULE = map(json.loads, blocks(PAGE, "json"))


def selects(pattern: dict[str, Any], event: dict[str, Any]) -> bool:
    """Tell whether an EventBridge pattern of plain values selects an event."""
    return all(
        selects(wanted, event[name]) if isinstance(wanted, dict) else event[name] in wanted
        for name, wanted in pattern.items()
    )


def test_the_event_that_is_shown_is_what_is_sent_when_a_lever_has_taken_a_failover() -> None:
    sentence = EVENT["detail"]["sentence"]
    submitted = announcement(
        Kind.MOVE_SUBMITTED,
        at=NOW - 41,
        sentence=sentence,
        move=move(first_in_sync_at=None, progress=None),
        incident=EVENT["detail"]["incident"],
    )
    sent = detail(submitted, settings(user_pool_id=EVENT["detail"]["user_pool_id"]), state(move=move()))

    assert EVENT["detail"] == sent
    assert (EVENT["source"], EVENT["detail-type"]) == (SOURCE, detail_type(Kind.MOVE_SUBMITTED))


def test_the_rule_that_is_shown_selects_the_event_and_not_one_that_decides_nothing() -> None:
    silent = {**EVENT, "detail": {**EVENT["detail"], "decided_region": None}}

    assert selects(RULE, EVENT)
    assert not selects(RULE, silent)


def test_every_field_of_the_event_is_explained() -> None:
    explained = {name.strip("`") for row in table(PAGE, "field", "meaning") for name in row[0].split(", ")}

    assert explained == set(detail(announcement(), settings(), state(active=Side.PRIMARY)))


def test_the_parameter_has_the_name_that_the_stack_gives_it() -> None:
    name = load()["Outputs"]["DecidedRegionParameterName"]["Value"]["Fn::Sub"]

    assert f"`{name.replace('${AWS::StackName}', '<stack>')}`" in PAGE.read_text(encoding="utf-8")
