"""The lag is measured beside the rounds, only while all is well, and nothing it does can end or delay one."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import pytest

from cognito_failover.common.deadlines import Deadline
from cognito_failover.common.region import PerRole, RegionRole
from cognito_failover.controller.replication_lag_monitor import CanarySessions, ReplicationLagMonitor
from cognito_failover.controller.round import RoundRunner
from cognito_failover.core.replication_lag import LagMeasurement, get_current_lag
from cognito_failover.core.verdict import Verdict
from cognito_failover.probe.probe import CanarySession
from cognito_failover_testing.memory_lag_marker import MemoryLagMarkerStore
from tests.support.controller_harness import ControllerHarness

TOKYO_SESSION, VIRGINIA_SESSION = (
    CanarySession(access_token="tokyo-token", subject="canary"),
    CanarySession(access_token="virginia-token", subject="canary"),
)


def run_immediately(measuring: Callable[[], LagMeasurement]) -> Future[LagMeasurement]:
    done: Future[LagMeasurement] = Future()
    done.set_result(measuring())
    return done


class LagMonitorHarness:
    """A world whose controller measures the lag, each measuring over before the next round."""

    def __init__(self, *, lag_seconds: float = 1.0, **changes: Any) -> None:
        self.world = ControllerHarness(**changes)
        self.markers = MemoryLagMarkerStore(self.world.clock, lag_seconds=lag_seconds)
        self.sessions: CanarySessions = PerRole(primary=TOKYO_SESSION, standby=VIRGINIA_SESSION)
        self.restart_process()

    def restart_process(self) -> None:
        clock = self.world.clock
        self.use_monitor(
            ReplicationLagMonitor(
                marker_store=self.markers,
                get_sessions=lambda: self.sessions,
                clock=clock,
                sleep=clock.sleep,
                run=run_immediately,
            )
        )

    def use_monitor(self, gauge: ReplicationLagMonitor) -> None:
        world = self.world
        self.monitor = gauge
        world.round_runner = RoundRunner(
            settings=world.settings,
            ledger=world.ledger,
            prober=world.prober,
            levers=world.levers,
            clock=world.clock,
            lag_reader=gauge,
        )

    def run(self, rounds: int = 1) -> "LagMonitorHarness":
        """Make rounds at their usual beat; a measuring takes its time out of the pause between two."""
        world = self.world
        for _ in range(rounds):
            next_at = world.clock.now + world.settings.round_interval_seconds
            report = world.round_runner.run()
            world.notifier.record_round(report, took_seconds=0.0)
            if report.state and report.state.undelivered_events:
                world.round_runner.mark_delivered(world.notifier.publish(report.state.undelivered_events))
            self.monitor.on_round_end(report)
            world.zone.propagate()
            world.clock.now = next_at
        return self

    @property
    def lag(self) -> str:
        return str(get_current_lag(self.world.state.lag_state))

    @property
    def last_error(self) -> str:
        return self.world.state.lag_state.problem

    def list_calls(self, while_running: int) -> list[str]:
        """Return what is asked of the Regions in so many rounds."""
        self.markers.calls.clear()
        self.run(while_running)
        return [f"{call} {side}" for call, side in self.markers.calls]


def test_short_lag_is_known_within_two_rounds() -> None:
    assert LagMonitorHarness(lag_seconds=1.2).run(3).lag == "1.5 s"


def test_marker_is_written_once_a_minute_and_polled_until_it_arrives() -> None:
    measured = LagMonitorHarness(lag_seconds=0).run(2)
    assert measured.list_calls(6) == ["write primary", "read standby"]


def test_long_lag_grows_each_round_until_marker_arrives() -> None:
    measured = LagMonitorHarness(lag_seconds=25).run(2)
    assert measured.lag == "more than 4 s"
    assert [measured.run().lag for _ in range(3)] == ["more than 10 s", "more than 20 s", "30 s"]


def test_dead_primary_keeps_last_lag() -> None:
    measured = LagMonitorHarness(lag_seconds=2).run(12)
    before = measured.lag
    measured.world.set_primary(Verdict.SICK)
    measured.markers.lag_seconds = 1e9  # nothing arrives any more
    measured.run(60)
    assert measured.lag == before == "2 s"
    assert measured.world.user_location is RegionRole.STANDBY


def test_no_measurement_while_region_is_unhealthy_or_users_are_moving() -> None:
    measured = LagMonitorHarness().run(10)
    measured.world.name_servers.freeze("ns-1.example.net")  # so that the move lasts
    measured.world.set_primary(Verdict.SICK)
    assert measured.list_calls(3) == []
    measured.world.set_primary(Verdict.HEALTHY)
    assert measured.list_calls(8) == []
    assert measured.world.state.move


@pytest.mark.parametrize("verdict", sorted(set(Verdict) - {Verdict.HEALTHY, Verdict.UNVERIFIED}))
def test_no_measurement_while_standby_is_unhealthy(verdict: Verdict) -> None:
    measured = LagMonitorHarness().run(2)
    measured.world.set_standby(verdict)
    assert measured.list_calls(8) == []


def test_no_measurement_while_suspicion_is_active() -> None:
    measured = LagMonitorHarness().run(8)
    measured.world.set_primary(Verdict.SICK)
    measured.run(1)
    measured.world.set_primary(Verdict.HEALTHY)
    assert measured.list_calls(1) == []


def test_no_measurement_while_ledger_is_unwritable() -> None:
    measured = LagMonitorHarness().run(8)
    measured.world.fail_ledger()
    assert measured.list_calls(8) == []


@pytest.mark.parametrize(
    "passes",
    [
        PerRole(primary=None, standby=VIRGINIA_SESSION),
        PerRole(primary=TOKYO_SESSION, standby=None),
        PerRole(primary=TOKYO_SESSION, standby=replace(VIRGINIA_SESSION, subject="another")),
    ],
    ids=["not let in on the primary", "not let in on the standby", "not the same canary"],
)
def test_measurement_needs_canary_signed_in_in_both_regions(passes: CanarySessions) -> None:
    measured = LagMonitorHarness()
    measured.sessions = passes
    assert measured.list_calls(8) == []


def test_client_without_write_permission_is_reported_with_hint() -> None:
    measured = LagMonitorHarness()
    measured.markers.can_write = False
    measured.run(3)
    assert measured.last_error.startswith("A client attempted to write unauthorized attribute.")
    assert "failoverctl replicate makes a client that may" in measured.last_error
    assert measured.lag == "None"


def test_client_without_read_permission_is_distinct_from_lag() -> None:
    measured = LagMonitorHarness(lag_seconds=0)
    measured.markers.can_read = False
    measured.run(3)
    assert measured.last_error.startswith("The primary accepted the marker but does not return it.")
    assert measured.lag == "None"


def test_refusal_pauses_measurement_for_a_minute() -> None:
    measured = LagMonitorHarness()
    measured.markers.failure_messages[RegionRole.PRIMARY] = (
        "UpdateUserAttributes was answered TooManyRequestsException: Slow down."
    )
    assert measured.list_calls(13) == ["write primary"] * 3


def test_failure_is_only_logged(caplog: pytest.LogCaptureFixture) -> None:
    measured = LagMonitorHarness()
    measured.markers.failure_messages[RegionRole.STANDBY] = "GetUser in us-east-1 got no answer: read-timeout."
    with caplog.at_level(logging.WARNING):
        measured.run(3)
    assert "The replication lag is not measured: GetUser in us-east-1 got no answer" in caplog.text
    assert measured.world.notifier.round_results[-1].failure == ""


def test_internal_error_does_not_end_round(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    measured = LagMonitorHarness()

    def crash(*_: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(measured.markers, "write", crash)
    measured.run(3)
    assert measured.last_error == "The measurement failed with an internal error: ZeroDivisionError."
    assert measured.world.notifier.round_results[-1].failure == ""
    assert "Measuring the replication lag failed with an internal error" in caplog.text


def make_threaded_monitor(measured: LagMonitorHarness, sleep: Callable[[float], None]) -> ReplicationLagMonitor:
    """Let it be measured as it is on AWS."""
    clock = measured.world.clock
    gauge = ReplicationLagMonitor(
        marker_store=measured.markers, get_sessions=lambda: measured.sessions, clock=clock, sleep=sleep
    )
    measured.use_monitor(gauge)
    return gauge


def test_thread_exhaustion_does_not_stop_rounds(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse_thread(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    measured = LagMonitorHarness()
    make_threaded_monitor(measured, measured.world.clock.sleep)
    monkeypatch.setattr(threading.Thread, "start", refuse_thread)
    measured.run(3)
    assert measured.world.notifier.round_results[-1].failure == ""
    assert "could not be measured: can't start new thread" in caplog.text


def test_hanging_measurement_delays_no_round_and_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    measured = LagMonitorHarness()
    gauge = make_threaded_monitor(measured, measured.world.clock.sleep)
    goes_on = threading.Event()
    calls: list[str] = []

    def hang(_token: str, _value: int) -> None:
        calls.append("write")
        goes_on.wait(10)

    monkeypatch.setattr(measured.markers, "write", hang)
    measured.run(20)
    gauge.finish(Deadline(0.01))
    assert calls == ["write"]
    assert len(measured.world.notifier.round_results) == 20
    goes_on.set()
    gauge.finish(Deadline(5))
    measured.run()
    assert measured.last_error == "The last measuring was held up, and says nothing."


def test_invocation_end_stops_measurement_after_current_lookup() -> None:
    measured = LagMonitorHarness(lag_seconds=1000)
    paused, goes_on = threading.Event(), threading.Event()
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        paused.set()
        goes_on.wait(10)

    gauge = make_threaded_monitor(measured, sleep)
    measured.run()
    assert paused.wait(10)
    gauge.finish(Deadline(0.01))
    goes_on.set()
    gauge.finish(Deadline(5))
    measured.run()
    assert len(pauses) == 1
    assert measured.lag == "more than 10 s"
    assert measured.last_error == ""


def test_new_process_continues_with_pending_marker() -> None:
    measured = LagMonitorHarness(lag_seconds=45).run(3)
    measured.restart_process()
    assert "write primary" not in measured.list_calls(2)
    assert measured.lag == "more than 30 s"
    assert measured.run(2).lag == "50 s"


def test_new_canary_location_gets_own_marker() -> None:
    measured = LagMonitorHarness(lag_seconds=1e9).run(3)
    measured.sessions = PerRole(
        primary=replace(TOKYO_SESSION, subject="the other"), standby=replace(VIRGINIA_SESSION, subject="the other")
    )
    measured.markers.lag_seconds = 1
    assert measured.run(10).lag == "1 s"


def test_later_marker_of_second_controller_counts_as_arrival() -> None:
    measured = LagMonitorHarness(lag_seconds=12).run(2)
    measured.markers.write("another controller's", int(measured.world.clock.now))
    assert measured.run(3).lag == "20 s"
