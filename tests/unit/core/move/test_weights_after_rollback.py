"""A rollback by a latch ends with the weights of the Region that has the users."""

import pytest

from cognito_failover.common.region import RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import ControllerHarness


def start_failback_in_steps() -> ControllerHarness:
    world = ControllerHarness(latches=(SteeredName.RECORDS,), recovery_rounds=6).settle()
    world.set_primary(Verdict.SICK).run(6)
    world.set_primary(Verdict.HEALTHY).run(10)
    assert world.request("failback", reason="well again", token="b")["done"]
    return world


@pytest.mark.parametrize("percent", [10, 50])
def test_weights_follow_the_latch_after_the_rollback_of_a_step(percent: int) -> None:
    world = start_failback_in_steps()
    while 100 * world.weights[0] < percent * 254:
        world.run(1)
    world.request("abort", reason="wrong day", token="a")
    world.run(6)
    assert world.weights == (0, 255)
    assert world.user_location is RegionRole.STANDBY
    assert world.state.pending_weight_sync is None
    assert not {EventKind.AUTOMATION_HELD, EventKind.MOVE_SUPERSEDED} & set(world.event_kinds)


def test_change_that_may_still_be_on_its_way_is_fenced_after_a_rollback() -> None:
    world = start_failback_in_steps()
    before = world.zone.list_record_sets(("_fence.auth.example.com.",))
    world.fail_route_53(calls="zone.submit").run(4)
    assert world.state.move
    assert world.state.move.progress
    assert world.zone.list_record_sets(("_fence.auth.example.com.",)) == before
    world.restore_all().request("abort", reason="wrong day", token="a")
    world.run(6)
    assert world.weights == (0, 255)
    assert world.zone.list_record_sets(("_fence.auth.example.com.",)) != before


def test_overridden_failback_to_a_dead_primary_can_be_taken_back() -> None:
    world = ControllerHarness(latches=(SteeredName.RECORDS,)).settle()
    world.set_primary(Verdict.SICK).run(10)
    answer = world.request("failback", reason="I know", token="b", override=["target-healthy"])
    assert answer["done"], answer
    while world.weights == (0, 255):
        world.run(1)
    assert world.request("abort", reason="I was wrong", token="a")["done"]
    world.run(20)
    assert (world.weights, world.user_location) == ((0, 255), RegionRole.STANDBY)
    assert not {EventKind.AUTOMATION_HELD, EventKind.MOVE_SUPERSEDED} & set(world.event_kinds)
