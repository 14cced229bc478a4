"""Records the timeline in the background: samples DNS answers and sign-ins after rounds. Never delays a round."""

import logging
from concurrent.futures import Future, wait
from functools import partial
from threading import Lock
from typing import Protocol

from cognito_failover.common.deadlines import Deadline, run_in_thread
from cognito_failover.common.region import Instant
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.round_result import RoundResult
from cognito_failover.core.user_sign_ins import UserSignInCounts
from cognito_failover.settings.controller import Settings
from cognito_failover.timeline.recording_window import list_finished_report_ids, should_record
from cognito_failover.timeline.sample import UserView, compute_fingerprint
from cognito_failover.timeline.sampling import to_sample
from cognito_failover.timeline.timeline_store import TimelineStore

MAX_CONCURRENT_SAMPLES = 2
"""Maximum number of samples in progress. While that many hang, no other starts."""

_log = logging.getLogger(__name__)


class UserViewProbe(Protocol):
    """Interface for the view from outside."""

    def observe(self, state: ControllerState) -> UserView:
        """Return what users see now, within a bounded time."""
        ...


class CompletionNotifier(Protocol):
    """Interface for the event that a timeline is complete."""

    def publish(self, report_id: str, now: Instant) -> None:
        """Publish the event for a move or drill. May raise."""
        ...


class TimelineRecorder:
    """Records the timeline during moves, drills and suspicions. It can't fail, delay or change a round.

    Parameters
    ----------
    settings
        The settings, whose fingerprint each sample contains.
    user_view_probe
        Observes from outside.
    timeline
        Saves the samples. Its own timeouts bound each call.
    completion_notifier
        Publishes that the timeline of a move or drill is complete; None for no event.

    """

    def __init__(
        self,
        settings: Settings,
        *,
        user_view_probe: UserViewProbe,
        timeline: TimelineStore,
        completion_notifier: CompletionNotifier | None = None,
    ) -> None:
        self._settings = settings
        self._configuration = compute_fingerprint(settings)
        self._user_view_probe = user_view_probe
        self._timeline = timeline
        self._completion_notifier = completion_notifier
        self._notified_report_ids: set[str] = set()
        self._failed_report_ids: set[str] = set()
        self._last_sample_at: Instant | None = None
        self._pending: list[Future[None]] = []
        self._sign_ins = UserSignInCounts()
        self._lock = Lock()

    def take_sign_ins(self) -> UserSignInCounts:
        """Return the sign-ins through the domain that this process made since the last call."""
        with self._lock:
            counts, self._sign_ins = self._sign_ins, UserSignInCounts()
        return counts

    def on_round_end(self, result: RoundResult) -> None:
        """Start to record a finished round, if it is in a recording window. Returns at once, and never raises."""
        try:
            self._start_recording(result)
        except Exception:  # noqa: BLE001 - a failed recording must not stop a failover
            _log.warning("The round could not be recorded for the timeline.", exc_info=True)

    def finish(self, deadline: Deadline) -> None:
        """Wait for the started samples until the deadline. Lambda may freeze the process afterwards."""
        wait(self._pending, timeout=deadline.remaining_seconds)

    def _start_recording(self, result: RoundResult) -> None:
        state = result.state
        if state is None:
            return
        self._notify_if_complete(state, result.observation.observed_at)
        if not should_record(state, self._settings, result.observation.observed_at, last_at=self._last_sample_at):
            return
        self._pending = [future for future in self._pending if not future.done()]
        if len(self._pending) >= MAX_CONCURRENT_SAMPLES:
            return
        self._last_sample_at = result.observation.observed_at
        self._pending.append(run_in_thread(partial(self._record_sample, result, state), name="timeline-sample"))

    def _notify_if_complete(self, state: ControllerState, now: Instant) -> None:
        completed_report_ids = set(list_finished_report_ids(state, self._settings, now))
        failed_report_ids, self._failed_report_ids = self._failed_report_ids, set()
        self._notified_report_ids -= failed_report_ids
        if self._completion_notifier:
            for report_id in completed_report_ids - self._notified_report_ids:
                notify = partial(self._notify_complete, self._completion_notifier, report_id, now)
                self._pending.append(run_in_thread(notify, name="timeline-complete"))
        self._notified_report_ids = completed_report_ids

    def _notify_complete(self, completion_notifier: CompletionNotifier, report_id: str, now: Instant) -> None:
        try:
            completion_notifier.publish(report_id, now)
        except Exception:  # noqa: BLE001 - only the report stays incomplete
            _log.warning(
                "The event that the timeline of %s is complete could not be sent. The next round tries again.",
                report_id,
                exc_info=True,
            )
            self._failed_report_ids.add(report_id)

    def _record_sample(self, result: RoundResult, state: ControllerState) -> None:
        try:
            user_view = self._user_view_probe.observe(state)
            if user_view.sign_in:
                with self._lock:
                    self._sign_ins = self._sign_ins.with_attempt(ok=user_view.sign_in.ok)
            sample = to_sample(
                result, state, self._settings, settings_fingerprint=self._configuration, user_view=user_view
            )
            self._timeline.save_sample(sample)
        except Exception:  # noqa: BLE001 - a lost sample is only a gap in a report
            _log.warning("A sample of the timeline was lost.", exc_info=True)
