"""Whatever hangs, a round ends in time to save what it did."""

import threading
import time
from collections.abc import Iterator

import pytest

from failover.errors import LedgerUnavailableError, LeverUnavailableError
from failover.probe.keys import KeptKeys
from failover.probe.verdict import Verdict
from failover.rounds.look import Levers
from failover.rounds.punctual import PunctualLedger, PunctualLever, Timekeeper
from failover.rounds.round import Rounds
from tests.support import patience
from tests.support.settings import VIRGINIA
from tests.support.world import World


@pytest.fixture
def hanging() -> Iterator[threading.Event]:
    """Return an event that hanging calls wait for, set at the end."""
    released = threading.Event()
    yield released
    released.set()


def test_a_call_is_given_up_at_its_own_limit(hanging: threading.Event) -> None:
    timekeeper = Timekeeper()
    timekeeper.begin_round(10)
    with pytest.raises(LedgerUnavailableError, match=r"Reading gave no answer within 0\.1 s"):
        timekeeper.call(hanging.wait, what="Reading", at_most_seconds=0.1, late=LedgerUnavailableError)


def test_a_call_is_given_up_at_the_rounds_end_if_that_comes_first(hanging: threading.Event) -> None:
    timekeeper = Timekeeper()
    timekeeper.begin_round(0.1)
    with pytest.raises(LeverUnavailableError, match=r"Asking gave no answer within 0\.1 s"):
        timekeeper.call(hanging.wait, what="Asking", at_most_seconds=5, late=LeverUnavailableError)


def test_what_a_call_returns_or_raises_is_passed_on() -> None:
    timekeeper = Timekeeper()
    timekeeper.begin_round(10)
    assert timekeeper.call(lambda: None, what="x", at_most_seconds=1, late=LedgerUnavailableError) is None
    with pytest.raises(ZeroDivisionError):
        timekeeper.call(lambda: 1 // 0, what="x", at_most_seconds=1, late=LedgerUnavailableError)


def test_records_that_hang_leave_time_to_save(hanging: threading.Event) -> None:
    world = World().settle()
    timekeeper = Timekeeper()
    timekeeper.begin_round(1.7)
    world.tap.asked = lambda call_name: _hang_at("zone.", call_name, hanging)
    began_at = time.monotonic()
    with pytest.raises(LeverUnavailableError, match="Reading the records gave no answer"):
        PunctualLever(world.lever, timekeeper).survey()
    assert time.monotonic() - began_at < patience.scale(1.5)


def test_a_change_is_not_begun_without_time_for_its_answer() -> None:
    world = World().settle()
    lever = PunctualLever(world.lever, timekeeper := Timekeeper())
    timekeeper.begin_round(60)
    survey = lever.survey()
    intent = lever.plan(survey, survey.weights)
    timekeeper.begin_round(2.9)
    calls: list[str] = []
    world.tap.asked = calls.append
    with pytest.raises(LeverUnavailableError, match="no time left in this round to change the records"):
        lever.submit(intent, survey)
    assert calls == []
    timekeeper.begin_round(60)
    assert lever.submit(intent, lever.survey())


def test_a_round_over_a_hanging_ledger_is_abandoned_and_says_so(hanging: threading.Event) -> None:
    world = World().settle()
    timekeeper = Timekeeper()
    rounds = Rounds(
        settings=world.settings,
        ledger=PunctualLedger(world.ledger, timekeeper),
        probe=world.probe,
        levers=Levers(records=PunctualLever(world.lever, timekeeper)),
        clock=world.clock,
    )
    world.tap.asked = lambda call_name: _hang_at("ledger.", call_name, hanging)
    timekeeper.begin_round(0.2)
    began_at = time.monotonic()
    report = rounds.run()
    assert time.monotonic() - began_at < patience.scale(2)
    assert "Reading the state gave no answer" in report.failure
    assert "nothing moves" in report.reason


def _hang_at(prefix: str, call_name: str, released: threading.Event) -> None:
    if call_name.startswith(prefix):
        released.wait()


def test_a_failover_on_time_is_one_like_any_other() -> None:
    world = World().settle().primary(Verdict.SICK)
    timekeeper = Timekeeper()
    ledger = PunctualLedger(world.ledger, timekeeper)
    rounds = Rounds(
        settings=world.settings,
        ledger=ledger,
        probe=world.probe,
        levers=Levers(records=PunctualLever(world.lever, timekeeper)),
        clock=world.clock,
    )
    world.spreads = False
    world.servers.hold_back("ns-1.example.net")
    for _ in range(6):
        timekeeper.begin_round(60)
        assert rounds.run().failure == ""
        world.zone.spread()
        world.clock.now += 10
    world.servers.behind.clear()
    rounds.run()
    assert world.zone.traffic == [(0, 255)]
    assert world.state.move is None
    assert ledger.history(limit=1) == world.memory.history(limit=1)
    assert ledger.observations((VIRGINIA,)) == world.memory.observations((VIRGINIA,))
    assert ledger.take_lease("me", now=world.clock.now, seconds=20)
    ledger.give_up_lease("me")
    assert world.memory.take_lease("other", now=world.clock.now, seconds=20)
    ledger.save_keys(KeptKeys(fetched_at=1.0, keys={}))
    assert ledger.load_keys() == world.memory.load_keys() == KeptKeys(fetched_at=1.0, keys={})
