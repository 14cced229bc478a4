"""Rule 4: the cool-down and the daily limit of automatic moves."""

from typing import Any

from cognito_failover.core.model.event import EventKind
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import ControllerHarness

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY


def fail_over(**changes: Any) -> ControllerHarness:
    """Return a world after an automatic failover."""
    world = ControllerHarness(**changes).settle().set_primary(SICK)
    world.run(3)
    assert world.weights == (0, 255)
    world.notifier.events.clear()
    world.zone.weight_history.clear()
    return world


def test_sick_standby_fails_over_to_stable_primary_in_one_step() -> None:
    world = fail_over().set_primary(HEALTHY)
    world.run(100)
    world.set_standby(SICK).run(3)
    assert world.zone.weight_history == [(255, 0)]
    assert world.state.last_move
    assert world.state.last_move.is_automatic


def test_cool_down_starts_at_confirmed_end_of_move() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.propagates_changes = False
    world.name_servers.freeze("ns-1.example.net")
    world.run(3)
    world.wait(400)
    world.name_servers.stale_records.clear()
    confirmed_at = world.clock.now
    world.run(1)
    assert world.state.last_move_ended_at == confirmed_at
    assert world.state.cool_down_until == confirmed_at + 900


def test_cool_down_blocks_moves_and_states_its_end() -> None:
    world = fail_over().set_primary(HEALTHY)
    world.run(60)
    world.set_standby(SICK)
    reason = world.run(5)
    assert world.zone.weight_history == []
    assert "The cool-down after the last automatic move lasts 4 min 10 s more, until 2027-01-15T08:16:40Z" in reason


def test_blocked_move_starts_automatically_after_cool_down() -> None:
    world = fail_over().set_primary(HEALTHY)
    world.run(60)
    world.set_standby(SICK).run(29)
    assert world.zone.weight_history == []
    world.run(2)
    assert world.zone.weight_history == [(255, 0)]


def test_daily_limit_leaves_decision_to_operator() -> None:
    world = fail_over().set_primary(HEALTHY)
    world.run(100)
    world.set_standby(SICK).run(3)
    world.set_standby(HEALTHY).run(100)
    world.set_primary(SICK)
    reason = world.run(20)
    assert world.zone.weight_history == [(255, 0)]
    assert "2 automatic moves were made within a day, and the limit is 2. Move users manually" in reason


def test_daily_limit_resets_after_a_day() -> None:
    world = fail_over(max_automatic_moves_per_day=1).set_primary(HEALTHY)
    world.run(100)
    world.set_standby(SICK).run(3)
    assert world.zone.weight_history == []
    world.wait(86_400)
    world.set_standby(HEALTHY).run(30)
    world.set_standby(SICK).run(3)
    assert world.zone.weight_history == [(255, 0)]


def test_acknowledge_without_cause_changes_nothing() -> None:
    world = ControllerHarness().settle()
    before = world.memory.load()
    answer = world.request("acknowledge", reason="just in case")
    assert answer["message"] == "Nothing waits for an acknowledgement; nothing was done."
    assert world.memory.load() == before
    assert world.event_kinds == []


def test_acknowledge_during_a_move_names_the_move_and_changes_nothing() -> None:
    world = ControllerHarness().settle()
    world.name_servers.freeze("ns-1.example.net")
    world.request("failover", reason="drill", token="t")
    world.run(1)
    move, before = world.state.move, world.state
    assert move
    assert f"{move.id} is under way and continues." in world.request("acknowledge", reason="r")["message"]
    assert (world.state.automatic_move_times, world.state.move) == (before.automatic_move_times, move)


def test_acknowledge_ends_cool_down_and_daily_limit() -> None:
    world = fail_over(max_automatic_moves_per_day=1).set_primary(HEALTHY)
    world.run(40)
    world.request("acknowledge", reason="It was us")
    world.set_standby(SICK).run(3)
    assert world.zone.weight_history == [(255, 0)]


def test_cancelled_move_is_not_counted() -> None:
    world = ControllerHarness(max_automatic_moves_per_day=1).settle()
    world.patch_state(automatic_move_times=())
    world.set_primary(SICK).run(2)
    world.fail_route_53(calls="zone.list_record_sets").run(1)
    world.set_primary(HEALTHY).run(3)
    assert world.event_kinds[-1] is EventKind.MOVE_CANCELLED
    assert world.state.automatic_move_times == ()
    world.restore_all().set_primary(SICK).run(3)
    assert world.weights == (0, 255)


def test_manual_move_starts_no_cool_down() -> None:
    world = ControllerHarness().settle()
    world.invoke_operator("failover", reason="drill", token="t")
    assert world.state.cool_down_until == 0
    world.run(30)
    world.set_standby(SICK).run(3)
    assert world.zone.weight_history == [(0, 255), (255, 0)]


def count_moves_of_the_day(world: ControllerHarness) -> int:
    count: int = world.request("status")["status"]["automation"]["automatic_moves_within_a_day"]
    return count


def test_moves_older_than_a_day_do_not_count() -> None:
    world = fail_over()
    assert count_moves_of_the_day(world) == 1
    world.wait(86_400).run(1)
    assert count_moves_of_the_day(world) == 0


def test_only_as_many_moves_are_remembered_as_the_daily_limit_needs() -> None:
    world = fail_over(max_automatic_moves_per_day=1)
    world.set_primary(HEALTHY).wait(86_400).run(40)
    world.set_standby(SICK).run(4)
    assert world.zone.weight_history == [(255, 0)]
    assert len(world.state.automatic_move_times) == 1
