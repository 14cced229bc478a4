"""The timeline recorder never fails, delays or changes a round."""

import logging
import threading
from collections.abc import Iterator

import pytest

from cognito_failover.common.deadlines import Deadline
from cognito_failover.common.errors import LedgerUnavailableError
from cognito_failover.common.region import PerRole
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.round_result import RoundResult
from cognito_failover.core.user_sign_ins import UserSignInCounts
from cognito_failover.core.verdict import Verdict
from cognito_failover.timeline.recorder import MAX_CONCURRENT_SAMPLES, TimelineRecorder
from cognito_failover.timeline.sample import RoundSample, SignInSample, UserView, compute_fingerprint
from cognito_failover_testing.memory_ledger import MemoryLedger
from tests.support import load_scaling
from tests.support.controller_harness import ControllerHarness
from tests.support.settings import VIRGINIA, make_settings

SHORT_SECONDS = load_scaling.get_wait_limit()


class StubUserViewMonitor:
    """Returns at once, or hangs until released."""

    def __init__(self) -> None:
        self.started = threading.Semaphore(0)
        self.observation_count = 0
        self.sign_in_results: list[bool | None] = []
        self.released = threading.Event()
        self.released.set()

    def observe(self, state: ControllerState) -> UserView:  # noqa: ARG002 - the protocol's parameter
        self.observation_count += 1
        self.started.release()
        self.released.wait(SHORT_SECONDS)
        return UserView(
            at=0.0,
            duration_seconds=0.1,
            sign_in=SignInSample(at=0.0, ok=self.sign_in_results.pop(0)) if self.sign_in_results else None,
        )


class RecordingCompletionNotifier:
    """Keeps the ids of reports, or fails."""

    def __init__(self) -> None:
        self.report_ids: list[str] = []
        self.is_available = True

    def publish(self, report_id: str, now: float) -> None:  # noqa: ARG002 - the protocol's parameter
        self.report_ids.append(report_id)
        if not self.is_available:
            raise ConnectionError("no answer")


class FailingLedger(MemoryLedger):
    def save_sample(self, sample: RoundSample) -> None:
        raise LedgerUnavailableError(f"no room for {sample.at}")


class TimelineRecorderHarness:
    def __init__(self, ledger: MemoryLedger | None = None) -> None:
        self.world = ControllerHarness().settle()
        self.user_view_monitor = StubUserViewMonitor()
        self.ledger = ledger or MemoryLedger()
        self.notifier = RecordingCompletionNotifier()
        self.restart_process()

    def restart_process(self) -> None:
        self.recorder = TimelineRecorder(
            self.world.settings,
            user_view_probe=self.user_view_monitor,
            timeline=self.ledger,
            completion_notifier=self.notifier,
        )

    def run_round(self) -> RoundResult:
        self.world.run(1)
        result = self.world.notifier.round_results[-1]
        self.recorder.on_round_end(result)
        return result

    @property
    def samples(self) -> tuple[RoundSample, ...]:
        self.recorder.finish(Deadline(SHORT_SECONDS))
        return self.ledger.load_samples(since=0, until=2e9)


@pytest.fixture
def harness() -> Iterator[TimelineRecorderHarness]:
    harness = TimelineRecorderHarness()
    yield harness
    harness.user_view_monitor.released.set()


def test_uneventful_round_is_not_recorded(harness: TimelineRecorderHarness) -> None:
    harness.run_round()
    assert harness.samples == ()
    assert harness.user_view_monitor.observation_count == 0


def test_failover_is_recorded_every_round(harness: TimelineRecorderHarness) -> None:
    harness.world.set_primary(Verdict.SICK)
    results = []
    for _ in range(5):
        results.append(harness.run_round())
        harness.recorder.finish(Deadline(SHORT_SECONDS))
    assert [sample.at for sample in harness.samples] == [result.observation.observed_at for result in results]
    phases = [sample.phase.value for sample in harness.samples]
    assert phases == ["suspect", "suspect", "steady", "steady", "steady"]
    assert [bool(sample.move_id) for sample in harness.samples] == [False, False, True, False, False]
    decided = harness.samples[2]
    assert decided.consensus == PerRole(primary=Verdict.SICK, standby=Verdict.HEALTHY)
    assert decided.verdicts_by_observer[VIRGINIA].primary.verdict is Verdict.SICK
    assert decided.weights == PerRole(primary=0, standby=255)
    assert decided.user_view == UserView(at=0.0, duration_seconds=0.1)
    assert decided.settings_fingerprint == compute_fingerprint(harness.world.settings)


def test_sign_ins_are_counted_since_the_last_read(harness: TimelineRecorderHarness) -> None:
    harness.user_view_monitor.sign_in_results = [True, False, None, False]
    harness.world.set_primary(Verdict.SICK)
    for _ in range(5):
        harness.run_round()
        harness.recorder.finish(Deadline(SHORT_SECONDS))
    assert harness.recorder.take_sign_ins() == UserSignInCounts(tried=3, failed=2)
    assert harness.recorder.take_sign_ins() == UserSignInCounts()


def test_hanging_observations_delay_nothing_and_are_limited(harness: TimelineRecorderHarness) -> None:
    harness.user_view_monitor.released.clear()
    harness.world.set_primary(Verdict.SICK)
    for _ in range(MAX_CONCURRENT_SAMPLES + 2):
        harness.run_round()
    for _ in range(MAX_CONCURRENT_SAMPLES):
        assert harness.user_view_monitor.started.acquire(timeout=SHORT_SECONDS)
    harness.recorder.finish(Deadline(0))
    assert harness.user_view_monitor.observation_count == MAX_CONCURRENT_SAMPLES
    harness.user_view_monitor.released.set()
    assert len(harness.samples) == MAX_CONCURRENT_SAMPLES


def test_completion_is_sent_once_per_process_within_two_minutes(harness: TimelineRecorderHarness) -> None:
    harness.world.set_primary(Verdict.SICK)
    for _ in range(21):
        harness.run_round()
        harness.recorder.finish(Deadline(SHORT_SECONDS))
    assert harness.notifier.report_ids == []
    harness.run_round()
    harness.run_round()
    harness.recorder.finish(Deadline(SHORT_SECONDS))
    move = harness.world.state.last_move
    assert move
    assert harness.notifier.report_ids == [move.id]
    harness.restart_process()
    harness.run_round()
    harness.recorder.finish(Deadline(SHORT_SECONDS))
    assert harness.notifier.report_ids == [move.id] * 2
    harness.restart_process()
    harness.world.wait(120)
    harness.run_round()
    harness.recorder.finish(Deadline(SHORT_SECONDS))
    assert harness.notifier.report_ids == [move.id] * 2


def test_failed_completion_notification_stops_nothing(
    harness: TimelineRecorderHarness, caplog: pytest.LogCaptureFixture
) -> None:
    harness.notifier.is_available = False
    harness.world.set_primary(Verdict.SICK)
    for _ in range(24):
        harness.run_round()
        harness.recorder.finish(Deadline(SHORT_SECONDS))
    assert "is complete could not be sent" in caplog.text
    [report_id] = set(harness.notifier.report_ids)
    attempts = len(harness.notifier.report_ids)
    assert attempts > 1, "each round tries again"

    harness.notifier.is_available = True
    for _ in range(3):
        harness.run_round()
        harness.recorder.finish(Deadline(SHORT_SECONDS))
    assert harness.notifier.report_ids == [report_id] * (attempts + 1), "once it is taken, it is not repeated"


def test_unsaved_sample_is_only_a_gap(caplog: pytest.LogCaptureFixture) -> None:
    harness = TimelineRecorderHarness(FailingLedger())
    harness.world.set_primary(Verdict.SICK)
    with caplog.at_level(logging.WARNING):
        harness.run_round()
        harness.recorder.finish(Deadline(SHORT_SECONDS))
    assert "A sample of the timeline was lost" in caplog.text


def test_round_without_state_or_of_a_wrong_type_raises_nothing(
    harness: TimelineRecorderHarness, caplog: pytest.LogCaptureFixture
) -> None:
    harness.world.fail_ledger()
    harness.world.restart()
    harness.recorder.on_round_end(harness.world.round_runner.run())
    harness.recorder.on_round_end("no result")  # type: ignore[arg-type] # any value
    assert "The round could not be recorded for the timeline" in caplog.text
    assert harness.samples == ()


def test_fingerprint_identifies_configuration() -> None:
    assert compute_fingerprint(make_settings()) == compute_fingerprint(make_settings())
    assert compute_fingerprint(make_settings()) != compute_fingerprint(make_settings(suspect_rounds=4))
    assert len(compute_fingerprint(make_settings())) == 16
