"""A round looks where users are when that is due, and reads records and latches without a change to them."""

import pytest

from cognito_failover.common.errors import LeverUnavailableError
from cognito_failover.common.region import RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import ControllerHarness, VirtualClock
from tests.support.memory_latch import LATCH_DNS_WATCH

RECORDS = SteeredName.RECORDS


def count_looks(world: ControllerHarness, rounds: int) -> int:
    """Return how often the name servers are queried in these rounds."""
    query, calls = world.name_servers.query, list[object]()

    def query_and_count(*arguments: object, **named: object) -> object:
        calls.append(arguments)
        return query(*arguments, **named)  # type: ignore[arg-type]

    world.name_servers.query = query_and_count  # type: ignore[method-assign, assignment]
    world.run(rounds)
    world.name_servers.query = query  # type: ignore[method-assign]
    return len(calls)


def test_looks_are_made_once_a_minute_at_rest_and_each_round_in_suspicion() -> None:
    world = ControllerHarness(suspect_rounds=6).settle().run_quietly(12)
    assert count_looks(world, 12) == 2
    world.set_primary(Verdict.SICK)
    assert count_looks(world, 4) == 4


def test_move_takes_the_look_of_its_round_if_it_is_newer_than_the_change(monkeypatch: pytest.MonkeyPatch) -> None:
    world = ControllerHarness().settle().run_quietly(8)
    world.name_servers.freeze("ns-1.example.net")
    world.request("failover", reason="test", token="out")

    def tick(clock: VirtualClock) -> float:
        clock.now += 0.001
        return clock.now

    monkeypatch.setattr(VirtualClock, "__call__", tick)
    assert count_looks(world, 1) == 2, "the look of this round is older than the change"
    assert world.weights == (0, 255)
    assert count_looks(world, 3) == 3


def test_name_servers_that_cannot_be_queried_stop_no_failover() -> None:
    world = ControllerHarness().settle()
    world.name_servers.silent.update({"ns-1.example.net", "ns-2.example.org"})
    world.set_primary(Verdict.SICK).run(4)
    assert world.weights == (0, 255)


def test_round_without_a_state_changes_no_records_that_exist() -> None:
    world = ControllerHarness().settle()
    world.memory.lose_state()
    world.restart()
    calls: list[str] = []
    world.fault_injector.before_call = calls.append
    world.run(1)
    assert "zone.submit" not in calls
    assert world.state.active_role is RegionRole.PRIMARY


def test_failed_look_is_no_failed_round(monkeypatch: pytest.MonkeyPatch) -> None:
    world = ControllerHarness().settle().run_quietly(6)

    def fail(*_: object, **__: object) -> None:
        raise LeverUnavailableError("no network")

    monkeypatch.setattr(world.name_servers, "query", fail)
    seen = dict(world.state.locations)
    world.run(8)
    assert world.state.locations == seen
    assert world.state.looked_at is not None
    assert world.clock.now - world.state.looked_at <= 60 + world.settings.round_interval_seconds


def fail_calls(world: ControllerHarness, *names: str) -> None:
    def fail(call_name: str) -> None:
        if call_name.startswith(names):
            raise LeverUnavailableError(f"{call_name} failed")

    world.fault_injector.before_call = fail


def test_attached_latch_stays_attached_while_route_53_cannot_be_read() -> None:
    world = ControllerHarness(latches=(RECORDS,)).settle()
    fail_calls(world, "zone.", "latch-records.find_state_record")
    world.run(20)
    assert world.state.latches[RECORDS].dns_watch == LATCH_DNS_WATCH
    world.set_primary(Verdict.SICK).run(5)
    assert world.user_location is RegionRole.STANDBY
    assert world.state.move is None


def test_unreadable_latch_is_known_to_be_unreadable_until_it_can_be_read() -> None:
    world = ControllerHarness(latches=(RECORDS,)).settle().run_quietly(6)
    since = world.clock.now
    fail_calls(world, "latch-records.refresh")
    world.run(20)
    failing_since = world.state.latches[RECORDS].read_failing_since
    assert failing_since is not None
    assert since <= failing_since <= since + 70
    world.restore_all().run(8)
    assert world.state.latches[RECORDS].read_failing_since is None


def test_latch_that_is_new_to_the_state_is_never_thrown_by_a_read() -> None:
    world = ControllerHarness(latches=(RECORDS,)).settle()
    world.patch_state(latches={})
    world.latches[RECORDS].is_readable = False
    world.run(8)
    assert RECORDS in world.state.latches
    assert True not in world.latches[RECORDS].set_calls
