"""Rule 7: a person's move takes a reason and a token, and bypasses thresholds but not safety."""

import pytest

from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import DOMAIN_RECORD_NAME, ControllerHarness

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY


def test_manual_failover_moves_all_users_while_healthy() -> None:
    world = ControllerHarness().settle()
    answer = world.invoke_operator("failover", reason="drill", token="t", requested_by="Aiko")
    assert answer["done"]
    assert world.weights == (0, 255)
    assert "requested by Aiko: drill" in world.get_latest_message(EventKind.MOVE_DECIDED)


def test_manual_move_ignores_thresholds_cool_down_and_hold() -> None:
    world = ControllerHarness().settle()
    world.patch_state(cool_down_until=world.clock.now + 900, automatic_move_times=(world.clock.now,) * 2)
    world.edit_weights(155, 100)
    world.run(7)
    assert world.state.hold
    assert world.invoke_operator("failover", reason="now", token="t")["done"]
    assert world.zone.weight_history == [(0, 255)]


def test_repeated_request_does_nothing_and_reports_original_time() -> None:
    world = ControllerHarness().settle()
    world.invoke_operator("failover", reason="drill", token="t")
    world.invoke_operator("failback", reason="over", token="u", mode="all-at-once")
    answer = world.invoke_operator("failover", reason="drill", token="t")
    assert answer["done"]
    assert "Already done at 2027-01-15T08:01:20Z; nothing was done again" in answer["message"]
    assert world.zone.weight_history == [(0, 255), (255, 0)]


def test_token_of_another_action_is_refused() -> None:
    world = ControllerHarness().settle()
    world.invoke_operator("failover", reason="drill", token="t")
    answer = world.invoke_operator("failback", reason="over", token="t")
    assert answer["refused_by"] == "token"
    assert "was used at 2027-01-15T08:01:20Z for failover; nothing was done" in answer["message"]
    assert world.zone.weight_history == [(0, 255)]


@pytest.mark.parametrize("standby", [SICK, Verdict.NOT_READY, Verdict.UNKNOWN, Verdict.THROTTLED])
def test_safety_rule_refuses_by_name_and_explains_override(standby: Verdict) -> None:
    world = ControllerHarness().settle().set_standby(standby)
    world.run(1)
    answer = world.request("failover", reason="drill", token="t")
    assert answer["refused_by"] == "target-healthy"
    assert f"us-east-1 is not known to be healthy and ready ({standby})" in answer["message"]
    assert '"override": ["target-healthy"]' in answer["message"]
    world.run(3)
    assert world.zone.weight_history == []


def test_override_by_name_allows_move() -> None:
    world = ControllerHarness().settle().set_standby(SICK)
    world.run(5)
    assert world.invoke_operator("failover", reason="I know", token="t", override=["target-healthy"])["done"]
    assert world.weights == (0, 255)
    assert world.state.last_move
    assert world.state.last_move.overridden_rules == ("target-healthy",)


def test_override_of_one_rule_does_not_override_another() -> None:
    world = ControllerHarness().settle()
    world.zone.remove_by_hand(*world.zone.list_record_sets((DOMAIN_RECORD_NAME,)))
    world.run(7)
    answer = world.request("failover", reason="drill", token="t", override=["target-healthy"])
    assert answer["refused_by"] == "routing-readable"
    assert "override" not in answer["message"]


def test_refused_token_may_be_used_again() -> None:
    world = ControllerHarness().settle().set_standby(SICK)
    world.run(1)
    assert not world.request("failover", reason="drill", token="t")["done"]
    world.set_standby(HEALTHY).run(1)
    assert world.request("failover", reason="drill", token="t")["done"]


def test_second_move_is_refused_during_a_move() -> None:
    world = ControllerHarness().settle()
    world.name_servers.freeze("ns-1.example.net")
    world.request("failover", reason="drill", token="t")
    world.run(2)
    answer = world.request("failback", reason="no", token="u")
    assert answer["refused_by"] == "one-move-at-a-time"
    assert "wait for its end, or abort it" in answer["message"]


def test_move_to_current_region_does_nothing() -> None:
    world = ControllerHarness().settle()
    answer = world.request("failback", reason="drill", token="t")
    assert answer["done"]
    assert "All users are on ap-northeast-1 already" in answer["message"]
    assert world.state.move is None


def test_manual_move_with_newly_sick_target_is_cancelled() -> None:
    world = ControllerHarness().settle()
    world.request("failover", reason="drill", token="t")
    world.set_standby(SICK).run(3)
    assert world.zone.weight_history == []
    assert world.event_kinds[-1] is EventKind.MOVE_CANCELLED


def test_healthy_source_does_not_cancel_manual_move() -> None:
    world = ControllerHarness().settle()
    world.request("failover", reason="drill", token="t")
    world.fail_route_53().run(10)
    world.restore_all().run(2)
    assert world.state.active_role is RegionRole.STANDBY


def test_operator_drives_move_when_no_rounds_run() -> None:
    world = ControllerHarness().settle().wait(31)
    world.invoke_operator("failover", reason="the controller is dead", token="t")
    assert world.state.active_role is RegionRole.STANDBY
    assert world.state.move is None


def test_operator_leaves_move_to_running_controller() -> None:
    world = ControllerHarness().settle()
    world.request("failover", reason="drill", token="t")
    asked_at = world.clock.now
    world.fault_injector.before_call = calls = CallRecorder()
    world.handle({"action": "failover", "reason": "drill", "token": "t"}, lambda: asked_at + 35 - world.clock.now)
    assert "ledger.acquire_lease" not in calls.calls
    assert world.zone.weight_history == []


def test_operator_rounds_are_one_interval_apart() -> None:
    world = ControllerHarness().settle().wait(31)
    world.name_servers.freeze("ns-1.example.net")
    reports = len(world.notifier.round_results)
    world.invoke_operator("failover", reason="alone", token="t")
    assert len(world.notifier.round_results) - reports == 5


def test_operator_behind_the_controllers_clock_uses_its_observation() -> None:
    world = ControllerHarness().settle().wait(-10)
    world.run(1)
    world.wait(-12.5)  # 2.5 s before the last observation
    world.set_standby(Verdict.SICK)  # for a look of its own
    answer = world.request("failover", reason="maintenance", token="t")
    assert answer["done"], answer["message"]


def test_operator_does_not_act_against_foreign_lease() -> None:
    world = ControllerHarness().settle().wait(31)
    world.memory.acquire_lease("controller", now=world.clock.now, seconds=100)
    world.invoke_operator("failover", reason="alone", token="t")
    assert world.zone.weight_history == []
    assert world.state.move


def test_operator_observes_when_last_round_is_old() -> None:
    world = ControllerHarness().settle().wait(600)
    world.set_standby(SICK)
    answer = world.request("failover", reason="alone", token="t")
    assert answer["refused_by"] == "target-healthy"


def test_ledger_failure_after_saved_request_does_not_deny_it() -> None:
    world = ControllerHarness().settle().wait(31)
    world.fail_ledger(calls="ledger.acquire_lease")
    answer = world.invoke_operator("failover", reason="alone", token="t")
    assert answer["done"]
    assert "could not be read: The table failed at ledger.acquire_lease" in answer["status"]["problem"]


def test_unsaved_request_may_be_retried() -> None:
    world = ControllerHarness().settle()
    world.fail_ledger(calls="ledger.save")
    answer = world.request("failover", reason="drill", token="t")
    assert answer["refused_by"] == "ledger"
    assert "Repeat the same event: the same token never acts twice." in answer["message"]
    world.restore_all()
    assert world.request("failover", reason="drill", token="t")["done"]


def test_request_with_lost_answer_runs_once_over_retries() -> None:
    world = ControllerHarness().settle()
    world.lose_response("ledger.save")
    assert world.request("failover", reason="drill", token="t")["refused_by"] == "ledger"
    world.restore_all()
    assert "Already done" in world.request("failover", reason="drill", token="t")["message"]
    world.run(3)
    assert world.event_kinds.count(EventKind.MOVE_DECIDED) == 1
    assert world.zone.weight_history == [(0, 255)]


def test_concurrent_controller_change_restarts_operator_decision() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.run(2)

    def change_as_controller(call_name: str) -> None:
        if call_name == "ledger.save":
            world.fault_injector.clear()
            world.run(1)

    world.fault_injector.before_call = change_as_controller
    answer = world.request("failover", reason="by hand", token="t")
    assert "All users are on us-east-1 already" in answer["message"]
    assert world.zone.weight_history == [(0, 255)]


def test_concurrent_operator_change_restarts_controller_decision() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.run(2)

    def change_as_operator(call_name: str) -> None:
        if call_name == "ledger.save":
            world.fault_injector.clear()
            assert world.request("pause", reason="by hand", minutes=10)["done"]

    world.fault_injector.before_call = change_as_operator
    world.run(3)
    assert world.zone.weight_history == []
    assert EventKind.WOULD_MOVE in world.event_kinds


def test_constant_conflicts_still_get_an_answer() -> None:
    world = ControllerHarness().settle()
    world.fault_injector.before_call = lambda call_name: world.bump_version() if call_name == "ledger.save" else None
    answer = world.request("pause", reason="busy", minutes=1)
    assert "The state changed 5 times while the request was being saved" in answer["message"]


class CallRecorder:
    """Records the names of calls."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def __call__(self, call_name: str) -> None:
        self.calls.append(call_name)


def test_override_move_is_not_undone_by_automation() -> None:
    world = ControllerHarness().settle().set_standby(SICK)
    world.run(40)
    answer = world.invoke_operator("failover", reason="I know better", token="t", override=["target-healthy"])
    assert answer["done"]
    reason = world.run(50)
    assert world.weights == (0, 255)
    assert "operator overrode the rule target-healthy." in reason
    world.invoke_operator("acknowledge", reason="seen")
    world.run(2)
    assert world.weights == (255, 0)


def test_answer_shows_observations_after_the_move(monkeypatch: pytest.MonkeyPatch) -> None:
    world = ControllerHarness(weights=(0, 255)).settle()
    world.wait(40)
    # The controller makes no rounds, so the operator function does. After its first round the standby is throttled.
    monkeypatch.setattr(world.notifier, "record_round", lambda *_, **__: world.set_standby(Verdict.THROTTLED))
    answer = world.invoke_operator("failback", reason="well again", token="b1")
    seen = answer["status"]["regions"]["us-east-1"]
    assert seen["verdict"] == "throttled"
    assert seen["observers"]["us-east-1"]["age_seconds"] <= 20
