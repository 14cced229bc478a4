"""The message that people receive about an event."""

import json
import re
from dataclasses import replace

import pytest

from cognito_failover.common.region import PerRole, RegionRole, route_all_to
from cognito_failover.common.text import format_short_utc
from cognito_failover.core.model.event import DRILL_KINDS, Event, EventKind
from cognito_failover.core.model.move import MoveMode
from cognito_failover.core.model.state import ControllerState, SavedRecords, VerdictStreak
from cognito_failover.core.operator.request import OperatorAction, parse_request
from cognito_failover.core.rules import Rule
from cognito_failover.core.verdict import Verdict
from cognito_failover.notifications.message import compose_message
from tests.unit.notifications.examples import (
    NOW,
    TOKYO,
    make_drill,
    make_event,
    make_move,
    make_settings,
    make_state,
    replace_move,
)

ON_STANDBY = make_state(active_role=RegionRole.STANDBY)
RECOVERED = make_event(
    EventKind.REGION_RECOVERED,
    message=f"{TOKYO} was sick and has now been healthy for 5 min.",
    role=RegionRole.PRIMARY,
    verdict=Verdict.SICK,
)
LIMITATIONS = "WHAT DOES NOT WORK ON us-east-1"


def find_requests(body: str) -> list[dict[str, object]]:
    return [json.loads(text) for text in re.findall(r"\{.*?\}", body)]


def get_first_line(event: Event, state: ControllerState | None) -> str:
    return compose_message(event, make_settings(), state).body.split("\n")[0]


def test_first_line_has_new_region_cause_and_call_to_action() -> None:
    assert (
        get_first_line(make_event(), ON_STANDBY)
        == "Sign-in moved to us-east-1 (automatic). Check that users can sign in."
    )


def test_control_characters_of_a_quoted_text_are_neutralized() -> None:
    quoted = replace(make_event(), message="Route 53 said: \x1b[2Jno\nWHAT TO DO NOW\nNothing\u202e.")
    body = compose_message(quoted, make_settings(), ON_STANDBY).body
    assert body.count("\nWHAT TO DO NOW\n") == 1
    assert not {"\x1b", "\u202e"} & set(body)


def test_manual_failover_is_labelled() -> None:
    manual_move = replace_move(make_event(), is_automatic=False)
    assert "us-east-1 (by hand)" in get_first_line(manual_move, ON_STANDBY)


def test_late_message_gives_the_time_of_the_event_and_no_outdated_advice() -> None:
    decided = make_event(EventKind.MOVE_DECIDED)
    late_state = make_state(last_round_at=decided.at + 3600)
    message = compose_message(decided, make_settings(), late_state)

    assert message.body.startswith(f"{format_short_utc(decided.at)}: Sign-in is moving to us-east-1 (automatic).")
    assert "Late message. See failoverctl status." in message.body
    assert "Wait" not in message.body


def test_message_of_the_last_minute_is_not_late() -> None:
    decided = make_event(EventKind.MOVE_DECIDED)
    assert "Wait 2 min" in get_first_line(decided, make_state(last_round_at=decided.at + 50))


@pytest.mark.parametrize(
    ("count", "expected"),
    [(1, " 1 earlier message was not sent"), (37, " 37 earlier messages were not sent"), (0, "")],
)
def test_message_counts_the_messages_that_were_not_sent(count: int, expected: str) -> None:
    body = compose_message(make_event(unsent_count=count), make_settings(), ON_STANDBY).body
    assert expected.strip() in body
    assert ("To read the events, run failoverctl history." in body) is bool(count)


def test_incident_messages_share_subject_with_start_time() -> None:
    subjects = {
        compose_message(make_event(kind, incident_id="incident-1782899938"), make_settings(), state).subject
        for kind in EventKind
        for state in (make_state(), ON_STANDBY, None)
        if kind not in DRILL_KINDS
    }
    assert subjects == {"Sign-in incident 1 Jul 09:58:58 UTC - auth.example.com"}


def test_drill_events_share_a_subject_with_a_drill_prefix() -> None:
    incident = "incident-1782899938"
    move_of_drill = replace_move(make_event(incident_id=incident), drill_id="drill-switchover-1782899938")
    drill_start = make_event(EventKind.DRILL_STARTED, drill=make_drill(), incident_id=incident)
    subjects = {compose_message(event, make_settings(), ON_STANDBY).subject for event in (move_of_drill, drill_start)}
    assert subjects == {"DRILL: Sign-in incident 1 Jul 09:58:58 UTC - auth.example.com"}


def test_message_without_incident_uses_headline_as_subject() -> None:
    assert (
        compose_message(make_event(EventKind.PAUSED), make_settings(), make_state()).subject
        == "Automation paused - auth.example.com"
    )


def test_each_sentence_is_on_its_own_line() -> None:
    event = make_event(message="All users are on us-east-1, 24 s. 4 of 4 name servers answer. Users can sign in.")
    section = compose_message(event, make_settings(), ON_STANDBY).body.split("\n\n")[1]
    assert section.split("\n")[1:] == [
        "2026-07-01T10:00:00Z: All users are on us-east-1, 24 s. 4 of 4 name servers answer.",
        "Users can sign in.",
    ]


def test_runbook_link_uses_the_configured_address() -> None:
    blocked = make_event(EventKind.BLOCKED, rule=Rule.TARGET_HEALTHY.value)
    body = compose_message(blocked, make_settings(runbook_url="https://wiki.example.com/runbooks"), make_state()).body
    assert "RUNBOOK\nhttps://wiki.example.com/runbooks/primary-sick.md\n" in body


def test_chat_message_has_one_thread_per_incident() -> None:
    event = make_event(incident_id="incident-1782899938")
    message = compose_message(event, make_settings(), ON_STANDBY)
    chat = json.loads(message.chat)
    assert chat["metadata"]["threadId"] == "incident-1782899938"
    assert (chat["version"], chat["source"], chat["id"]) == ("1.0", "custom", event.id)
    assert chat["content"]["description"] == message.body


def test_chat_message_without_incident_is_its_own_thread() -> None:
    event = make_event(EventKind.PAUSED)
    assert json.loads(compose_message(event, make_settings(), make_state()).chat)["metadata"]["threadId"] == event.id


def test_attributes_support_subscription_filters() -> None:
    event = make_event(incident_id="incident-1782899938")
    assert compose_message(event, make_settings(), ON_STANDBY).attributes == {
        "kind": "move-confirmed",
        "severity": "warning",
        "incident": "incident-1782899938",
        "id": event.id,
        "domain": "auth.example.com",
        "active_region": "us-east-1",
        "AWS.SNS.SMS.SMSType": "Transactional",
    }


def test_confirmed_failover_shows_stages_and_failback_command() -> None:
    body = compose_message(make_event(), make_settings(), ON_STANDBY).body
    assert "- decided: 20 s\n- submitted: 21 s\n- in sync: 57 s\n- confirmed: 1 min 2 s" in body
    [request] = find_requests(body)
    assert parse_request(request).action is OperatorAction.FAILBACK


def test_message_with_users_on_standby_lists_limitations() -> None:
    body = compose_message(make_event(), make_settings(), ON_STANDBY).body
    section = body.split(LIMITATIONS)[1]
    for limitation in ("Sign-up", "password", "profile", "TOTP", "identity provider"):
        assert limitation in section


def test_limitations_are_listed_from_the_decision_on() -> None:
    decided = make_event(EventKind.MOVE_DECIDED, move=make_move(progress=None))
    assert LIMITATIONS in compose_message(decided, make_settings(), make_state(move=decided.move)).body


@pytest.mark.parametrize(
    "kind", [EventKind.PAUSED, EventKind.REGION_DEGRADED, EventKind.MOVE_CANCELLED, EventKind.MOVE_SUPERSEDED]
)
def test_limitations_are_not_listed_while_users_stay_on_primary(kind: EventKind) -> None:
    assert LIMITATIONS not in compose_message(make_event(kind), make_settings(), make_state()).body


def test_limitations_are_not_listed_after_return_to_primary() -> None:
    failback = make_event(move=make_move(source=RegionRole.STANDBY, target=RegionRole.PRIMARY))
    assert LIMITATIONS not in compose_message(failback, make_settings(), make_state()).body


def test_rolled_back_move_names_current_region() -> None:
    rollback = make_event(move=make_move().with_rollback(NOW))
    body = compose_message(rollback, make_settings(), make_state()).body
    assert body.startswith("Sign-in moved back to ap-northeast-1.")
    assert LIMITATIONS not in body


def test_stepped_move_announces_its_steps_instead_of_two_minutes() -> None:
    move = replace(make_move(), mode=MoveMode.STEPPED, steps=MoveMode.STEPPED.steps)
    body = compose_message(make_event(EventKind.MOVE_DECIDED, move=move), make_settings(), make_state()).body
    assert "Wait: users move in steps." in body.split("\n")[0]
    assert "Users move in 3 steps, with a pause of" in body
    assert "2 min" not in body
    assert "two minutes" not in body


def test_blocked_move_says_when_both_regions_are_sick() -> None:
    sick = VerdictStreak(verdict=Verdict.SICK, rounds=3, since=NOW)
    blocked = make_event(EventKind.BLOCKED, rule=Rule.TARGET_HEALTHY)
    state = make_state(streaks=PerRole(primary=sick, standby=sick))
    assert get_first_line(blocked, state).startswith("Both Regions are sick; users were not moved.")


@pytest.mark.parametrize("rule", Rule)
def test_blocked_move_names_rule_and_proposes_valid_requests(rule: Rule) -> None:
    message = compose_message(make_event(EventKind.BLOCKED, rule=rule.value), make_settings(), make_state())
    assert f"({rule})" in message.body.split("\n")[0]
    for request in find_requests(message.body):
        parse_request(request)


def test_move_blocked_by_unhealthy_target_can_be_overridden_by_rule() -> None:
    message = compose_message(
        make_event(EventKind.BLOCKED, rule=Rule.TARGET_HEALTHY.value), make_settings(), make_state()
    )
    [request] = map(parse_request, find_requests(message.body))
    assert (request.action, request.override) == (OperatorAction.FAILOVER, (Rule.TARGET_HEALTHY,))


def test_blocked_move_on_standby_proposes_all_at_once_failback() -> None:
    blocked = make_event(EventKind.BLOCKED, rule=Rule.CONTROLLER_CONNECTED.value)
    [request] = map(parse_request, find_requests(compose_message(blocked, make_settings(), ON_STANDBY).body))
    assert (request.action, request.mode) == (OperatorAction.FAILBACK, "all-at-once")


def test_proposed_tokens_differ_between_events() -> None:
    first, second = make_event(), make_event(at=NOW + 1)
    tokens = {
        request["token"]
        for event in (first, second)
        for request in find_requests(compose_message(event, make_settings(), ON_STANDBY).body)
    }
    assert len(tokens) == 2


@pytest.mark.parametrize("kind", [EventKind.AUTOMATION_HELD, EventKind.MOVE_SUPERSEDED])
def test_automation_hold_proposes_acknowledge(kind: EventKind) -> None:
    [request] = find_requests(compose_message(make_event(kind), make_settings(), make_state()).body)
    assert parse_request(request).action is OperatorAction.ACKNOWLEDGE


def write_degradation_message(verdict: Verdict) -> str:
    event = make_event(
        EventKind.REGION_DEGRADED, message=f"{TOKYO} has been {verdict}.", role=RegionRole.PRIMARY, verdict=verdict
    )
    return compose_message(event, make_settings(), make_state()).body


def test_broken_canary_names_the_secret_and_moves_no_users() -> None:
    body = write_degradation_message(Verdict.CANARY_BROKEN)
    assert body.startswith("ap-northeast-1 is canary-broken")
    assert make_settings().canary_secret_arn in body
    assert "are not moved because of this" in body


def test_throttling_points_to_quota_and_warns_against_moving() -> None:
    body = write_degradation_message(Verdict.THROTTLED)
    assert "quota" in body
    assert "makes it worse" in body


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if verdict is not Verdict.HEALTHY])
def test_each_degradation_has_its_own_advice(verdict: Verdict) -> None:
    others = {write_degradation_message(other).split("WHAT TO DO NOW")[1] for other in Verdict if other is not verdict}
    assert write_degradation_message(verdict).split("WHAT TO DO NOW")[1] not in others


def test_primary_recovery_while_standby_serves_explains_failback() -> None:
    [request] = find_requests(compose_message(RECOVERED, make_settings(), ON_STANDBY).body)
    assert parse_request(request).action is OperatorAction.FAILBACK


def test_primary_recovery_while_serving_needs_no_action() -> None:
    assert "WHAT TO DO NOW\nNothing to do." in compose_message(RECOVERED, make_settings(), make_state()).body


def test_delayed_move_shows_last_error_and_break_glass() -> None:
    delayed = make_event(EventKind.MOVE_DELAYED, move=replace(make_move(), last_error="Route 53 answered Throttling."))
    body = compose_message(delayed, make_settings(), make_state(move=delayed.move)).body
    assert "Route 53 answered Throttling." in body
    assert "scripts/break_glass.py" in body


def test_stack_in_observe_only_mode_proposes_no_resume() -> None:
    body = compose_message(make_event(EventKind.WOULD_MOVE), make_settings(observe_only=True), make_state()).body
    assert "ObserveOnly=false" in body
    assert '"resume"' not in body


def test_wrong_records_need_a_correction() -> None:
    state = make_state(records=SavedRecords(read_at=NOW, problem="a third record set"))
    body = compose_message(make_event(EventKind.LEVER_PROBLEM), make_settings(), state).body
    assert "Correct it" in body
    assert "scripts/break_glass.py" in body


def test_unreadable_records_point_to_route_53_status() -> None:
    state = make_state(
        records=SavedRecords(
            read_at=NOW, weights=route_all_to(RegionRole.PRIMARY), read_error="ListResourceRecordSets timed out."
        )
    )
    body = compose_message(make_event(EventKind.LEVER_PROBLEM), make_settings(), state).body
    assert "Health Dashboard for Route 53" in body
    assert "Correct it" not in body
