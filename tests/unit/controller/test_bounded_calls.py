"""Whatever hangs, a round ends in time to save what it did."""

import threading
import time
from collections.abc import Iterator

import pytest

from cognito_failover.common.errors import LedgerUnavailableError, LeverUnavailableError
from cognito_failover.controller.bounded_calls import BoundedLedger, BoundedLever, RoundBudget
from cognito_failover.controller.reconciler import Levers
from cognito_failover.controller.round import RoundRunner
from cognito_failover.core.verdict import Verdict
from cognito_failover.probe.jwks_cache import CachedJwks
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
    timekeeper = RoundBudget()
    timekeeper.start_round(10)
    with pytest.raises(LedgerUnavailableError, match=r"Reading gave no answer within 0\.1 s"):
        timekeeper.call(
            release_event.wait, description="Reading", timeout_seconds=0.1, timeout_error=LedgerUnavailableError
        )


def test_call_times_out_at_end_of_round_if_earlier(release_event: threading.Event) -> None:
    timekeeper = RoundBudget()
    timekeeper.start_round(0.1)
    with pytest.raises(LeverUnavailableError, match=r"Asking gave no answer within 0\.1 s"):
        timekeeper.call(
            release_event.wait, description="Asking", timeout_seconds=5, timeout_error=LeverUnavailableError
        )


def test_call_result_or_error_is_passed_through() -> None:
    timekeeper = RoundBudget()
    timekeeper.start_round(10)
    assert (
        timekeeper.call(lambda: None, description="x", timeout_seconds=1, timeout_error=LedgerUnavailableError) is None
    )
    with pytest.raises(ZeroDivisionError):
        timekeeper.call(lambda: 1 // 0, description="x", timeout_seconds=1, timeout_error=LedgerUnavailableError)


def test_hanging_records_leave_time_to_save(release_event: threading.Event) -> None:
    world = ControllerHarness().settle()
    timekeeper = RoundBudget()
    timekeeper.start_round(1.7)
    world.fault_injector.before_call = lambda call_name: _hang_on_call("zone.", call_name, release_event)
    began_at = time.monotonic()
    with pytest.raises(LeverUnavailableError, match="Reading the records gave no answer"):
        BoundedLever(world.lever, timekeeper).read_records()
    assert time.monotonic() - began_at < load_scaling.scale_seconds(1.5)


def test_change_is_not_started_without_time_for_its_answer() -> None:
    world = ControllerHarness().settle()
    lever = BoundedLever(world.lever, timekeeper := RoundBudget())
    timekeeper.start_round(60)
    survey = lever.read_records()
    intent = lever.plan(survey, survey.weights)
    timekeeper.start_round(2.9)
    calls: list[str] = []
    world.fault_injector.before_call = calls.append
    with pytest.raises(LeverUnavailableError, match="no time left in this round to change the records"):
        lever.submit(intent, survey)
    assert calls == []
    timekeeper.start_round(60)
    assert lever.submit(intent, lever.read_records())


def test_round_with_hanging_ledger_is_abandoned_and_reported(release_event: threading.Event) -> None:
    world = ControllerHarness().settle()
    timekeeper = RoundBudget()
    rounds = RoundRunner(
        settings=world.settings,
        ledger=BoundedLedger(world.ledger, timekeeper),
        prober=world.prober,
        levers=Levers(records=BoundedLever(world.lever, timekeeper)),
        clock=world.clock,
    )
    world.fault_injector.before_call = lambda call_name: _hang_on_call("ledger.", call_name, release_event)
    timekeeper.start_round(0.2)
    began_at = time.monotonic()
    report = rounds.run()
    assert time.monotonic() - began_at < load_scaling.scale_seconds(2)
    assert "Reading the state gave no answer" in report.failure
    assert "nothing moves" in report.reason


def _hang_on_call(prefix: str, call_name: str, released: threading.Event) -> None:
    if call_name.startswith(prefix):
        released.wait()


def test_bounded_failover_equals_unbounded_one() -> None:
    world = ControllerHarness().settle().set_primary(Verdict.SICK)
    timekeeper = RoundBudget()
    ledger = BoundedLedger(world.ledger, timekeeper)
    rounds = RoundRunner(
        settings=world.settings,
        ledger=ledger,
        prober=world.prober,
        levers=Levers(records=BoundedLever(world.lever, timekeeper)),
        clock=world.clock,
    )
    world.propagates_changes = False
    world.name_servers.freeze("ns-1.example.net")
    for _ in range(6):
        timekeeper.start_round(60)
        assert rounds.run().failure == ""
        world.zone.propagate()
        world.clock.now += 10
    world.name_servers.stale_records.clear()
    rounds.run()
    assert world.zone.weight_history == [(0, 255)]
    assert world.state.move is None
    assert ledger.load_history(limit=1) == world.memory.load_history(limit=1)
    assert ledger.load_observations((VIRGINIA,)) == world.memory.load_observations((VIRGINIA,))
    assert ledger.acquire_lease("me", now=world.clock.now, seconds=20)
    ledger.release_lease("me")
    assert world.memory.acquire_lease("other", now=world.clock.now, seconds=20)
    ledger.save_keys(CachedJwks(fetched_at=1.0, keys={}))
    assert ledger.load_keys() == world.memory.load_keys() == CachedJwks(fetched_at=1.0, keys={})
