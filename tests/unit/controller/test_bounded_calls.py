"""Calls that hang leave a round time to save its results."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import get_protocol_members

import pytest

from cognito_failover.common.errors import LedgerUnavailableError, LeverUnavailableError
from cognito_failover.common.region import RegionRole, route_all_to
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.controller.bounded_calls import (
    LATCH_LIMITS,
    LEDGER_LIMITS,
    LEVER_LIMITS,
    CallLimits,
    RoundBudget,
    bound_latch,
    bound_ledger,
    bound_lever,
)
from cognito_failover.controller.round import RoundRunner, RoundStore
from cognito_failover.core.ports.latch import Latch
from cognito_failover.core.ports.lever import Lever
from cognito_failover.core.ports.stores import LeaseStore
from cognito_failover.core.verdict import Verdict
from cognito_failover.operator.latch_attachment import AttachmentStore
from cognito_failover.operator.operator import OperatorStore
from cognito_failover.probe.jwks_cache import EMPTY_JWKS
from cognito_failover_testing.memory_ledger import MemoryLedger
from tests.support import load_scaling
from tests.support.controller_harness import ControllerHarness
from tests.support.settings import VIRGINIA


@pytest.fixture
def release_event() -> Iterator[threading.Event]:
    """Return an event that hanging calls wait for, set at the end."""
    released = threading.Event()
    yield released
    released.set()


def test_call_times_out_at_its_own_limit(release_event: threading.Event) -> None:
    round_budget = RoundBudget()
    round_budget.start_round(10)
    with pytest.raises(LedgerUnavailableError, match=r"Reading got no answer within 0\.1 s"):
        round_budget.call(
            release_event.wait, description="Reading", timeout_seconds=0.1, timeout_error=LedgerUnavailableError
        )


def test_call_times_out_at_end_of_round_if_earlier(release_event: threading.Event) -> None:
    round_budget = RoundBudget()
    round_budget.start_round(0.1)
    with pytest.raises(LeverUnavailableError, match=r"Asking got no answer within 0\.1 s"):
        round_budget.call(
            release_event.wait, description="Asking", timeout_seconds=5, timeout_error=LeverUnavailableError
        )


def test_call_result_or_error_is_passed_through() -> None:
    round_budget = RoundBudget()
    round_budget.start_round(10)
    assert (
        round_budget.call(lambda: None, description="x", timeout_seconds=1, timeout_error=LedgerUnavailableError)
        is None
    )
    with pytest.raises(ZeroDivisionError):
        round_budget.call(lambda: 1 // 0, description="x", timeout_seconds=1, timeout_error=LedgerUnavailableError)


def test_hanging_records_leave_time_to_save(release_event: threading.Event) -> None:
    world = ControllerHarness().settle()
    round_budget = RoundBudget()
    round_budget.start_round(1.7)
    world.fault_injector.before_call = lambda call_name: _hang_on_call("zone.", call_name, release_event)
    began_at = time.monotonic()
    with pytest.raises(LeverUnavailableError, match="Reading the records got no answer"):
        bound_lever(world.lever, round_budget).read_records()
    assert time.monotonic() - began_at < load_scaling.scale_seconds(1.5)


def test_change_is_not_started_without_time_for_its_answer() -> None:
    world = ControllerHarness().settle()
    lever = bound_lever(world.lever, round_budget := RoundBudget())
    round_budget.start_round(60)
    survey = lever.read_records()
    intent = lever.plan(survey, survey.weights)
    round_budget.start_round(2.9)
    calls: list[str] = []
    world.fault_injector.before_call = calls.append
    with pytest.raises(LeverUnavailableError, match=r"Changing the records was not started: less than 3 s are left"):
        lever.submit(intent, survey)
    assert calls == []
    round_budget.start_round(60)
    assert lever.submit(intent, lever.read_records())


def test_latch_is_not_set_without_time_for_the_answer() -> None:
    world = ControllerHarness(latches=(SteeredName.RECORDS,)).settle()
    latch = bound_latch(world.levers.latches[0], round_budget := RoundBudget(monotonic=lambda: 0.0))
    round_budget.start_round(1.4)
    with pytest.raises(LeverUnavailableError, match=r"Setting the latch of the records was not started: less than 1.5"):
        latch.set(thrown=True, revision="", version=1)
    assert not world.latches[SteeredName.RECORDS].set_calls
    round_budget.start_round(1.5)
    latch.set(thrown=True, revision="", version=1)
    assert world.latches[SteeredName.RECORDS].thrown


def test_round_with_hanging_ledger_is_abandoned_and_reported(release_event: threading.Event) -> None:
    world = ControllerHarness().settle()
    round_budget = RoundBudget()
    rounds = RoundRunner(
        settings=world.settings,
        ledger=bound_ledger(world.ledger, round_budget),
        prober=world.prober,
        levers=replace(world.levers, records=bound_lever(world.lever, round_budget)),
        clock=world.clock,
    )
    world.fault_injector.before_call = lambda call_name: _hang_on_call("ledger.", call_name, release_event)
    round_budget.start_round(0.2)
    began_at = time.monotonic()
    report = rounds.run()
    assert time.monotonic() - began_at < load_scaling.scale_seconds(2)
    assert "Reading the state got no answer" in report.failure
    assert "no users are moved" in report.reason


def _hang_on_call(prefix: str, call_name: str, released: threading.Event) -> None:
    if call_name.startswith(prefix):
        released.wait()


def test_bounded_failover_equals_unbounded_one() -> None:
    world = ControllerHarness().settle().set_primary(Verdict.SICK)
    round_budget = RoundBudget()
    ledger = bound_ledger(world.ledger, round_budget)
    rounds = RoundRunner(
        settings=world.settings,
        ledger=ledger,
        prober=world.prober,
        levers=replace(world.levers, records=bound_lever(world.lever, round_budget)),
        clock=world.clock,
    )
    world.propagates_changes = False
    world.name_servers.freeze("ns-1.example.net")
    for _ in range(6):
        round_budget.start_round(60)
        assert rounds.run().failure == ""
        world.zone.propagate()
        world.clock.now += 10
    world.name_servers.stale_records.clear()
    rounds.run()
    assert world.zone.weight_history == [(0, 255)]
    assert world.state.move is None
    assert ledger.load_history(limit=1).events == world.memory.load_history(limit=1).events
    assert ledger.load_observations((VIRGINIA,)) == world.memory.load_observations((VIRGINIA,))
    assert ledger.acquire_lease("me", now=world.clock.now, seconds=20)
    ledger.release_lease("me")
    assert world.memory.acquire_lease("other", now=world.clock.now, seconds=20)


def test_call_after_end_of_round_is_not_started() -> None:
    calls: list[str] = []
    with pytest.raises(LedgerUnavailableError, match="Reading was not started: no time is left in this round"):
        RoundBudget().call(
            lambda: calls.append("made"), description="Reading", timeout_seconds=1, timeout_error=LedgerUnavailableError
        )
    assert calls == []


@pytest.mark.parametrize(
    ("port", "limits"),
    [
        (Lever, LEVER_LIMITS),
        (Latch, LATCH_LIMITS),
        (RoundStore, LEDGER_LIMITS),
        (LeaseStore, LEDGER_LIMITS),
        (OperatorStore, LEDGER_LIMITS),
        (AttachmentStore, LEDGER_LIMITS),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_every_method_that_a_round_may_call_has_a_limit(port: type, limits: CallLimits) -> None:
    never_called = {"name", "save_preflight"}
    assert get_protocol_members(port) - never_called <= {*limits.in_thread, *limits.in_place}


def test_call_without_limit_is_an_error() -> None:
    ledger = bound_ledger(MemoryLedger(), RoundBudget())
    with pytest.raises(AttributeError, match="save_keys has no time limit"):
        ledger.save_keys(EMPTY_JWKS)


@pytest.mark.parametrize("paused_seconds", [21, 3600, -3600], ids=["past-its-round", "an-hour", "clock-set-back"])
def test_process_suspended_before_its_write_changes_nothing(paused_seconds: float) -> None:
    world = ControllerHarness(latches=(SteeredName.RECORDS,)).settle()
    round_budget = RoundBudget(monotonic=lambda: 0.0, clock=world.clock)  # a suspended machine's clock stands still
    round_budget.start_round(20)
    lever = bound_lever(world.lever, round_budget)
    latch = bound_latch(world.levers.latches[0], round_budget)
    snapshot = lever.read_records()
    intent = lever.plan(snapshot, route_all_to(RegionRole.STANDBY))
    revision = latch.read_revision()

    world.clock.now += paused_seconds

    expected = f"was refused, and nothing was changed: its 20 s began {paused_seconds} s ago"
    with pytest.raises(LeverUnavailableError, match=f"Changing the records {expected}"):
        lever.submit(intent, snapshot)
    with pytest.raises(LeverUnavailableError, match=f"Setting the latch of the records {expected}"):
        latch.set(thrown=True, revision=revision, version=1)
    with pytest.raises(LeverUnavailableError, match="The process was suspended, or the clock was set"):
        latch.refresh(thrown=True)
    assert world.zone.weight_history == []
    assert not world.latches[SteeredName.RECORDS].set_calls

    round_budget.start_round(20)  # the next round
    lever.submit(intent, snapshot)
    latch.set(thrown=True, revision=revision, version=1)
    assert world.zone.weight_history == [(0, 255)]


def test_write_to_a_lever_runs_in_the_callers_thread() -> None:
    world = ControllerHarness(latches=(SteeredName.RECORDS,)).settle()
    round_budget = RoundBudget()
    round_budget.start_round(60)
    threads: dict[str, threading.Thread] = {}
    world.fault_injector.before_call = lambda call_name: threads.update({call_name: threading.current_thread()})
    lever = bound_lever(world.lever, round_budget)
    latch = bound_latch(world.levers.latches[0], round_budget)
    snapshot = lever.read_records()
    lever.submit(lever.plan(snapshot, route_all_to(RegionRole.STANDBY)), snapshot)
    latch.set(thrown=True, revision="", version=1)
    assert threads["zone.submit"] is threads["latch-records.set"] is threading.current_thread()
    assert threads["zone.list_record_sets"] is not threading.current_thread()
