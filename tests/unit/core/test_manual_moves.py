"""Rule 7: a person's move takes a reason and a token, and bypasses thresholds but not safety."""

import pytest

from failover.decision.announcement import Kind
from failover.probe.verdict import Verdict
from failover.region import Side
from tests.support.world import NAME, World

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY


def test_a_drill_moves_everybody_while_all_is_well() -> None:
    world = World().settle()
    answer = world.ask("failover", reason="drill", token="t", requested_by="Aiko")
    assert answer["done"]
    assert world.weights == (0, 255)
    assert "asked for by Aiko: drill" in world.said(Kind.MOVE_DECIDED)


def test_it_waits_for_no_threshold_no_cool_down_and_no_acknowledgement() -> None:
    world = World().settle()
    world.remember(cool_down_until=world.clock.now + 900, automatic_moves=(world.clock.now,) * 2)
    world.someone_sets(200, 0)
    world.run(7)
    assert world.state.hold
    assert world.ask("failover", reason="now", token="t")["done"]
    assert world.zone.traffic == [(0, 255)]


def test_a_repeat_does_nothing_and_says_when_it_was_done() -> None:
    world = World().settle()
    world.ask("failover", reason="drill", token="t")
    world.ask("failback", reason="over", token="u", pace="in-one")
    answer = world.ask("failover", reason="drill", token="t")
    assert answer["done"]
    assert "Already done at 2027-01-15T08:01:20Z, nothing was done twice" in answer["message"]
    assert world.zone.traffic == [(0, 255), (255, 0)]


def test_a_token_used_for_another_action_is_refused() -> None:
    world = World().settle()
    world.ask("failover", reason="drill", token="t")
    answer = world.ask("failback", reason="over", token="t")
    assert answer["refused_by"] == "token"
    assert "was used at 2027-01-15T08:01:20Z for failover; nothing was done" in answer["message"]
    assert world.zone.traffic == [(0, 255)]


@pytest.mark.parametrize("standby", [SICK, Verdict.NOT_READY, Verdict.UNKNOWN, Verdict.THROTTLED])
def test_safety_refuses_by_name_and_says_how_to_override(standby: Verdict) -> None:
    world = World().settle().standby(standby)
    world.run(1)
    answer = world.request("failover", reason="drill", token="t")
    assert answer["refused_by"] == "target-serves"
    assert f"us-east-1 is not known to be healthy and ready ({standby})" in answer["message"]
    assert '"override": ["target-serves"]' in answer["message"]
    world.run(3)
    assert world.zone.traffic == []


def test_an_override_by_name_moves_all_the_same() -> None:
    world = World().settle().standby(SICK)
    world.run(5)
    assert world.ask("failover", reason="I know", token="t", override=["target-serves"])["done"]
    assert world.weights == (0, 255)
    assert world.state.last_move
    assert world.state.last_move.overridden == ("target-serves",)


def test_an_override_of_one_rule_is_none_of_another() -> None:
    world = World().settle()
    world.zone.remove(*world.zone.record_sets((NAME,)))
    world.run(7)
    answer = world.request("failover", reason="drill", token="t", override=["target-serves"])
    assert answer["refused_by"] == "world-understood"
    assert "override" not in answer["message"]


def test_a_refusal_is_not_remembered() -> None:
    world = World().settle().standby(SICK)
    world.run(1)
    assert not world.request("failover", reason="drill", token="t")["done"]
    world.standby(HEALTHY).run(1)
    assert world.request("failover", reason="drill", token="t")["done"]


def test_a_second_move_is_refused_while_one_is_under_way() -> None:
    world = World().settle()
    world.servers.hold_back("ns-1.example.net")
    world.request("failover", reason="drill", token="t")
    world.run(2)
    answer = world.request("failback", reason="no", token="u")
    assert answer["refused_by"] == "one-move-at-a-time"
    assert "wait for its end, or abort it" in answer["message"]


def test_a_move_to_where_everybody_is_does_nothing() -> None:
    world = World().settle()
    answer = world.request("failback", reason="drill", token="t")
    assert answer["done"]
    assert "All users are on ap-northeast-1 already" in answer["message"]
    assert world.state.move is None


def test_a_manual_move_whose_target_falls_sick_first_is_withdrawn() -> None:
    world = World().settle()
    world.request("failover", reason="drill", token="t")
    world.standby(SICK).run(3)
    assert world.zone.traffic == []
    assert world.kinds[-1] is Kind.MOVE_WITHDRAWN


def test_a_manual_move_is_not_withdrawn_because_its_source_is_well() -> None:
    world = World().settle()
    world.request("failover", reason="drill", token="t")
    world.route_53_fails().run(10)
    world.all_works().run(2)
    assert world.state.active is Side.STANDBY


def test_the_twenty_latest_requests_are_remembered() -> None:
    world = World().settle()
    for number in range(25):
        world.request("pause", reason="busy", minutes=1, token=f"t{number}")
    assert [answered.token for answered in world.state.answered] == [f"t{number}" for number in range(24, 4, -1)]


def test_the_operator_carries_a_move_alone_when_nobody_makes_rounds() -> None:
    world = World().settle().wait(31)
    world.ask("failover", reason="the controller is dead", token="t")
    assert world.state.active is Side.STANDBY
    assert world.state.move is None


def test_the_operator_leaves_the_move_to_the_controller_while_that_makes_rounds() -> None:
    world = World().settle()
    world.request("failover", reason="drill", token="t")
    asked_at = world.clock.now
    world.tap.asked = calls = Calls()
    world.handle({"action": "failover", "reason": "drill", "token": "t"}, lambda: asked_at + 35 - world.clock.now)
    assert "ledger.take_lease" not in calls.made
    assert world.zone.traffic == []


def test_the_operator_makes_its_rounds_an_interval_apart() -> None:
    world = World().settle().wait(31)
    world.servers.hold_back("ns-1.example.net")
    reports = len(world.told.reports)
    world.ask("failover", reason="alone", token="t")
    assert len(world.told.reports) - reports == 5


def test_the_operator_does_not_carry_against_another_ones_lease() -> None:
    world = World().settle().wait(31)
    world.memory.take_lease("controller", now=world.clock.now, seconds=1000)
    world.ask("failover", reason="alone", token="t")
    assert world.zone.traffic == []
    assert world.state.move


def test_the_operator_looks_itself_when_nobody_has_lately() -> None:
    world = World().settle().wait(600)
    world.standby(SICK)
    answer = world.request("failover", reason="alone", token="t")
    assert answer["refused_by"] == "target-serves"


def test_a_ledger_that_fails_after_the_request_was_saved_does_not_deny_it() -> None:
    world = World().settle().wait(31)
    world.ledger_fails(calls="ledger.take_lease")
    answer = world.ask("failover", reason="alone", token="t")
    assert answer["done"]
    assert "could not be read: The table failed at ledger.take_lease" in answer["status"]["problem"]


def test_a_request_that_could_not_be_saved_may_be_repeated_safely() -> None:
    world = World().settle()
    world.ledger_fails(calls="ledger.save")
    answer = world.request("failover", reason="drill", token="t")
    assert answer["refused_by"] == "ledger"
    assert "Repeat the same event; its token makes it safe." in answer["message"]
    world.all_works()
    assert world.request("failover", reason="drill", token="t")["done"]


def test_a_request_whose_answer_was_lost_is_done_once_however_often_it_is_repeated() -> None:
    world = World().settle()
    world.answer_is_lost("ledger.save")
    assert world.request("failover", reason="drill", token="t")["refused_by"] == "ledger"
    world.all_works()
    assert "Already done" in world.request("failover", reason="drill", token="t")["message"]
    world.run(3)
    assert world.kinds.count(Kind.MOVE_DECIDED) == 1
    assert world.zone.traffic == [(0, 255)]


def test_the_controllers_change_in_the_same_moment_makes_the_operator_decide_anew() -> None:
    world = World().settle().primary(SICK)
    world.run(2)

    def meanwhile(call_name: str) -> None:
        if call_name == "ledger.save":
            world.tap.clear()
            world.run(1)

    world.tap.asked = meanwhile
    answer = world.request("failover", reason="by hand", token="t")
    assert "All users are on us-east-1 already" in answer["message"]
    assert world.zone.traffic == [(0, 255)]


def test_the_operators_change_in_the_same_moment_makes_the_controller_decide_anew() -> None:
    world = World().settle().primary(SICK)
    world.run(2)

    def meanwhile(call_name: str) -> None:
        if call_name == "ledger.save":
            world.tap.clear()
            assert world.request("pause", reason="by hand", minutes=10)["done"]

    world.tap.asked = meanwhile
    world.run(3)
    assert world.zone.traffic == []
    assert Kind.WOULD_MOVE in world.kinds


def test_a_state_that_changes_all_the_time_is_an_answer_too() -> None:
    world = World().settle()
    world.tap.asked = lambda call_name: world.touch() if call_name == "ledger.save" else None
    answer = world.request("pause", reason="busy", minutes=1)
    assert "The state changed 5 times while the request was being saved" in answer["message"]


class Calls:
    """Remembers which calls were made."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def __call__(self, call_name: str) -> None:
        self.made.append(call_name)


def test_a_move_against_a_rule_is_not_undone_by_automation() -> None:
    world = World().settle().standby(SICK)
    world.run(40)
    answer = world.ask("failover", reason="I know better", token="t", override=["target-serves"])
    assert answer["done"]
    reason = world.run(50)
    assert world.weights == (0, 255)
    assert "operator moved against the rule target-serves." in reason
    world.ask("acknowledge", reason="seen")
    world.run(2)
    assert world.weights == (255, 0)


def test_the_answer_shows_what_was_seen_after_the_move_and_not_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(weights=(0, 255)).settle()
    world.wait(40)
    # Nobody else makes rounds, so the operator function does; after its first the standby is throttled.
    monkeypatch.setattr(world.told, "round", lambda *_, **__: world.standby(Verdict.THROTTLED))
    answer = world.ask("failback", reason="well again", token="b1")
    seen = answer["status"]["regions"]["us-east-1"]
    assert seen["verdict"] == "throttled"
    assert seen["observers"]["us-east-1"]["age_seconds"] <= 20
