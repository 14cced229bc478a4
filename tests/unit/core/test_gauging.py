"""The lag is measured beside the rounds, only while all is well, and nothing it does can end or delay one."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import pytest

from failover.bounded import Deadline
from failover.decision.freshness import Gauged, lag_of
from failover.probe.marker_memory import MemoryMarkers
from failover.probe.probe import Pass
from failover.probe.verdict import Verdict
from failover.region import PerSide, Side
from failover.rounds.gauging import Gauge, Passes
from failover.rounds.round import Rounds
from tests.support.world import World

TOKYOS, VIRGINIAS = Pass(access="tokyo-token", subject="canary"), Pass(access="virginia-token", subject="canary")


def at_once(measuring: Callable[[], Gauged]) -> Future[Gauged]:
    done: Future[Gauged] = Future()
    done.set_result(measuring())
    return done


class Measured:
    """A world whose controller measures the lag, each measuring over before the next round."""

    def __init__(self, *, lag_seconds: float = 1.0, **changes: Any) -> None:
        self.world = World(**changes)
        self.markers = MemoryMarkers(self.world.clock, lag_seconds=lag_seconds)
        self.passes: Passes = PerSide(primary=TOKYOS, standby=VIRGINIAS)
        self.new_process()

    def new_process(self) -> None:
        clock = self.world.clock
        self.use(Gauge(markers=self.markers, passes=lambda: self.passes, clock=clock, sleep=clock.sleep, run=at_once))

    def use(self, gauge: Gauge) -> None:
        world = self.world
        self.gauge = gauge
        world.rounds = Rounds(
            settings=world.settings,
            ledger=world.ledger,
            probe=world.probe,
            levers=world.levers,
            clock=world.clock,
            gauge=gauge,
        )

    def run(self, rounds: int = 1) -> "Measured":
        """Make rounds at their usual beat; a measuring takes its time out of the pause between two."""
        world = self.world
        for _ in range(rounds):
            next_at = world.clock.now + world.settings.round_interval_seconds
            report = world.rounds.run()
            world.told.round(report, took_seconds=0.0)
            if report.state and report.state.untold:
                world.rounds.forget(world.told.tell(report.state.untold))
            self.gauge.after(report)
            world.zone.spread()
            world.clock.now = next_at
        return self

    @property
    def lag(self) -> str:
        return str(lag_of(self.world.state.freshness))

    @property
    def trouble(self) -> str:
        return self.world.state.freshness.trouble

    def asked(self, while_running: int) -> list[str]:
        """Return what is asked of the Regions in so many rounds."""
        self.markers.calls.clear()
        self.run(while_running)
        return [f"{call} {side}" for call, side in self.markers.calls]


def test_a_short_lag_is_known_within_two_rounds() -> None:
    assert Measured(lag_seconds=1.2).run(3).lag == "1.5 s"


def test_a_marker_is_written_once_a_minute_and_looked_for_until_it_arrives() -> None:
    measured = Measured(lag_seconds=0).run(2)
    assert measured.asked(6) == ["write primary", "read standby"]


def test_a_long_lag_grows_from_round_to_round_until_the_marker_arrives() -> None:
    measured = Measured(lag_seconds=25).run(2)
    assert measured.lag == "more than 4 s"
    assert [measured.run().lag for _ in range(3)] == ["more than 10 s", "more than 20 s", "30 s"]


def test_a_primary_that_dies_leaves_the_lag_as_it_was_while_it_was_healthy() -> None:
    measured = Measured(lag_seconds=2).run(12)
    before = measured.lag
    measured.world.primary(Verdict.SICK)
    measured.markers.lag_seconds = 1e9  # nothing arrives any more
    measured.run(60)
    assert measured.lag == before == "2 s"
    assert measured.world.users is Side.STANDBY


def test_nothing_is_asked_while_a_region_is_not_healthy_or_users_are_moving() -> None:
    measured = Measured().run(10)
    measured.world.servers.hold_back("ns-1.example.net")  # so that the move lasts
    measured.world.primary(Verdict.SICK)
    assert measured.asked(3) == []
    measured.world.primary(Verdict.HEALTHY)
    assert measured.asked(8) == []
    assert measured.world.state.move


@pytest.mark.parametrize("verdict", sorted(set(Verdict) - {Verdict.HEALTHY, Verdict.UNVERIFIED}))
def test_nothing_is_asked_while_the_standby_is_not_well(verdict: Verdict) -> None:
    measured = Measured().run(2)
    measured.world.standby(verdict)
    assert measured.asked(8) == []


def test_nothing_is_asked_while_a_suspicion_stands_though_the_last_round_was_healthy() -> None:
    measured = Measured().run(8)
    measured.world.primary(Verdict.SICK)
    measured.run(1)
    measured.world.primary(Verdict.HEALTHY)
    assert measured.asked(1) == []


def test_nothing_is_asked_while_the_ledger_can_not_be_written() -> None:
    measured = Measured().run(8)
    measured.world.ledger_fails()
    assert measured.asked(8) == []


@pytest.mark.parametrize(
    "passes",
    [
        PerSide(primary=None, standby=VIRGINIAS),
        PerSide(primary=TOKYOS, standby=None),
        PerSide(primary=TOKYOS, standby=replace(VIRGINIAS, subject="another")),
    ],
    ids=["not let in on the primary", "not let in on the standby", "not the same canary"],
)
def test_it_is_measured_only_with_the_canary_signed_in_in_both_regions(passes: Passes) -> None:
    measured = Measured()
    measured.passes = passes
    assert measured.asked(8) == []


def test_a_client_that_may_not_write_it_is_told_of_with_the_way_out() -> None:
    measured = Measured()
    measured.markers.may_write = False
    measured.run(3)
    assert measured.trouble.startswith("A client attempted to write unauthorized attribute.")
    assert "failoverctl replicate makes a client that may" in measured.trouble
    assert measured.lag == "None"


def test_a_client_that_may_not_read_it_is_told_apart_from_a_replica_that_is_behind() -> None:
    measured = Measured(lag_seconds=0)
    measured.markers.may_read = False
    measured.run(3)
    assert measured.trouble.startswith("Not even the primary shows the marker that it took.")
    assert measured.lag == "None"


def test_a_refusal_is_answered_by_leaving_it_alone_for_a_minute() -> None:
    measured = Measured()
    measured.markers.trouble[Side.PRIMARY] = "UpdateUserAttributes was answered TooManyRequestsException: Slow down."
    assert measured.asked(13) == ["write primary"] * 3


def test_a_failure_is_a_line_in_the_log_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    measured = Measured()
    measured.markers.trouble[Side.STANDBY] = "GetUser in us-east-1 got no answer: read-timeout."
    with caplog.at_level(logging.WARNING):
        measured.run(3)
    assert "The lag of the replica is not measured: GetUser in us-east-1 got no answer" in caplog.text
    assert measured.world.told.reports[-1].failure == ""


def test_a_fault_of_its_own_ends_no_round(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    measured = Measured()

    def crash(*_: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(measured.markers, "write", crash)
    measured.run(3)
    assert measured.trouble == "Measuring it failed by a fault of its own: ZeroDivisionError."
    assert measured.world.told.reports[-1].failure == ""
    assert "Measuring the lag failed by a fault of its own" in caplog.text


def in_a_thread(measured: Measured, sleep: Callable[[float], None]) -> Gauge:
    """Let it be measured as it is on AWS."""
    clock = measured.world.clock
    gauge = Gauge(markers=measured.markers, passes=lambda: measured.passes, clock=clock, sleep=sleep)
    measured.use(gauge)
    return gauge


def test_a_process_out_of_threads_makes_its_rounds_all_the_same(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def no_thread(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    measured = Measured()
    in_a_thread(measured, measured.world.clock.sleep)
    monkeypatch.setattr(threading.Thread, "start", no_thread)
    measured.run(3)
    assert measured.world.told.reports[-1].failure == ""
    assert "could not be measured: can't start new thread" in caplog.text


def test_a_measuring_that_hangs_holds_up_no_round_and_is_not_begun_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    measured = Measured()
    gauge = in_a_thread(measured, measured.world.clock.sleep)
    goes_on = threading.Event()
    calls: list[str] = []

    def hang(_token: str, _value: int) -> None:
        calls.append("write")
        goes_on.wait(10)

    monkeypatch.setattr(measured.markers, "write", hang)
    measured.run(20)
    gauge.finish(Deadline(0.01))
    assert calls == ["write"]
    assert len(measured.world.told.reports) == 20
    goes_on.set()
    gauge.finish(Deadline(5))
    measured.run()
    assert measured.trouble == "The last measuring was held up, and says nothing."


def test_at_the_end_of_an_invocation_a_measuring_ends_after_its_present_look() -> None:
    measured = Measured(lag_seconds=1000)
    paused, goes_on = threading.Event(), threading.Event()
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        paused.set()
        goes_on.wait(10)

    gauge = in_a_thread(measured, sleep)
    measured.run()
    assert paused.wait(10)
    gauge.finish(Deadline(0.01))
    goes_on.set()
    gauge.finish(Deadline(5))
    measured.run()
    assert len(pauses) == 1
    assert measured.lag == "more than 10 s"
    assert measured.trouble == ""


def test_another_process_goes_on_with_the_marker_that_is_on_its_way() -> None:
    measured = Measured(lag_seconds=45).run(3)
    measured.new_process()
    assert "write primary" not in measured.asked(2)
    assert measured.lag == "more than 30 s"
    assert measured.run(2).lag == "50 s"


def test_where_the_next_canary_signs_in_it_gets_its_own_marker() -> None:
    measured = Measured(lag_seconds=1e9).run(3)
    measured.passes = PerSide(
        primary=replace(TOKYOS, subject="the other"), standby=replace(VIRGINIAS, subject="the other")
    )
    measured.markers.lag_seconds = 1
    assert measured.run(10).lag == "1 s"


def test_two_controllers_of_one_canary_take_each_others_later_marker_for_an_arrival() -> None:
    measured = Measured(lag_seconds=12).run(2)
    measured.markers.write("another controller's", int(measured.world.clock.now))
    assert measured.run(3).lag == "20 s"
