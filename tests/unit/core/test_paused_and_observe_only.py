"""Rule 6: while paused or observe-only, no automatic move starts. A started move is finished or aborted."""

from collections.abc import Callable

import pytest

from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import ControllerHarness

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY


def start_paused() -> ControllerHarness:
    world = ControllerHarness().settle()
    assert world.request("pause", reason="maintenance", minutes=10)["done"]
    return world


def start_observe_only() -> ControllerHarness:
    world = ControllerHarness().settle()
    assert world.request("observe-only", reason="trial")["done"]
    return world


def start_deployed_to_observe() -> ControllerHarness:
    return ControllerHarness(observe_only=True).settle()


@pytest.mark.parametrize("start_world", [start_paused, start_observe_only, start_deployed_to_observe])
def test_withheld_failover_is_reported_once(start_world: Callable[[], ControllerHarness]) -> None:
    world = start_world().set_primary(SICK)
    world.run(20)
    assert world.zone.weight_history == []
    assert world.event_kinds.count(EventKind.WOULD_MOVE) == 1
    assert "Traffic would have moved to us-east-1, but:" in world.get_latest_message(EventKind.WOULD_MOVE)


@pytest.mark.parametrize("start_world", [start_paused, start_observe_only, start_deployed_to_observe])
def test_impossible_failover_is_reported_as_blocked(start_world: Callable[[], ControllerHarness]) -> None:
    world = start_world().set_primary(SICK).set_standby(SICK)
    world.run(20)
    assert EventKind.WOULD_MOVE not in world.event_kinds
    assert EventKind.BLOCKED in world.event_kinds


def test_withheld_move_event_names_initiator_end_and_reason_of_pause() -> None:
    world = start_paused().set_primary(SICK)
    world.run(3)
    assert "operator paused automation until 2027-01-15T08:11:20Z: maintenance" in world.get_latest_message(
        EventKind.WOULD_MOVE
    )


def test_pause_expires() -> None:
    world = start_paused().set_primary(SICK)
    world.run(59)
    assert world.zone.weight_history == []
    world.run(3)
    assert world.zone.weight_history == [(0, 255)]
    assert world.request("status")["status"]["automation"]["paused"] is None
    assert "neither paused" in world.request("resume", reason="over")["message"]


def test_resume_ends_pause_and_observe_only() -> None:
    for world in (start_paused(), start_observe_only()):
        world.request("resume", reason="done")
        world.set_primary(SICK).run(3)
        assert world.zone.weight_history == [(0, 255)]


def test_resume_explains_that_deployed_observe_only_remains() -> None:
    world = start_observe_only()
    deployed = start_deployed_to_observe()
    deployed.patch_state(is_observe_only=True)
    assert "ObserveOnly" not in world.request("resume", reason="done")["message"]
    assert "still deployed observe-only (parameter ObserveOnly)" in deployed.request("resume", reason="done")["message"]
    deployed.set_primary(SICK).run(10)
    assert deployed.zone.weight_history == []


def test_resume_without_pause_changes_nothing() -> None:
    world = ControllerHarness().settle()
    before = world.memory.load()
    assert "neither paused nor set to observe only" in world.request("resume", reason="done")["message"]
    assert world.memory.load() == before


def test_started_move_is_finished_during_pause() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.name_servers.freeze("ns-1.example.net")
    world.run(3)
    answer = world.request("pause", reason="wait", minutes=10)
    assert "continues to its end" in answer["message"]
    world.name_servers.stale_records.clear()
    world.run(1)
    assert world.state.active_role is RegionRole.STANDBY


def test_observe_only_is_refused_during_move() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.name_servers.freeze("ns-1.example.net")
    world.run(3)
    answer = world.request("observe-only", reason="wait")
    assert answer["refused_by"] == "one-move-at-a-time"
    assert "observe-only can't be set during one" in answer["message"]


def test_manual_move_is_allowed_during_pause() -> None:
    world = start_paused()
    world.invoke_operator("failover", reason="drill", token="t")
    assert world.weights == (0, 255)


def start_move(**fields: str) -> ControllerHarness:
    """Return a world with a manual move that one name server delays."""
    world = ControllerHarness().settle()
    world.name_servers.freeze("ns-1.example.net")
    world.request("failover", reason="drill", token="t", **fields)
    world.run(2)
    assert world.weights == (0, 255)
    return world


def test_abort_returns_all_users() -> None:
    world = start_move()
    assert world.request("abort", reason="wrong day", token="a")["done"]
    world.name_servers.stale_records.clear()
    world.run(2)
    assert world.zone.weight_history == [(0, 255), (255, 0)]
    assert world.state.active_role is RegionRole.PRIMARY
    assert "aborted by operator: wrong day" in world.get_latest_message(EventKind.MOVE_ROLLING_BACK)


def test_abort_before_any_change_cancels_move() -> None:
    world = ControllerHarness().settle()
    world.request("failover", reason="drill", token="t")
    world.request("abort", reason="wrong day", token="a")
    world.run(3)
    assert world.zone.weight_history == []
    assert world.event_kinds == [EventKind.MOVE_DECIDED, EventKind.MOVE_CANCELLED]


def test_abort_of_stepped_failback_returns_all_users_to_standby() -> None:
    world = ControllerHarness(weights=(0, 255)).settle()
    world.request("failback", reason="well", token="t")
    world.run(3)
    world.request("abort", reason="not so well", token="a")
    world.run(3)
    assert world.zone.weight_history == [(26, 229), (0, 255)]
    assert world.state.active_role is RegionRole.STANDBY


def test_abort_is_refused_while_return_region_is_sick() -> None:
    world = start_move().set_primary(SICK)
    world.run(1)
    answer = world.request("abort", reason="wrong day", token="a")
    assert answer["refused_by"] == "target-healthy"
    assert "ap-northeast-1, where traffic would go back to, is sick" in answer["message"]


def test_abort_without_move_and_second_abort_do_nothing() -> None:
    world = ControllerHarness().settle()
    assert world.request("abort", reason="?", token="a")["refused_by"] == "abort"
    world = start_move()
    world.request("abort", reason="wrong day", token="a")
    assert "already going back to ap-northeast-1" in world.request("abort", reason="again", token="b")["message"]
