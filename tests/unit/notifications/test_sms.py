"""The text message about an event."""

from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.rules import Rule
from cognito_failover.core.verdict import Verdict
from cognito_failover.notifications.message import compose_message
from cognito_failover.notifications.sms import SENDER
from tests.unit.notifications.examples import make_drill, make_event, make_settings, make_state, replace_move
from tests.unit.template.rendering import load_template


def test_sender_is_the_display_name_of_the_topic() -> None:
    assert load_template()["Resources"]["Notifications"]["Properties"]["DisplayName"] == SENDER


def test_blocked_move_names_rule_command_and_domain() -> None:
    blocked = make_event(EventKind.BLOCKED, rule=Rule.TARGET_HEALTHY.value)
    assert compose_message(blocked, make_settings(), make_state()).sms == (
        "Sign-in is failing; move blocked (target-healthy). See why: failoverctl status. auth.example.com"
    )


def test_observe_only_message_has_the_command_to_move() -> None:
    event = make_event(EventKind.WOULD_MOVE)
    assert "failoverctl failover." in compose_message(event, make_settings(), make_state()).sms
    assert (
        "failoverctl failback."
        in compose_message(event, make_settings(), make_state(active_role=RegionRole.STANDBY)).sms
    )


def test_recovery_names_failback_only_if_it_is_manual() -> None:
    recovered = make_event(EventKind.REGION_RECOVERED, role=RegionRole.PRIMARY, verdict=Verdict.SICK)
    on_standby = make_state(active_role=RegionRole.STANDBY)
    assert "failoverctl failback" in compose_message(recovered, make_settings(), on_standby).sms
    assert (
        "Nothing to do."
        in compose_message(
            recovered, make_settings(), make_state(active_role=RegionRole.STANDBY, is_auto_failback_pending=True)
        ).sms
    )
    assert "Nothing to do." in compose_message(recovered, make_settings(), make_state()).sms


def test_drill_is_stated_first() -> None:
    move_of_drill = replace_move(make_event(), drill_id=make_drill().id)
    assert compose_message(move_of_drill, make_settings(), make_state(drill=make_drill())).sms == (
        "DRILL: Sign-in moved to us-east-1 (automatic). Nothing to do: the drill continues. auth.example.com"
    )


def test_long_name_is_truncated_before_headline() -> None:
    text = compose_message(make_event(), make_settings(domain_name=".".join(["a" * 60] * 4)), make_state()).sms
    assert text.startswith("Sign-in moved to us-east-1 (automatic). Check that users can sign in. aaaaaaaa")
    assert text.endswith("..")
    assert len(text) == 140 - len("Cognito failover> ")
