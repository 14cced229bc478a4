"""What a phone shows of a transition when all it gets is one text message."""

from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.rules import Rule
from cognito_failover.core.verdict import Verdict
from cognito_failover.notifications.message import compose_message
from cognito_failover.notifications.sms import SENDER
from tests.unit.notifications.examples import make_drill, make_event, make_settings, make_state, replace_move
from tests.unit.template.rendering import load_template


def test_short_sender_is_topic_display_name() -> None:
    assert load_template()["Resources"]["Notifications"]["Properties"]["DisplayName"] == SENDER


def test_blocked_move_states_rule_link_and_affected_pool() -> None:
    blocked = make_event(EventKind.BLOCKED, rule=Rule.TARGET_HEALTHY.value)
    assert compose_message(blocked, make_settings(), make_state()).sms == (
        "Sign-in is failing, and not moved (target-healthy). See why: failoverctl status. auth.example.com"
    )


def test_observe_only_message_explains_manual_move() -> None:
    watching = make_event(EventKind.WOULD_MOVE)
    assert "failoverctl failover." in compose_message(watching, make_settings(), make_state()).sms
    assert (
        "failoverctl failback."
        in compose_message(watching, make_settings(), make_state(active_role=RegionRole.STANDBY)).sms
    )


def test_recovery_explains_failback_only_if_manual() -> None:
    recovered = make_event(EventKind.REGION_RECOVERED, role=RegionRole.PRIMARY, verdict=Verdict.SICK)
    away = make_state(active_role=RegionRole.STANDBY)
    assert "failoverctl failback" in compose_message(recovered, make_settings(), away).sms
    assert (
        "Nothing to do."
        in compose_message(
            recovered, make_settings(), make_state(active_role=RegionRole.STANDBY, is_auto_failback_pending=True)
        ).sms
    )
    assert "Nothing to do." in compose_message(recovered, make_settings(), make_state()).sms


def test_drill_is_stated_first() -> None:
    rehearsed = replace_move(make_event(), drill=make_drill().id)
    assert compose_message(rehearsed, make_settings(), make_state(drill=make_drill())).sms == (
        "DRILL: Sign-in moved to us-east-1 (automatic). Nothing to do: the drill goes on. auth.example.com"
    )


def test_long_name_is_truncated_before_headline() -> None:
    text = compose_message(make_event(), make_settings(domain_name=".".join(["a" * 60] * 4)), make_state()).sms
    assert text.startswith("Sign-in moved to us-east-1 (automatic). See that users sign in. aaaaaaaa")
    assert text.endswith("..")
    assert len(text) == 140 - len("Cognito failover> ")
