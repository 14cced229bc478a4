"""The replication lag is harness only in steady rounds, and never ends or delays a round."""

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


def run_immediately(measure: Callable[[], LagMeasurement]) -> Future[LagMeasurement]:
    done: Future[LagMeasurement] = Future()
    done.set_result(measure())
    return done


class LagMonitorHarness:
    """A controller that measures the lag. Each measurement ends before the next round."""

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

    def use_monitor(self, monitor: ReplicationLagMonitor) -> None:
        world = self.world
        self.monitor = monitor
        world.round_runner = RoundRunner(
            settings=world.settings,
            ledger=world.ledger,
            prober=world.prober,
            levers=world.levers,
            clock=world.clock,
            lag_reader=monitor,
        )

    def run(self, rounds: int = 1) -> "LagMonitorHarness":
        """Run rounds at the usual interval. A measurement takes its time in the pause between two."""
        world = self.world
        for _ in range(rounds):
            next_at = world.clock.now + world.settings.round_interval_seconds
            result = world.round_runner.run()
            world.notifier.record_round(result, took_seconds=0.0)
            if result.state and result.state.undelivered_events:
                world.round_runner.mark_delivered(world.notifier.publish(result.state.undelivered_events))
            self.monitor.on_round_end(result)
            world.zone.propagate()
            world.clock.now = next_at
        return self

    @property
    def lag(self) -> str:
        return str(get_current_lag(self.world.state.lag_state))

    @property
    def last_error(self) -> str:
        return self.world.state.lag_state.problem

    def list_calls(self, rounds: int) -> list[str]:
        """Return the calls to the Regions in this many rounds."""
        self.markers.calls.clear()
        self.run(rounds)
        return [f"{call} {role}" for call, role in self.markers.calls]


def test_short_lag_is_known_within_two_rounds() -> None:
    assert LagMonitorHarness(lag_seconds=1.2).run(3).lag == "1.5 s"


def test_marker_is_written_once_a_minute_and_polled_until_it_arrives() -> None:
    harness = LagMonitorHarness(lag_seconds=0).run(2)
    assert harness.list_calls(6) == ["write primary", "read standby"]


def test_long_lag_grows_each_round_until_marker_arrives() -> None:
    harness = LagMonitorHarness(lag_seconds=25).run(2)
    assert harness.lag == "more than 4 s"
    assert [harness.run().lag for _ in range(3)] == ["more than 10 s", "more than 20 s", "30 s"]


def test_dead_primary_keeps_last_lag() -> None:
    harness = LagMonitorHarness(lag_seconds=2).run(12)
    before = harness.lag
    harness.world.set_primary(Verdict.SICK)
    harness.markers.lag_seconds = 1e9  # nothing arrives any more
    harness.run(60)
    assert harness.lag == before == "2 s"
    assert harness.world.user_location is RegionRole.STANDBY


def test_no_measurement_while_region_is_unhealthy_or_users_are_moving() -> None:
    harness = LagMonitorHarness().run(10)
    harness.world.name_servers.freeze("ns-1.example.net")  # so that the move lasts
    harness.world.set_primary(Verdict.SICK)
    assert harness.list_calls(3) == []
    harness.world.set_primary(Verdict.HEALTHY)
    assert harness.list_calls(8) == []
    assert harness.world.state.move


@pytest.mark.parametrize("verdict", sorted(set(Verdict) - {Verdict.HEALTHY, Verdict.UNVERIFIED}))
def test_no_measurement_while_standby_is_unhealthy(verdict: Verdict) -> None:
    harness = LagMonitorHarness().run(2)
    harness.world.set_standby(verdict)
    assert harness.list_calls(8) == []


def test_no_measurement_while_suspicion_is_active() -> None:
    harness = LagMonitorHarness().run(8)
    harness.world.set_primary(Verdict.SICK)
    harness.run(1)
    harness.world.set_primary(Verdict.HEALTHY)
    assert harness.list_calls(1) == []


def test_no_measurement_while_ledger_is_unwritable() -> None:
    harness = LagMonitorHarness().run(8)
    harness.world.fail_ledger()
    assert harness.list_calls(8) == []


@pytest.mark.parametrize(
    "sessions",
    [
        PerRole(primary=None, standby=VIRGINIA_SESSION),
        PerRole(primary=TOKYO_SESSION, standby=None),
        PerRole(primary=TOKYO_SESSION, standby=replace(VIRGINIA_SESSION, subject="another")),
    ],
    ids=["not signed in on the primary", "not signed in on the standby", "not the same canary"],
)
def test_measurement_needs_canary_signed_in_in_both_regions(sessions: CanarySessions) -> None:
    harness = LagMonitorHarness()
    harness.sessions = sessions
    assert harness.list_calls(8) == []


def test_client_without_write_permission_is_reported_with_hint() -> None:
    harness = LagMonitorHarness()
    harness.markers.can_write = False
    harness.run(3)
    assert harness.last_error.startswith("A client attempted to write unauthorized attribute.")
    assert "failoverctl replicate creates such a client" in harness.last_error
    assert harness.lag == "None"


def test_client_without_read_permission_is_distinct_from_lag() -> None:
    harness = LagMonitorHarness(lag_seconds=0)
    harness.markers.can_read = False
    harness.run(3)
    assert harness.last_error.startswith("The primary accepted the marker but does not return it.")
    assert harness.lag == "None"


def test_refusal_pauses_measurement_for_a_minute() -> None:
    harness = LagMonitorHarness()
    harness.markers.failure_messages[RegionRole.PRIMARY] = (
        "UpdateUserAttributes was answered TooManyRequestsException: Slow down."
    )
    assert harness.list_calls(13) == ["write primary"] * 3


def test_failure_is_only_logged(caplog: pytest.LogCaptureFixture) -> None:
    harness = LagMonitorHarness()
    harness.markers.failure_messages[RegionRole.STANDBY] = "GetUser in us-east-1 got no response: read-timeout."
    with caplog.at_level(logging.WARNING):
        harness.run(3)
    assert "The replication lag is not measured: GetUser in us-east-1 got no response" in caplog.text
    assert harness.world.notifier.round_results[-1].failure == ""


def test_internal_error_does_not_end_round(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    harness = LagMonitorHarness()

    def crash(*_: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(harness.markers, "write", crash)
    harness.run(3)
    assert harness.last_error == "The measurement failed with an internal error: ZeroDivisionError."
    assert harness.world.notifier.round_results[-1].failure == ""
    assert "Measuring the replication lag failed with an internal error" in caplog.text


def make_threaded_monitor(harness: LagMonitorHarness, sleep: Callable[[float], None]) -> ReplicationLagMonitor:
    """Return a monitor that measures in threads, as on AWS."""
    clock = harness.world.clock
    monitor = ReplicationLagMonitor(
        marker_store=harness.markers, get_sessions=lambda: harness.sessions, clock=clock, sleep=sleep
    )
    harness.use_monitor(monitor)
    return monitor


def test_thread_exhaustion_does_not_stop_rounds(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse_thread(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    harness = LagMonitorHarness()
    make_threaded_monitor(harness, harness.world.clock.sleep)
    monkeypatch.setattr(threading.Thread, "start", refuse_thread)
    harness.run(3)
    assert harness.world.notifier.round_results[-1].failure == ""
    assert "could not be measured: can't start new thread" in caplog.text


def test_hanging_measurement_delays_no_round_and_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    harness = LagMonitorHarness()
    monitor = make_threaded_monitor(harness, harness.world.clock.sleep)
    released = threading.Event()
    calls: list[str] = []

    def hang(_token: str, _value: int) -> None:
        calls.append("write")
        released.wait(10)

    monkeypatch.setattr(harness.markers, "write", hang)
    harness.run(20)
    monitor.finish(Deadline(0.01))
    assert calls == ["write"]
    assert len(harness.world.notifier.round_results) == 20
    released.set()
    monitor.finish(Deadline(5))
    harness.run()
    assert harness.last_error == "The last measurement took too long, and does not count."


def test_invocation_end_stops_measurement_after_current_lookup() -> None:
    harness = LagMonitorHarness(lag_seconds=1000)
    paused, released = threading.Event(), threading.Event()
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        paused.set()
        released.wait(10)

    monitor = make_threaded_monitor(harness, sleep)
    harness.run()
    assert paused.wait(10)
    monitor.finish(Deadline(0.01))
    released.set()
    monitor.finish(Deadline(5))
    harness.run()
    assert len(pauses) == 1
    assert harness.lag == "more than 10 s"
    assert harness.last_error == ""


def test_new_process_continues_with_pending_marker() -> None:
    harness = LagMonitorHarness(lag_seconds=45).run(3)
    harness.restart_process()
    assert "write primary" not in harness.list_calls(2)
    assert harness.lag == "more than 30 s"
    assert harness.run(2).lag == "50 s"


@pytest.mark.parametrize("is_lost", [True, False])
@pytest.mark.parametrize("stopped_rounds", [5, 360])
def test_gap_in_measuring_never_looks_like_lag(stopped_rounds: int, *, is_lost: bool) -> None:
    harness = LagMonitorHarness(lag_seconds=1).run(7)
    harness.markers.lag_seconds = 1e9 if is_lost else 15
    while harness.world.state.lag_state.marker is None:  # until one is on its way
        harness.run()
    harness.world.set_primary(Verdict.THROTTLED)
    harness.run(stopped_rounds).world.set_primary(Verdict.HEALTHY)
    harness.markers.lag_seconds = 1
    lags = {harness.run().lag for _ in range(8)}
    assert lags <= {"1 s", "more than 4 s", "more than 10 s"}, "as seen before the gap"
    assert harness.lag == "1 s"


def test_new_canary_location_gets_own_marker() -> None:
    harness = LagMonitorHarness(lag_seconds=1e9).run(3)
    harness.sessions = PerRole(
        primary=replace(TOKYO_SESSION, subject="the other"), standby=replace(VIRGINIA_SESSION, subject="the other")
    )
    harness.markers.lag_seconds = 1
    assert harness.run(10).lag == "1 s"


def test_later_marker_of_second_controller_counts_as_arrival() -> None:
    harness = LagMonitorHarness(lag_seconds=12).run(2)
    harness.markers.write("another controller's", int(harness.world.clock.now))
    assert harness.run(3).lag == "20 s"
