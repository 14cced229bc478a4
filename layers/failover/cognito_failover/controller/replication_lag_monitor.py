"""Measures beside the rounds how far the replica is behind: no round waits for it, and none fails by it."""

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
"""How long a marker is looked for once it is written; later it is looked for once a round."""

MARKER_POLL_SECONDS = 0.5
"""Between two looks."""

_log = logging.getLogger(__name__)

type CanarySessions = PerRole[CanarySession | None]
type MeasurementRunner = Callable[[Callable[[], LagMeasurement]], Future[LagMeasurement]]


def run_in_background(measure: Callable[[], LagMeasurement]) -> "Future[LagMeasurement]":
    """Run a measuring beside whatever the caller does next."""
    return run_in_thread(measure, name="replication-lag")


@dataclass(frozen=True, slots=True, kw_only=True)
class _SignedInCanary:
    """The canary, signed in in both Regions in the same round."""

    sessions: PerRole[CanarySession]

    @property
    def subject(self) -> str:
        return self.sessions.primary.subject


class ReplicationLagMonitor:
    """Writes the marker and looks for it, in a thread of its own, one measuring at a time.

    It uses the tokens that the round has signed in for anyway: it makes no sign-in, and so can't lock the canary out.

    Parameters
    ----------
    markers
        Writes and reads the marker.
    passes
        Returns what the last round signed in for.
    clock, sleep
        The time, and a way to let it pass.
    run
        Runs a measuring without waiting for it.

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
        """Return what is to be remembered by now; never waits."""
        self._collect_measurement()
        return apply_measurement(lag_state, self._measurement) if self._measurement else lag_state

    def on_round_end(self, result: RoundResult) -> None:
        """Begin to measure after a round, if it is time and all is well; never waits."""
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
        """End what is under way after its present look, no later than the deadline: the next rounds go on with it."""
        self._is_stopping = True
        if self._pending is not None:
            wait((self._pending,), timeout=deadline.remaining_seconds)

    def _collect_measurement(self) -> None:
        if self._pending is None or not self._pending.done():
            return
        completed, self._pending = self._pending, None
        if fault := completed.exception():  # not even a thread was to be had
            _log.warning("The lag of the replica could not be measured: %s", fault)
            return
        self._measurement = completed.result()
        if self._measurement.problem:
            _log.warning("The lag of the replica is not measured: %s", self._measurement.problem)

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
        except Exception as error:  # noqa: BLE001 - a fault of ours must not end the rounds
            _log.exception("Measuring the lag failed by a fault of its own.")
            error_message = f"Measuring it failed by a fault of its own: {type(error).__name__}."
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
        """Return when the marker was seen, and when it was last looked for in vain."""
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
            raise LagMarkerError(f"Not even the primary shows the marker that it took. {PERMISSION_HINT}")
        return None, queried_at


def is_steady(result: RoundResult) -> bool:
    """Whether all is well after a round: both Regions serve, none is suspect, nothing moves, all is saved."""
    state = result.state
    return (
        state is not None
        and not result.failure
        and state.move is None
        and not state.active_suspicion.is_active
        and all(known.verdict in SERVING_VERDICTS for _, known in result.consensus.roles)
    )


def _find_signed_in_canary(sessions: CanarySessions) -> _SignedInCanary | None:
    """Return the canary if the same one was signed in in both Regions."""
    primary, standby = sessions.primary, sessions.standby
    if primary is None or standby is None or primary.subject != standby.subject:
        return None
    return _SignedInCanary(sessions=PerRole(primary=primary, standby=standby))
