"""What the person who is woken reads."""

import json
import re
from dataclasses import replace

import pytest

from failover.decision.announcement import OF_DRILLS, Announcement, Kind
from failover.decision.request import Action, parse_request
from failover.decision.rules import Rule
from failover.decision.state import State, Surveyed
from failover.probe.verdict import Verdict
from failover.region import Side, all_to
from failover.signals.messages import compose
from tests.unit.signals.examples import NOW, TOKYO, announcement, drill, move, settings, state, with_move

ON_STANDBY = state(active=Side.STANDBY)
RECOVERED = announcement(
    Kind.RECOVERED,
    sentence=f"{TOKYO} was sick and has now been healthy for 5 min.",
    side=Side.PRIMARY,
    verdict=Verdict.SICK,
)
LOST = "WHAT DOES NOT WORK ON us-east-1"


def events_in(body: str) -> list[dict[str, object]]:
    return [json.loads(found) for found in re.findall(r"\{.*?\}", body)]


def first_line(told: Announcement, known: State | None) -> str:
    return compose(told, settings(), known).body.split("\n")[0]


def test_the_first_line_says_where_sign_in_went_that_nobody_asked_and_the_one_thing_to_do() -> None:
    assert first_line(announcement(), ON_STANDBY) == "Sign-in moved to us-east-1 (automatic). See that users sign in."


def test_a_failover_by_hand_says_so() -> None:
    by_hand = with_move(announcement(), automatic=False)
    assert "us-east-1 (by hand)" in first_line(by_hand, ON_STANDBY)


def test_all_of_an_incident_has_one_subject_which_says_when_it_began() -> None:
    subjects = {
        compose(announcement(kind, incident="incident-1782899938"), settings(), known).subject
        for kind in Kind
        for known in (state(), ON_STANDBY, None)
        if kind not in OF_DRILLS
    }
    assert subjects == {"Sign-in incident 1 Jul 09:58:58 UTC - auth.example.com"}


def test_a_drills_thread_is_marked_and_its_own() -> None:
    incident = "incident-1782899938"
    rehearsed = with_move(announcement(incident=incident), drill="drill-switchover-1782899938")
    begun = announcement(Kind.DRILL_STARTED, drill=drill(), incident=incident)
    subjects = {compose(each, settings(), ON_STANDBY).subject for each in (rehearsed, begun)}
    assert subjects == {"DRILL: Sign-in incident 1 Jul 09:58:58 UTC - auth.example.com"}


def test_what_belongs_to_no_incident_has_its_news_for_a_subject() -> None:
    assert compose(announcement(Kind.PAUSED), settings(), state()).subject == "Automation paused - auth.example.com"


def test_each_sentence_stands_in_a_line_of_its_own() -> None:
    told = announcement(sentence="All users are on us-east-1, 24 s. 4 of 4 name servers answer. Nobody asked.")
    happened = compose(told, settings(), ON_STANDBY).body.split("\n\n")[1]
    assert happened.split("\n")[1:] == [
        "2026-07-01T10:00:00Z: All users are on us-east-1, 24 s. 4 of 4 name servers answer.",
        "Nobody asked.",
    ]


def test_a_message_leads_to_the_page_of_the_runbooks_where_the_stack_was_told_they_are() -> None:
    blocked = announcement(Kind.BLOCKED, rule=Rule.TARGET_SERVES.value)
    body = compose(blocked, settings(runbook_url="https://wiki.example.com/runbooks"), state()).body
    assert "RUNBOOK\nhttps://wiki.example.com/runbooks/primary-sick.md\n" in body


def test_a_chat_gets_the_same_in_one_thread_per_incident() -> None:
    told = announcement(incident="incident-1782899938")
    message = compose(told, settings(), ON_STANDBY)
    chat = json.loads(message.chat)
    assert chat["metadata"]["threadId"] == "incident-1782899938"
    assert (chat["version"], chat["source"], chat["id"]) == ("1.0", "custom", told.id)
    assert chat["content"]["description"] == message.body


def test_in_a_chat_what_belongs_to_no_incident_is_a_thread_of_its_own() -> None:
    told = announcement(Kind.PAUSED)
    assert json.loads(compose(told, settings(), state()).chat)["metadata"]["threadId"] == told.id


def test_the_attributes_are_what_subscribers_choose_by() -> None:
    told = announcement(incident="incident-1782899938")
    assert compose(told, settings(), ON_STANDBY).attributes == {
        "kind": "move-confirmed",
        "severity": "warning",
        "incident": "incident-1782899938",
        "id": told.id,
        "domain": "auth.example.com",
        "active_region": "us-east-1",
        "AWS.SNS.SMS.SMSType": "Transactional",
    }


def test_a_confirmed_failover_tells_its_stages_and_how_to_fail_back() -> None:
    body = compose(announcement(), settings(), ON_STANDBY).body
    assert "- decided: 20 s\n- submitted: 21 s\n- in sync: 57 s\n- confirmed: 1 min 2 s" in body
    [event] = events_in(body)
    assert parse_request(event).action is Action.FAILBACK


def test_a_message_about_users_on_the_standby_lists_what_does_not_work_there() -> None:
    body = compose(announcement(), settings(), ON_STANDBY).body
    listed = body.split(LOST)[1]
    for lost in ("Sign-up", "password", "profile", "TOTP", "identity provider"):
        assert lost in listed


def test_it_is_listed_from_the_decision_on_while_users_are_still_on_the_primary() -> None:
    decided = announcement(Kind.MOVE_DECIDED, move=move(progress=None))
    assert LOST in compose(decided, settings(), state(move=decided.move)).body


@pytest.mark.parametrize("kind", [Kind.PAUSED, Kind.CONCERN, Kind.MOVE_WITHDRAWN, Kind.MOVE_OVERTAKEN])
def test_it_is_not_listed_while_users_are_and_stay_on_the_primary(kind: Kind) -> None:
    assert LOST not in compose(announcement(kind), settings(), state()).body


def test_it_is_not_listed_once_users_are_back_on_the_primary() -> None:
    back = announcement(move=move(source=Side.STANDBY, target=Side.PRIMARY))
    assert LOST not in compose(back, settings(), state()).body


def test_a_move_that_was_taken_back_names_the_region_users_are_on_again() -> None:
    back = announcement(move=move().reverted(NOW))
    body = compose(back, settings(), state()).body
    assert body.startswith("Sign-in has come back to ap-northeast-1 (automatic).")
    assert LOST not in body


@pytest.mark.parametrize("rule", Rule)
def test_a_blocked_move_names_its_rule_and_every_event_it_proposes_is_accepted(rule: Rule) -> None:
    message = compose(announcement(Kind.BLOCKED, rule=rule.value), settings(), state())
    assert f"({rule})" in message.body.split("\n")[0]
    for event in events_in(message.body):
        parse_request(event)


def test_a_move_blocked_by_an_unhealthy_target_can_be_forced_by_naming_the_rule() -> None:
    message = compose(announcement(Kind.BLOCKED, rule=Rule.TARGET_SERVES.value), settings(), state())
    [request] = map(parse_request, events_in(message.body))
    assert (request.action, request.override) == (Action.FAILOVER, (Rule.TARGET_SERVES,))


def test_on_the_standby_a_blocked_move_proposes_the_failback_in_one() -> None:
    blocked = announcement(Kind.BLOCKED, rule=Rule.NOT_CUT_OFF.value)
    [request] = map(parse_request, events_in(compose(blocked, settings(), ON_STANDBY).body))
    assert (request.action, request.pace) == (Action.FAILBACK, "in-one")


def test_two_occasions_propose_different_tokens_so_that_none_is_taken_for_a_repeat() -> None:
    first, second = announcement(), announcement(at=NOW + 1)
    tokens = {
        event["token"] for each in (first, second) for event in events_in(compose(each, settings(), ON_STANDBY).body)
    }
    assert len(tokens) == 2


@pytest.mark.parametrize("kind", [Kind.HELD, Kind.MOVE_OVERTAKEN])
def test_a_held_automation_is_released_by_an_acknowledgement(kind: Kind) -> None:
    [event] = events_in(compose(announcement(kind), settings(), state()).body)
    assert parse_request(event).action is Action.ACKNOWLEDGE


def concern(verdict: Verdict) -> str:
    told = announcement(Kind.CONCERN, sentence=f"{TOKYO} has been {verdict}.", side=Side.PRIMARY, verdict=verdict)
    return compose(told, settings(), state()).body


def test_a_broken_canary_sends_people_to_its_secret_and_promises_that_nothing_moves() -> None:
    text = concern(Verdict.CANARY_BROKEN)
    assert text.startswith("ap-northeast-1 is canary-broken")
    assert settings().canary_secret_arn in text
    assert "No traffic is moved for this" in text


def test_throttling_sends_people_to_the_quota_and_warns_of_moving() -> None:
    text = concern(Verdict.THROTTLED)
    assert "quota" in text
    assert "makes it worse" in text


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if verdict is not Verdict.HEALTHY])
def test_each_concern_gets_advice_of_its_own(verdict: Verdict) -> None:
    others = {concern(other).split("WHAT TO DO NOW")[1] for other in Verdict if other is not verdict}
    assert concern(verdict).split("WHAT TO DO NOW")[1] not in others


def test_the_primarys_recovery_while_the_standby_serves_tells_how_to_fail_back() -> None:
    [event] = events_in(compose(RECOVERED, settings(), ON_STANDBY).body)
    assert parse_request(event).action is Action.FAILBACK


def test_the_primarys_recovery_while_it_serves_asks_nothing() -> None:
    assert "WHAT TO DO NOW\nNothing." in compose(RECOVERED, settings(), state()).body


def test_a_late_move_tells_what_its_last_attempt_met_and_the_way_around() -> None:
    late = announcement(Kind.MOVE_DELAYED, move=replace(move(), trouble="Route 53 answered Throttling."))
    body = compose(late, settings(), state(move=late.move)).body
    assert "Route 53 answered Throttling." in body
    assert "scripts/break_glass.py" in body


def test_a_stack_deployed_observe_only_is_not_told_to_resume() -> None:
    body = compose(announcement(Kind.WOULD_MOVE), settings(observe_only=True), state()).body
    assert "ObserveOnly=false" in body
    assert '"resume"' not in body


def test_records_that_are_not_understood_must_be_put_right() -> None:
    odd = state(surveyed=Surveyed(at=NOW, problem="a third record set"))
    body = compose(announcement(Kind.LEVER_PROBLEM), settings(), odd).body
    assert "Put it right" in body
    assert "scripts/break_glass.py" in body


def test_records_that_can_not_be_read_send_people_to_route_53s_own_state() -> None:
    unread = state(
        surveyed=Surveyed(at=NOW, weights=all_to(Side.PRIMARY), out_of_reach="ListResourceRecordSets timed out.")
    )
    body = compose(announcement(Kind.LEVER_PROBLEM), settings(), unread).body
    assert "Health Dashboard for Route 53" in body
    assert "Put them right" not in body
