"""One invocation: six rounds a minute, never at the same time as another, finished in time."""

import itertools
from typing import Any

import pytest

from cognito_failover.common.deadlines import Deadline
from cognito_failover.controller.bounded_calls import RoundBudget
from cognito_failover.controller.invocation import Invocation
from cognito_failover.core.round_result import RoundResult
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import ControllerHarness
from tests.support.refresher import RecordingRefresher

SICK = Verdict.SICK


class BackgroundTaskRecorder:
    """Records the rounds that it follows, and the time given to finish."""

    def __init__(self) -> None:
        self.results: list[RoundResult] = []
        self.allowed_seconds: list[float] = []

    def on_round_end(self, result: RoundResult) -> None:
        self.results.append(result)

    def finish(self, deadline: Deadline) -> None:
        self.allowed_seconds.append(deadline.remaining_seconds)


class InvocationHarness:
    """A controller whose rounds are run by invocations.

    Attributes
    ----------
    round_seconds
        How long each round takes.
    observed_at
        When the rounds made so far observed.

    """

    def __init__(self, **changes: Any) -> None:
        self.world = ControllerHarness(**changes)
        self.refresher = RecordingRefresher()
        self.background_task = BackgroundTaskRecorder()
        self.round_seconds = 0.5
        self._started_at = self.world.clock.now
        self.invocation = Invocation(
            settings=self.world.settings,
            round_runner=self.world.round_runner,
            lease_store=self.world.ledger,
            notifier=self.world.notifier,
            refresher=self.refresher,
            round_budget=RoundBudget(),
            clock=self.world.clock,
            monotonic=self.world.clock,
            sleep=self.world.clock.sleep,
            background_tasks=[self.background_task],
        )
        self.world.fault_injector.before_call = self.spend_round_seconds

    @property
    def observed_at(self) -> list[float]:
        return [report.observation.observed_at - self._started_at for report in self.world.notifier.round_results]

    @property
    def now(self) -> float:
        return self.world.clock.now - self._started_at

    def run(self, owner: str = "this", *, allowed_seconds: float = 70) -> tuple[str, ...]:
        until = self.world.clock.now + allowed_seconds
        return self.invocation.run(owner, lambda: until - self.world.clock.now)

    def spend_round_seconds(self, call_name: str) -> None:
        if call_name == "ledger.save_observation":
            self.world.clock.now += self.round_seconds


@pytest.fixture
def harness() -> InvocationHarness:
    return InvocationHarness()


def test_six_rounds_run_ten_seconds_apart(harness: InvocationHarness) -> None:
    assert harness.run() == ()
    assert harness.observed_at == [0, 10, 20, 30, 40, 50]


def test_invocation_ends_before_the_next(harness: InvocationHarness) -> None:
    harness.run()
    assert harness.now < 60
    assert harness.world.memory.acquire_lease("next", now=harness.world.clock.now, seconds=20)


@pytest.mark.parametrize(("interval", "rounds"), [(12, 5), (15, 4), (20, 3), (30, 2), (60, 1)])
def test_any_interval_fills_the_minute(interval: int, rounds: int) -> None:
    harness = InvocationHarness(round_interval_seconds=interval)
    harness.run()
    assert len(harness.observed_at) == rounds


def test_earlier_invocation_is_awaited(harness: InvocationHarness) -> None:
    harness.world.memory.acquire_lease("earlier", now=harness.world.clock.now, seconds=7)
    harness.run()
    assert harness.observed_at == [7, 17, 27, 37, 47, 57]


def test_lease_of_dead_invocation_expires(harness: InvocationHarness) -> None:
    harness.world.memory.acquire_lease("dead", now=harness.world.clock.now, seconds=20)
    harness.run()
    assert harness.observed_at == [20, 30, 40, 50]


def test_rounds_stay_one_interval_apart_after_wait(harness: InvocationHarness) -> None:
    harness.world.settle()
    harness.world.notifier.round_results.clear()
    harness.world.fault_injector.before_call = harness.spend_round_seconds  # set here: settle() takes no time
    harness.world.set_primary(SICK)
    harness.world.memory.acquire_lease("dead", now=harness.world.clock.now, seconds=20)
    harness.run()
    times = harness.observed_at
    assert [later - earlier for earlier, later in itertools.pairwise(times)] == [5, 5, 10, 10]


def test_suspected_region_is_probed_sooner_until_decided(harness: InvocationHarness) -> None:
    harness.world.settle().set_primary(SICK).set_standby(SICK)
    harness.world.notifier.round_results.clear()
    harness.run()
    assert [round(at - harness.observed_at[0]) for at in harness.observed_at] == [0, 5, 10, 20, 30, 40, 50]


def test_slow_rounds_about_suspected_region_run_back_to_back(harness: InvocationHarness) -> None:
    harness.world.settle().set_primary(SICK).set_standby(SICK)
    harness.world.notifier.round_results.clear()
    harness.world.fault_injector.before_call = harness.spend_round_seconds  # set here: settle() takes no time
    harness.round_seconds = 5
    harness.run()
    assert [round(at - harness.observed_at[0]) for at in harness.observed_at][:4] == [0, 5, 10, 20]


def test_pending_move_is_checked_sooner_until_confirmed(harness: InvocationHarness) -> None:
    harness.world.settle()
    harness.world.notifier.round_results.clear()
    harness.world.name_servers.freeze("ns-1.example.net")
    assert harness.world.request("failover", reason="Drill", token="drill")["done"]
    harness.run()
    assert [round(at - harness.observed_at[0]) for at in harness.observed_at][:4] == [0, 5, 10, 15]


def test_foreign_lease_prevents_rounds(harness: InvocationHarness, caplog: pytest.LogCaptureFixture) -> None:
    harness.world.memory.acquire_lease("other", now=harness.world.clock.now, seconds=100)
    harness.run()
    assert harness.observed_at == []
    assert "Another invocation still has the lease after 22 s" in caplog.text


def test_slow_rounds_skip_an_interval(harness: InvocationHarness) -> None:
    harness.round_seconds = 12
    harness.run()
    assert harness.observed_at == [0, 20, 40]


def test_remaining_process_time_is_respected(harness: InvocationHarness) -> None:
    harness.run(allowed_seconds=35)
    assert harness.observed_at == [0, 10, 20]
    assert harness.now <= 35


def test_lost_lease_stops_rounds(harness: InvocationHarness) -> None:
    def steal_lease(call_name: str) -> None:
        if call_name == "ledger.save_observation" and harness.now >= 20:
            harness.world.memory.release_lease("this")
            harness.world.memory.acquire_lease("thief", now=harness.world.clock.now, seconds=100)

    harness.world.fault_injector.before_call = steal_lease
    harness.run()
    assert harness.observed_at == [0, 10, 20]


def test_gap_between_invocations_is_measured(harness: InvocationHarness) -> None:
    harness.run("first")
    harness.world.clock.now += 60 - harness.now + 4
    harness.run("second")
    assert [result.silence_seconds for result in harness.world.notifier.round_results][6] == 13.5


def test_unavailable_ledger_stops_no_round_and_returns_every_failure(harness: InvocationHarness) -> None:
    harness.world.fail_ledger()
    failures = harness.run()
    assert len(harness.observed_at) == 6
    assert len(failures) == 6
    assert "The table failed at ledger.load" in failures[0]


def test_caches_are_warmed_up_once_and_refreshed_after_first_round(harness: InvocationHarness) -> None:
    harness.refresher.is_available = False
    assert harness.run() == ()
    assert harness.refresher.calls == ["warm-up", "refresh"]
    assert len(harness.observed_at) == 6


def test_no_refresh_between_rounds_about_suspected_region(harness: InvocationHarness) -> None:
    harness.world.settle().set_primary(SICK).set_standby(SICK)
    harness.world.fault_injector.before_call = harness.spend_round_seconds  # set here: settle() takes no time
    harness.round_seconds = 5
    calls_before_round: dict[int, list[str]] = {}

    def record_call(call_name: str) -> None:
        if call_name == "ledger.acquire_lease":
            calls_before_round[len(calls_before_round)] = list(harness.refresher.calls)

    harness.world.fault_injector.after_call = record_call
    harness.run()
    # The invocation acquires the first lease, its rounds the others. The first three rounds have no pause.
    assert [("refresh" in calls_before_round[number]) for number in range(5)] == [False, False, False, False, True]


def test_refresh_happens_at_end_without_pause() -> None:
    harness = InvocationHarness(round_interval_seconds=60)
    harness.run()
    assert harness.refresher.calls == ["warm-up", "refresh"]


def test_failover_spans_two_invocations(harness: InvocationHarness) -> None:
    harness.run("first")
    harness.world.set_primary(SICK)
    harness.world.clock.now += 60 - harness.now
    harness.run("second")
    assert harness.world.weights == (0, 255)


def test_background_task_gets_every_round_and_one_second_at_end(harness: InvocationHarness) -> None:
    harness.run()
    assert harness.background_task.results == harness.world.notifier.round_results
    [allowed_seconds] = harness.background_task.allowed_seconds
    assert 0 < allowed_seconds <= 1
