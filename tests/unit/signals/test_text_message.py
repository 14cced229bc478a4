"""What a phone shows of a transition when all it gets is one text message."""

from failover.decision.announcement import Kind
from failover.decision.rules import Rule
from failover.probe.verdict import Verdict
from failover.region import Side
from failover.signals.messages import compose
from failover.signals.text_message import SENDER
from tests.unit.signals.examples import announcement, drill, settings, state, with_move
from tests.unit.template.rendering import load


def test_the_sender_that_the_length_allows_for_is_the_topics_name() -> None:
    assert load()["Resources"]["Notifications"]["Properties"]["DisplayName"] == SENDER


def test_a_blocked_move_says_by_which_rule_where_to_look_and_whose_sign_in_it_is() -> None:
    blocked = announcement(Kind.BLOCKED, rule=Rule.TARGET_SERVES.value)
    assert compose(blocked, settings(), state()).text == (
        "Sign-in is failing, and not moved (target-serves). See why: failoverctl status. auth.example.com"
    )


def test_one_who_only_watches_is_told_how_to_move_users_from_where_they_are() -> None:
    watching = announcement(Kind.WOULD_MOVE)
    assert "failoverctl failover." in compose(watching, settings(), state()).text
    assert "failoverctl failback." in compose(watching, settings(), state(active=Side.STANDBY)).text


def test_a_recovery_says_how_to_fail_back_only_to_whom_that_is_left() -> None:
    recovered = announcement(Kind.RECOVERED, side=Side.PRIMARY, verdict=Verdict.SICK)
    away = state(active=Side.STANDBY)
    assert "failoverctl failback" in compose(recovered, settings(), away).text
    assert "Nothing to do." in compose(recovered, settings(), state(active=Side.STANDBY, to_return=True)).text
    assert "Nothing to do." in compose(recovered, settings(), state()).text


def test_a_rehearsal_says_so_first() -> None:
    rehearsed = with_move(announcement(), drill=drill().id)
    assert compose(rehearsed, settings(), state(drill=drill())).text == (
        "DRILL: Sign-in moved to us-east-1 (automatic). Nothing to do: the drill goes on. auth.example.com"
    )


def test_a_long_name_is_cut_before_what_happened_is() -> None:
    text = compose(announcement(), settings(domain_name=".".join(["a" * 60] * 4)), state()).text
    assert text.startswith("Sign-in moved to us-east-1 (automatic). See that users sign in. aaaaaaaa")
    assert text.endswith("..")
    assert len(text) == 140 - len("Cognito failover> ")
