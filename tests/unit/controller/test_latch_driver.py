"""A latch that fails is tried again, and one that is set is watched as long as the move lasts."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from cognito_failover.common.errors import LeverUnavailableError
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.model.records import Confirmation
from cognito_failover.core.model.state import LatchState
from cognito_failover.core.move.latches import BACKGROUND_RETRY_SECONDS
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import ControllerHarness

RECORDS, DOMAIN = SteeredName.RECORDS, SteeredName.DOMAIN


def make_failing_call(name: str, error: str) -> Callable[[str], None]:
    def fail(call_name: str) -> None:
        if call_name == name:
            raise LeverUnavailableError(error)

    return fail


def start_failover(*, is_latch_available: bool = True) -> ControllerHarness:
    """Return a world with a failover that a stale name server and Route 53 hold up."""
    world = ControllerHarness(latches=(RECORDS,)).settle()
    world.propagates_changes = False
    world.name_servers.freeze("ns-1.example.net")
    world.latches[RECORDS].is_available = is_latch_available
    world.fail_route_53().request("failover", reason="test", token="out")
    return world


def get_latch(world: ControllerHarness, name: SteeredName = RECORDS) -> LatchState:
    return world.state.latches[name]


def test_problem_of_a_latch_is_saved_once_in_a_move_until_it_changes() -> None:
    world = start_failover(is_latch_available=False)
    world.run(1)
    first = get_latch(world)
    assert first.problem == "S3 answered SlowDown to the latch of the records"
    world.run(2)
    assert get_latch(world) == first
    world.latches[RECORDS].is_available = True
    world.fault_injector.before_call = make_failing_call("latch-records.set", "AccessDenied")
    world.run(1)
    assert get_latch(world).problem == "AccessDenied"
    assert get_latch(world).set_failed_at == world.clock.now - world.settings.round_interval_seconds


def test_latch_that_a_finished_move_left_is_tried_with_pauses() -> None:
    world = ControllerHarness(latches=(RECORDS,)).settle()
    world.latches[RECORDS].is_available = False
    world.request("failover", reason="test", token="out")
    world.run(5)
    assert world.state.move is None
    assert (get_latch(world).is_thrown, get_latch(world).set_at) == (True, None)
    attempts: list[float] = []

    def record(call_name: str) -> None:
        if call_name == "latch-records.read_revision":
            attempts.append(world.clock.now)

    world.fault_injector.before_call = record
    world.run(20)
    pauses = {later - earlier for earlier, later in pairwise(attempts)}
    assert pauses == {BACKGROUND_RETRY_SECONDS}
    assert get_latch(world).set_failed_at == attempts[-1]


def test_set_latch_has_no_problem_while_its_confirmation_fails() -> None:
    world = ControllerHarness(
        latches=(DOMAIN,), managed_login_domain="login.example.com", domain_latch_check_id="d", latch_bucket="b"
    ).settle()
    world.fault_injector.before_call = make_failing_call("latch-domain.confirm", "no name server answered")
    world.request("failover", reason="test", token="out")
    message = world.run(2)
    assert "The latch of the domain failed, and the next round retries it: no name server answered" in message
    assert get_latch(world, DOMAIN).set_at is not None
    assert get_latch(world, DOMAIN).problem == ""
    world.restore_all().run(2)
    assert world.state.move is None


def test_latch_with_a_lost_response_is_set_without_a_serving_target() -> None:
    world = start_failover().lose_response("latch-records.set")
    world.run(1)
    assert (world.latches[RECORDS].thrown, get_latch(world).set_at) == (True, None)
    world.fail_route_53().set_standby(Verdict.UNKNOWN).run(1)
    assert get_latch(world).set_at is not None
    assert world.latches[RECORDS].set_calls == [True]


def test_latch_that_is_not_set_waits_for_a_serving_target() -> None:
    world = start_failover(is_latch_available=False)
    world.run(1)
    world.latches[RECORDS].is_available = True
    assert "The latch of the records waits for a round that confirms" in world.set_standby(Verdict.UNKNOWN).run(1)
    assert world.latches[RECORDS].set_calls == []
    world.set_standby(Verdict.HEALTHY).run(1)
    assert world.latches[RECORDS].set_calls == [True]


def test_latch_released_by_hand_ends_the_move_only_if_it_is_attached() -> None:
    for is_attached in (True, False):
        world = ControllerHarness(latches=(RECORDS,))
        world.latches[RECORDS].is_attached = is_attached
        world.settle().name_servers.freeze("ns-1.example.net")
        world.propagates_changes = False
        world.request("failover", reason="test", token="out")
        world.run(2)
        world.latches[RECORDS].thrown = False
        world.run(1)
        assert (EventKind.MOVE_SUPERSEDED in world.event_kinds) is is_attached


def record_calls(world: ControllerHarness) -> list[str]:
    calls: list[str] = []
    world.fault_injector.after_call = calls.append
    return calls


def test_latch_that_failed_comes_after_the_weights_in_the_next_round() -> None:
    world = start_failover()
    world.latches[RECORDS].is_available = False
    world.run(1)
    world.latches[RECORDS].is_available = True
    world.restore_all()
    calls = record_calls(world)
    world.run(1)
    assert calls.index("zone.submit") < calls.index("latch-records.set")


def test_latch_without_a_failure_comes_before_the_weights() -> None:
    world = start_failover().restore_all()
    calls = record_calls(world)
    world.run(1)
    assert calls.index("latch-records.set") < calls.index("zone.submit")


def test_failed_latch_comes_before_the_weights_of_a_rollback() -> None:
    world = ControllerHarness(latches=(RECORDS,)).settle()
    world.propagates_changes = False
    world.name_servers.freeze("ns-1.example.net")
    world.request("failover", reason="test", token="out")
    world.run(1)
    world.fail_route_53(calls="zone.submit").request("abort", reason="changed my mind", token="stop")
    world.latches[RECORDS].is_available = False
    world.run(1)
    assert get_latch(world).problem
    world.latches[RECORDS].is_available = True
    world.restore_all()
    calls = record_calls(world)
    world.run(1)
    assert calls.index("latch-records.set") < calls.index("zone.submit")


def test_move_names_whether_its_latch_was_thrown_or_released_by_hand() -> None:
    for weights, action, done in (((255, 0), "failover", "released"), ((0, 255), "failback", "thrown")):
        world = ControllerHarness(weights, latches=(RECORDS,)).settle()
        world.propagates_changes = False
        world.request(action, reason="test", token="t", **({"mode": "all-at-once"} if action == "failback" else {}))
        world.name_servers.freeze("ns-1.example.net")
        world.run(1)
        world.latches[RECORDS].thrown = done == "thrown"
        assert f"the latch of the records was {done} outside the controller during the move" in world.run(1)


def test_latch_that_the_state_does_not_know_stops_no_move() -> None:
    world = ControllerHarness(
        (0, 255),
        latches=(DOMAIN,),
        managed_login_domain="login.example.com",
        domain_latch_check_id="d",
        latch_bucket="b",
    ).settle()
    world.request("failback", reason="test", token="t")
    world.patch_state(latches={})
    world.run(1)
    assert world.zone.weight_history == [(26, 229)]


def start_failover_of_a_hidden_domain() -> tuple[ControllerHarness, list[str]]:
    """Return a world in a failover whose domain no record shows any more, and the calls that it makes."""
    world = ControllerHarness(latches=(DOMAIN,)).settle()
    world.request("failover", reason="test", token="out")
    calls: list[str] = []
    world.fault_injector.before_call = calls.append
    world.propagates_changes = False
    world.run(1)
    world.latches[DOMAIN].has_state_record = False
    return world, calls


def test_record_of_a_latch_is_looked_up_only_once_its_effect_is_overdue() -> None:
    world, calls = start_failover_of_a_hidden_domain()
    world.run(5)
    assert "latch-domain.find_state_record" not in calls
    world.run(1)
    assert calls.count("latch-domain.find_state_record") == 1
    assert not get_latch(world, DOMAIN).is_shown


@pytest.mark.parametrize(
    ("moved", "stale"), [(True, ()), (False, ("ns-2.example.org",)), (True, ("ns-2.example.org",))]
)
def test_answers_of_name_servers_count_although_the_record_is_gone(moved: bool, stale: tuple[str, ...]) -> None:
    world, calls = start_failover_of_a_hidden_domain()
    world.wait(60)
    confirmation = Confirmation(moved=moved, unresponsive=(), stale=stale, detail="As answered.")
    vars(world.latches[DOMAIN])["confirm"] = lambda *_: confirmation
    world.run(1)
    assert "latch-domain.find_state_record" not in calls
    assert get_latch(world, DOMAIN).is_shown
    assert (get_latch(world, DOMAIN).effective_at is not None) is moved


def test_set_latch_whose_answer_was_lost_is_recognized_in_dns() -> None:
    world = ControllerHarness(latches=(RECORDS,)).settle().set_primary(Verdict.SICK)
    world.latches[RECORDS].is_readable = False
    world.run(2)
    world.fail_route_53().lose_response("latch-records.set").run(1)
    world.set_standby(Verdict.SICK).run(1)
    assert EventKind.LATCH_SET in world.event_kinds
    assert set(world.latches[RECORDS].set_calls) <= {True, False}


def test_latch_that_can_be_checked_adds_nothing_to_the_message() -> None:
    world = start_failover()
    assert "None" not in world.run(3)
    assert set(world.latches[RECORDS].set_calls) == {True}
