"""A process that is suspended before a write, and continues after its move is over, moves no users.

What such a process does when it continues is a request that arrives late.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from cognito_failover.common.errors import LeverUnavailableError
from cognito_failover.common.region import RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.controller.bounded_calls import RoundBudget, bound_latch, bound_lever
from cognito_failover.controller.round import RoundRunner
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.model.state import require_move
from cognito_failover.core.verdict import Verdict
from cognito_failover.routing.records.hosted_zone import ChangeRejectedError
from tests.support.controller_harness import ControllerHarness
from tests.support.fault_injector import KilledError
from tests.support.memory_latch import MemoryLatch

RECORDS = SteeredName.RECORDS


class LateRequest:
    """The next call of a method: it does not arrive, and its process ends. The request arrives when the test says so.

    Parameters
    ----------
    target, method
        The object that gets the request, and the method's name.

    """

    def __init__(self, target: Any, method: str) -> None:
        self._request: Callable[[], object] | None = None
        original = getattr(target, method)

        def hold(*arguments: Any, **named: Any) -> None:
            self._request = lambda: original(*arguments, **named)
            setattr(target, method, original)
            raise KilledError

        setattr(target, method, hold)

    def arrive(self) -> bool:
        """Return whether the request changed anything."""
        assert self._request
        try:
            self._request()
        except (ChangeRejectedError, LeverUnavailableError):
            return False
        return True


def suspend(world: ControllerHarness, target: object, method: str) -> LateRequest:
    """Run rounds until a process is suspended before this call. Later rounds are another process's."""
    late = LateRequest(target, method)
    with pytest.raises(KilledError):
        world.run(5)
    world.restart()
    return late


def request_failover(*latches: SteeredName) -> ControllerHarness:
    world = ControllerHarness(latches=latches).settle()
    world.request("failover", reason="test", token="out")
    return world


def arrive_at_call(world: ControllerHarness, late: LateRequest, call: str) -> list[bool]:
    """Let the request arrive just before another process makes a call. Return where its result will be added."""
    arrivals: list[bool] = []

    def on_call(call_name: str) -> None:
        if call_name == call and not arrivals:
            arrivals.append(late.arrive())

    world.fault_injector.before_call = on_call
    return arrivals


def assert_users_are_home(world: ControllerHarness) -> None:
    """Assert that all is at rest on the primary, and that the controller blames no person."""
    assert (world.user_location, world.weights, world.state.move) == (RegionRole.PRIMARY, (255, 0), None)
    kinds = {entry.kind for entry in world.memory.load_history(limit=200).events}
    assert not {EventKind.MOVE_SUPERSEDED, EventKind.AUTOMATION_HELD} & kinds


# Weights


def test_late_change_of_weights_after_the_abort_is_rejected() -> None:
    world = request_failover()
    late = suspend(world, world.zone, "submit")
    world.request("abort", reason="changed my mind", token="stop")
    world.run(3)
    assert not late.arrive()
    world.run(10)
    assert world.zone.weight_history == []
    assert_users_are_home(world)


def test_late_change_before_the_rollback_reads_is_taken_back() -> None:
    world = request_failover()
    late = suspend(world, world.zone, "submit")
    world.request("abort", reason="changed my mind", token="stop")
    assert late.arrive()
    world.run(10)
    assert world.zone.weight_history == [(0, 255), (255, 0)]
    assert_users_are_home(world)


def test_late_change_between_read_and_rollback_is_taken_back() -> None:
    world = request_failover()
    late = suspend(world, world.zone, "submit")
    world.request("abort", reason="changed my mind", token="stop")
    arrivals = arrive_at_call(world, late, "zone.submit")
    world.run(10)
    assert arrivals == [True]
    assert world.zone.weight_history == [(0, 255), (255, 0)]
    assert_users_are_home(world)
    assert world.event_kinds[-1] is EventKind.MOVE_CONFIRMED


def test_abort_of_move_that_changed_nothing_is_reported_as_such() -> None:
    world = request_failover()
    suspend(world, world.zone, "submit")
    world.request("abort", reason="changed my mind", token="stop")
    world.run(5)
    assert world.event_kinds[-1] is EventKind.MOVE_CANCELLED
    assert_users_are_home(world)


def test_two_late_changes_of_one_move_are_both_taken_back() -> None:
    world = ControllerHarness(weights=(0, 255)).settle()
    world.request("failback", reason="test", token="back")
    first_step = suspend(world, world.zone, "submit")
    world.fail_route_53(calls="zone.submit").set_standby(Verdict.SICK).run(5)
    move = world.state.move
    assert move
    assert move.steps == (100,)  # the steps that are left have become one
    all_steps = suspend(world.restore_all(), world.zone, "submit")
    world.fail_route_53(calls="zone.submit").set_standby(Verdict.HEALTHY).run(1)
    world.request("abort", reason="changed my mind", token="stop")
    arrivals = arrive_at_call(world, first_step, "zone.submit")
    world.run(20)
    assert arrivals == [True]
    assert not all_steps.arrive()
    assert world.zone.weight_history == [(26, 229), (0, 255)]
    assert world.state.move is None
    assert world.state.hold is None


def test_made_change_whose_response_was_lost_does_not_stop_the_next_step() -> None:
    world = ControllerHarness(weights=(0, 255)).settle()
    world.request("failback", reason="test", token="back")
    world.lose_response("zone.submit").run(1)
    assert world.weights == (26, 229)
    world.fail_route_53(calls="zone.submit").set_standby(Verdict.SICK).run(5)
    progress = require_move(world.state).progress
    assert progress
    assert progress.superseded == ()
    world.restore_all().run(5)
    assert world.zone.weight_history == [(26, 229), (255, 0)]
    assert_users_are_home(world)


def test_late_change_after_a_second_move_has_begun_is_rejected() -> None:
    world = request_failover()
    late = suspend(world, world.zone, "submit")
    world.request("abort", reason="changed my mind", token="stop")
    world.run(5)
    world.request("failover", reason="test", token="out again")
    world.run(10)
    world.request("failback", reason="test", token="home", mode="all-at-once")
    world.run(10)
    assert world.zone.weight_history == [(0, 255), (255, 0)]
    assert not late.arrive()
    assert_users_are_home(world)


def test_repeated_change_that_arrives_late_is_rejected() -> None:
    world = request_failover()
    world.lose_response("zone.submit").run(1)
    world.restore_all()
    assert world.weights == (0, 255)
    late = suspend(world, world.zone, "submit")  # the same values again, for a change id
    world.request("abort", reason="changed my mind", token="stop")
    world.run(10)
    assert not late.arrive()
    assert_users_are_home(world)


def test_late_sync_of_weights_is_rejected_after_users_are_home() -> None:
    world = ControllerHarness(latches=(RECORDS,)).settle()
    world.fail_route_53().request("failover", reason="test", token="out")
    world.run(5)
    world.restore_all()
    assert world.state.move is None
    assert world.state.pending_weight_sync
    late = suspend(world.wait(60), world.zone, "submit")
    world.run(10)
    world.request("failback", reason="test", token="home", mode="all-at-once")
    world.run(10)
    assert not late.arrive()
    assert_users_are_home(world)


def test_late_sync_during_the_next_move_is_no_external_change() -> None:
    world = ControllerHarness(latches=(RECORDS,)).settle()
    world.fail_route_53().request("failover", reason="test", token="out")
    world.run(5)
    world.restore_all()
    late = suspend(world.wait(60), world.zone, "submit")
    world.request("failback", reason="test", token="home", mode="all-at-once")
    arrive_at_call(world, late, "zone.submit")
    world.run(10)
    assert_users_are_home(world)


def is_sync_pending(world: ControllerHarness) -> bool:
    return world.state.pending_weight_sync is not None


def release_latch_by_hand(world: ControllerHarness) -> None:
    get_latch(world).thrown = False
    get_latch(world).propagate()


def test_late_change_of_a_move_that_a_person_ended_is_rejected() -> None:
    world = request_failover(RECORDS)
    late = suspend(world, world.zone, "submit")
    release_latch_by_hand(world)
    world.run(2)
    assert EventKind.MOVE_SUPERSEDED in world.event_kinds
    before = world.zone.weight_history[:]
    assert not late.arrive()
    world.run(10)
    assert (world.user_location, world.zone.weight_history) == (RegionRole.PRIMARY, before)
    assert world.state.unsettled_fence is None


def test_fence_of_an_ended_move_is_raised_once_route_53_takes_changes() -> None:
    world = request_failover(RECORDS)
    late = suspend(world, world.zone, "submit")
    release_latch_by_hand(world)
    world.fail_route_53(calls="zone.submit").run(10)
    assert world.state.unsettled_fence is not None
    world.restore_all().run(8)
    assert not late.arrive()
    fence = world.zone.list_record_sets((world.group.fence_name,))
    world.run(20)
    assert world.zone.list_record_sets((world.group.fence_name,)) == fence, "it is raised once"


def test_late_change_after_an_edit_that_was_taken_back_is_rejected() -> None:
    world = request_failover()
    late = suspend(world, world.zone, "submit")
    world.edit_weights(128, 127)
    world.run(2)
    world.edit_weights(255, 0)
    world.run(10)
    assert not late.arrive()
    assert world.zone.weight_history == []


def test_late_sync_of_weights_that_a_person_made_needless_is_rejected() -> None:
    world = ControllerHarness(latches=(RECORDS,)).settle()
    world.fail_route_53().request("failover", reason="test", token="out")
    world.run(5)
    world.restore_all()
    late = suspend(world.wait(60), world.zone, "submit")
    assert is_sync_pending(world)
    release_latch_by_hand(world)
    world.fail_route_53(calls="zone.submit").run(10)
    assert not is_sync_pending(world)
    world.restore_all().run(8)
    assert not late.arrive()
    assert (world.user_location, world.weights) == (RegionRole.PRIMARY, (255, 0))


def test_records_of_late_creation_are_rejected() -> None:
    world = ControllerHarness(weights=None)
    late = suspend(world, world.zone, "submit")
    world.run(2)
    world.request("failover", reason="test", token="out", override=["startup-grace-period"])
    world.run(5)
    assert not late.arrive()


def test_process_suspended_before_its_saved_change_changes_nothing() -> None:
    world = request_failover()
    world.fail_route_53(calls="zone.submit").run(2)
    assert world.state.move
    assert world.state.move.progress

    def suspend_at_change(call_name: str) -> None:
        if call_name == "zone.submit":
            world.restore_all()
            world.request("abort", reason="changed my mind", token="stop")
            other = make_other_process(world)
            assert [other.run().state for _ in range(3)][-1]
            assert world.state.move is None

    world.restore_all().fault_injector.before_call = suspend_at_change
    world.run(5)
    assert world.zone.weight_history == []
    assert_users_are_home(world)


def test_person_who_edits_weights_is_not_blocked_by_the_fence() -> None:
    world = request_failover()
    world.run(10)
    world.edit_weights(255, 0)  # leaves the fence as it is, as the console does
    world.run(10)
    assert world.state.active_role is RegionRole.PRIMARY
    world.request("acknowledge", reason="it was me", token="ok")
    world.request("failover", reason="test", token="out again")
    world.run(10)
    assert (world.weights, world.state.move) == ((0, 255), None)


def test_person_who_deletes_the_fence_stops_no_move() -> None:
    world = request_failover()
    world.run(10)
    world.request("failback", reason="test", token="home")
    world.run(3)
    world.zone.remove_by_hand(*world.zone.list_record_sets((world.group.fence_name,)))
    world.run(60)
    assert_users_are_home(world)


# Latches


def get_latch(world: ControllerHarness) -> MemoryLatch:
    return world.latches[RECORDS]


def test_late_throw_after_the_abort_is_rejected() -> None:
    world = request_failover(RECORDS)
    late = suspend(world, get_latch(world), "set")
    world.request("abort", reason="changed my mind", token="stop")
    world.run(10)
    assert not late.arrive()
    world.run(10)
    assert not get_latch(world).thrown
    assert_users_are_home(world)


def test_late_throw_before_the_release_is_taken_back() -> None:
    world = request_failover(RECORDS)
    late = suspend(world, get_latch(world), "set")
    world.request("abort", reason="changed my mind", token="stop")
    assert late.arrive()
    world.run(10)
    assert not get_latch(world).thrown
    assert_users_are_home(world)


def test_late_throw_between_read_and_release_is_reported_and_left() -> None:
    world = request_failover(RECORDS)
    late = suspend(world, get_latch(world), "set")
    world.request("abort", reason="changed my mind", token="stop")
    arrivals = arrive_at_call(world, late, "latch-records.set")
    world.run(20)
    assert arrivals == [True]
    assert EventKind.LOCATION_DIFFERS in world.event_kinds, "no user moves outside a decided move, not even back"
    world.request("failback", reason="home", token="home", mode="all-at-once")
    world.run(5)
    assert not get_latch(world).thrown
    assert_users_are_home(world)


def test_late_throw_after_a_second_move_is_rejected() -> None:
    world = request_failover(RECORDS)
    late = suspend(world, get_latch(world), "set")
    world.request("abort", reason="changed my mind", token="stop")
    world.run(10)
    world.request("failover", reason="test", token="out again")
    world.run(10)
    world.request("failback", reason="test", token="home", mode="all-at-once")
    world.run(20)
    assert not late.arrive()
    assert_users_are_home(world)


def test_process_suspended_before_it_saves_throws_no_latch() -> None:
    world = request_failover(RECORDS)
    saves: list[str] = []

    def suspend_at_last_save(call_name: str) -> None:
        if call_name == "latch-records.read_revision":
            world.fault_injector.clear()
            world.request("abort", reason="changed my mind", token="stop")
            make_other_process(world).run()
            saves.append(call_name)

    world.fault_injector.before_call = suspend_at_last_save
    world.run(1)
    assert saves
    assert True not in get_latch(world).set_calls
    world.run(10)
    assert_users_are_home(world)


# Both, at any call of the process that takes the move back


def abort_with_late_request(method: str) -> tuple[ControllerHarness, LateRequest]:
    world = request_failover(RECORDS)
    late = suspend(world, world.zone if method == "submit" else get_latch(world), method)
    world.request("abort", reason="changed my mind", token="stop")
    return world, late


def list_arrivals() -> Iterator[object]:
    for method in ("submit", "set"):
        world, _ = abort_with_late_request(method)
        calls: list[str] = []
        world.fault_injector.before_call = calls.append
        world.run(3)
        yield from (pytest.param(method, at, id=f"{method}-{at}-{call}") for at, call in enumerate(calls))


@pytest.mark.parametrize(("method", "at"), [*list_arrivals()])
def test_late_request_at_any_call_is_rejected_taken_back_or_reported(method: str, at: int) -> None:
    world, late = abort_with_late_request(method)
    calls: list[str] = []

    def arrive_at(call_name: str) -> None:
        calls.append(call_name)
        if len(calls) == at + 1:
            late.arrive()

    world.fault_injector.before_call = arrive_at
    world.run(20)
    assert len(calls) > at
    if get_latch(world).thrown:
        # It arrived between the read and the release, after which the move ended.
        assert EventKind.LOCATION_DIFFERS in world.event_kinds
        world.request("failback", reason="home", token="home", mode="all-at-once")
        world.run(5)
    assert not get_latch(world).thrown
    assert_users_are_home(world)


# The wall clock


def make_other_process(world: ControllerHarness, round_budget: RoundBudget | None = None) -> RoundRunner:
    budget = round_budget or RoundBudget()
    budget.start_round(20)
    return RoundRunner(
        settings=world.settings,
        ledger=world.ledger,
        prober=world.prober,
        levers=replace(
            world.levers,
            records=bound_lever(world.lever, budget),
            latches=tuple(bound_latch(latch, budget) for latch in world.levers.latches),
        ),
        clock=world.clock,
    )


@pytest.mark.parametrize("latches", [(), (RECORDS,)], ids=["weights", "latch"])
def test_process_suspended_past_its_round_moves_users_in_the_next(latches: tuple[SteeredName, ...]) -> None:
    world = request_failover(*latches)
    round_budget = RoundBudget(monotonic=lambda: 0.0, clock=world.clock)
    process = make_other_process(world, round_budget)
    world.fault_injector.before_call = lambda call_name: _pause(world) if call_name == "zone.list_record_sets" else None
    result = process.run()
    world.restore_all()
    assert "was refused, and nothing was changed: its 20 s began 60 s ago" in result.reason
    assert world.zone.weight_history == []
    round_budget.start_round(20)
    process.run()
    assert world.weights == (0, 255)


def _pause(world: ControllerHarness) -> None:
    world.wait(60)
    world.fault_injector.clear()
