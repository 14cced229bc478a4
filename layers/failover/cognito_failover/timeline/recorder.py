"""What is done beside rounds and never waited for in one: the look from outside, and the timeline."""

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
from cognito_failover.timeline.sample import UserView
from cognito_failover.timeline.sampling import to_sample
from cognito_failover.timeline.settings_fingerprint import compute_fingerprint
from cognito_failover.timeline.timeline_store import TimelineStore

MAX_CONCURRENT_SAMPLES = 2
"""Looks under way at the same time; while so many hang, no further one is begun."""

_log = logging.getLogger(__name__)


class UserViewProbe(Protocol):
    """Whoever looks from outside."""

    def observe(self, state: ControllerState) -> UserView:
        """Look once, in a bounded time."""
        ...


class CompletionNotifier(Protocol):
    """Whoever tells that a timeline is complete."""

    def publish(self, report_id: str, now: Instant) -> None:
        """Tell it of a move or a drill; may raise."""
        ...


class TimelineRecorder:
    """Keeps the timeline while something happens. Nothing it meets can fail, delay or change a round.

    Parameters
    ----------
    settings
        The policy, of which a sample keeps the fingerprint.
    looker
        Looks from outside.
    timeline
        Keeps the samples; its calls are bounded by its own timeouts.
    crier
        Tells when the timeline of a move or a drill is complete; None where nobody wants to know.

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
        self._last_sample_at: Instant | None = None
        self._pending: list[Future[None]] = []
        self._sign_ins = UserSignInCounts()
        self._lock = Lock()

    def take_sign_ins(self) -> UserSignInCounts:
        """Return the sign-ins through the domain since this was last asked, as far as this process made them."""
        with self._lock:
            counted, self._sign_ins = self._sign_ins, UserSignInCounts()
        return counted

    def on_round_end(self, result: RoundResult) -> None:
        """Begin to keep a round that has ended, if it is worth keeping; returns at once, and never raises."""
        try:
            self._start_recording(result)
        except Exception:  # noqa: BLE001 - what can't be kept must not stop a failover
            _log.warning("The round could not be kept for the timeline.", exc_info=True)

    def finish(self, deadline: Deadline) -> None:
        """Wait for what has been begun, no longer than the deadline; a process may be frozen after it."""
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
        self._pending.append(run_in_thread(partial(self._record_sample, result, state), name="beside-round"))

    def _notify_if_complete(self, state: ControllerState, now: Instant) -> None:
        completed_report_ids = set(list_finished_report_ids(state, self._settings, now))
        if self._completion_notifier:
            for report_id in completed_report_ids - self._notified_report_ids:
                notify = partial(self._notify_complete, self._completion_notifier, report_id, now)
                self._pending.append(run_in_thread(notify, name="timeline-complete"))
        self._notified_report_ids = completed_report_ids

    @staticmethod
    def _notify_complete(completion_notifier: CompletionNotifier, report_id: str, now: Instant) -> None:
        try:
            completion_notifier.publish(report_id, now)
        except Exception:  # noqa: BLE001 - the report stays as it was written at the end
            _log.warning("That the timeline of %s is complete could not be told.", report_id, exc_info=True)

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
        except Exception:  # noqa: BLE001 - a moment that is not kept is a gap in a report, and nothing else
            _log.warning("A moment of the timeline was not kept.", exc_info=True)
