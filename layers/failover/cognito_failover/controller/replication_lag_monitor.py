"""Measures the replication lag in the background. No round waits for a measurement or fails because of one."""

import logging
from collections.abc import Callable
from concurrent.futures import wait
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from cognito_failover.common.deadlines import Deadline, run_in_thread
from cognito_failover.common.region import Instant, PerRole, RegionRole
from cognito_failover.core.replication_lag import (
    LagMarker,
    LagMeasurement,
    LagState,
    MeasurementStep,
    apply_measurement,
    choose_next_step,
)
from cognito_failover.core.round_result import RoundResult
from cognito_failover.core.verdict import SERVING_VERDICTS
from cognito_failover.probe.lag_marker import PERMISSION_HINT, LagMarkerError, LagMarkerStore
from cognito_failover.probe.probe import CanarySession

if TYPE_CHECKING:
    from concurrent.futures import Future

MARKER_WAIT_SECONDS = 4.0
"""Time to look for a marker after it was written. Later measurements look for it once a round."""

MARKER_POLL_SECONDS = 0.5
"""Interval between two reads of the marker."""

_log = logging.getLogger(__name__)

type CanarySessions = PerRole[CanarySession | None]
type MeasurementRunner = Callable[[Callable[[], LagMeasurement]], Future[LagMeasurement]]


def run_in_background(measure: Callable[[], LagMeasurement]) -> "Future[LagMeasurement]":
    """Run a measurement in a thread."""
    return run_in_thread(measure, name="replication-lag")


@dataclass(frozen=True, slots=True, kw_only=True)
class _SignedInCanary:
    """The canary's sessions in both Regions, from the same round."""

    sessions: PerRole[CanarySession]

    @property
    def subject(self) -> str:
        return self.sessions.primary.subject


class ReplicationLagMonitor:
    """Writes the lag marker and looks for it, in a thread, one measurement at a time.

    It uses the tokens of the round's sign-ins. It signs in nowhere itself, so it can't lock the canary out.

    Parameters
    ----------
    marker_store
        Writes and reads the marker.
    get_sessions
        Returns the canary's sessions from the last round.
    clock, sleep
        Seconds since the epoch, and a function that waits.
    run
        Starts a measurement without waiting for it.

    """

    def __init__(
        self,
        *,
        marker_store: LagMarkerStore,
        get_sessions: Callable[[], CanarySessions],
        clock: Callable[[], Instant],
        sleep: Callable[[float], None],
        run: MeasurementRunner = run_in_background,
    ) -> None:
        self._marker_store = marker_store
        self._get_sessions = get_sessions
        self._clock = clock
        self._sleep = sleep
        self._run = run
        self._is_stopping = False
        self._pending: Future[LagMeasurement] | None = None
        self._measurement: LagMeasurement | None = None

    def apply_measurement(self, lag_state: LagState) -> LagState:
        """Return the lag state with the last measurement. Never waits."""
        self._collect_measurement()
        return apply_measurement(lag_state, self._measurement) if self._measurement else lag_state

    def on_round_end(self, result: RoundResult) -> None:
        """Start a measurement if one is due and the round was steady. Never waits."""
        self._collect_measurement()
        if self._pending is not None or result.state is None or not is_steady(result):
            return
        canary = _find_signed_in_canary(self._get_sessions())
        if canary is None:
            return
        lag_state = result.state.lag_state
        step = choose_next_step(lag_state, canary.subject, self._clock())
        if step is not None:
            self._is_stopping = False
            self._pending = self._run(partial(self._measure, step, lag_state.marker, canary))

    def finish(self, deadline: Deadline) -> None:
        """Stop the measurement after its current read, and wait until the deadline. The next rounds continue it."""
        self._is_stopping = True
        if self._pending is not None:
            wait((self._pending,), timeout=deadline.remaining_seconds)

    def _collect_measurement(self) -> None:
        if self._pending is None or not self._pending.done():
            return
        completed, self._pending = self._pending, None
        if fault := completed.exception():  # the process has no thread left
            _log.warning("The replication lag could not be measured: %s", fault)
            return
        self._measurement = completed.result()
        if self._measurement.problem:
            _log.warning("The replication lag is not measured: %s", self._measurement.problem)

    def _measure(self, step: MeasurementStep, marker: LagMarker | None, canary: _SignedInCanary) -> LagMeasurement:
        started_at = self._clock()
        arrived_at = last_missing_at = None
        error_message = ""
        try:
            if step is MeasurementStep.WRITE:
                marker = self._write_marker(started_at, canary)
            if marker:
                wait_seconds = MARKER_WAIT_SECONDS if step is MeasurementStep.WRITE else 0.0
                arrived_at, last_missing_at = self._wait_for_marker(marker, canary, until=started_at + wait_seconds)
        except LagMarkerError as error:
            error_message = str(error)
        except Exception as error:  # noqa: BLE001 - an internal error must not end the rounds
            _log.exception("Measuring the replication lag failed with an internal error.")
            error_message = f"The measurement failed with an internal error: {type(error).__name__}."
        return LagMeasurement(
            started_at=started_at,
            ended_at=self._clock(),
            marker=marker,
            arrived_at=arrived_at,
            last_missing_at=last_missing_at,
            problem=error_message,
        )

    def _write_marker(self, now: Instant, canary: _SignedInCanary) -> LagMarker:
        marker = LagMarker(value=int(now), written_at=now, subject=canary.subject)
        self._marker_store.write(canary.sessions.primary.access_token, marker.value)
        return marker

    def _wait_for_marker(
        self, marker: LagMarker, canary: _SignedInCanary, *, until: Instant
    ) -> tuple[Instant | None, Instant | None]:
        """Return when the marker was found, and when it was last missing. One of them is None."""
        while True:
            queried_at = self._clock()
            read_value = self._marker_store.read(RegionRole.STANDBY, canary.sessions.standby.access_token)
            if read_value is not None and read_value >= marker.value:
                return self._clock(), None
            if queried_at >= until or self._is_stopping:
                break
            self._sleep(MARKER_POLL_SECONDS)
        if (
            read_value is None
            and self._marker_store.read(RegionRole.PRIMARY, canary.sessions.primary.access_token) is None
        ):
            raise LagMarkerError(f"The primary accepted the marker but does not return it. {PERMISSION_HINT}")
        return None, queried_at


def is_steady(result: RoundResult) -> bool:
    """Return whether a round was steady: both Regions serve, neither is suspect, no move is under way, all is saved."""
    state = result.state
    return (
        state is not None
        and not result.failure
        and state.move is None
        and not state.active_suspicion.is_active
        and all(region.verdict in SERVING_VERDICTS for _, region in result.consensus.roles)
    )


def _find_signed_in_canary(sessions: CanarySessions) -> _SignedInCanary | None:
    """Return the canary if the same user was signed in in both Regions."""
    primary, standby = sessions.primary, sessions.standby
    if primary is None or standby is None or primary.subject != standby.subject:
        return None
    return _SignedInCanary(sessions=PerRole(primary=primary, standby=standby))
