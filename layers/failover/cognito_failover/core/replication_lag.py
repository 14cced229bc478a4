"""The replication lag, measured with a marker. Pure.

AWS has no metric of the lag. So about once a minute the controller writes a marker on the primary, and reads it on the
replica until it arrives. It does both only while both Regions are healthy. So data that a failing primary does not send
does not look like lag, and the last value remains.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.common.text import format_duration, format_iso_utc

MEASURE_INTERVAL_SECONDS = 55.0
"""Time between two markers, and the pause after a failed measurement."""

MAX_MEASUREMENT_SECONDS = 15.0
"""Maximum time of a measurement. A longer one does not count: its process was frozen or starved."""

MAX_READ_GAP_SECONDS = 35.0
"""Maximum time between two reads of a marker: rounds of the usual interval, and one that is lost. After a longer gap
nothing is known: the marker may have arrived meanwhile, or a failing primary may not have sent it."""

LAG_TTL_SECONDS = 600.0
"""How long the last value counts while measurements fail in healthy Regions."""


class MeasurementStep(StrEnum):
    """The next step of a measurement."""

    WRITE = "write"
    READ = "look"


@dataclass(frozen=True, slots=True, kw_only=True)
class LagMarker:
    """A marker on its way to the replica.

    Attributes
    ----------
    value
        The written value: seconds since the epoch. A later one shows that all earlier ones have arrived, too.
    written_at
        When the write started.
    subject
        The ``sub`` of the canary that it was written to.

    """

    value: int
    written_at: Instant
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LagMeasurement:
    """The result of one measurement.

    Attributes
    ----------
    started_at, ended_at
        When it started and ended.
    marker
        The marker that was read; None if none could be written.
    arrived_at
        When the replica had the marker; None if it did not.
    last_missing_at
        When a read of the replica last did not find the marker; None if no read missed it.
    problem
        Why the lag was not measured, and what to do; empty if it was.

    """

    started_at: Instant
    ended_at: Instant
    marker: LagMarker | None = None
    arrived_at: Instant | None = None
    last_missing_at: Instant | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LagState:
    """The saved state of the measurements.

    Attributes
    ----------
    attempted_at
        When the last measurement started.
    marker
        The marker that was not read on the replica yet; None if there is none.
    last_missing_at
        When a read of the replica last did not find the marker; None if no read missed it.
    lag_seconds
        The time of the last marker that arrived, at most; None if none has arrived.
    measured_at
        When that marker was read.
    problem
        Why the last measurement failed; empty if it did not.

    """

    attempted_at: Instant = 0.0
    marker: LagMarker | None = None
    last_missing_at: Instant | None = None
    lag_seconds: float | None = None
    measured_at: Instant | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """The replication lag at a time.

    Attributes
    ----------
    seconds
        The lag.
    is_lower_bound
        Whether the marker had not arrived then, so that the real lag is greater.
    at
        When it was measured.

    """

    seconds: float
    is_lower_bound: bool
    at: Instant

    def __str__(self) -> str:
        """Return the lag as people read it."""
        return f"{'more than ' if self.is_lower_bound else ''}{format_duration(self.seconds)}"

    @property
    def message(self) -> str:
        """The lag and its time as a sentence."""
        return f"The replica was {self} behind when that was last measured, at {format_iso_utc(self.at)}."


def get_current_lag(lag_state: LagState) -> Lag | None:
    """Return the last measured lag; None if it was never measured.

    A marker that has not arrived yet counts when it has been missing for longer than the last one took.
    """
    measured: Lag | None = None
    if lag_state.lag_seconds is not None and lag_state.measured_at is not None:
        measured = Lag(seconds=lag_state.lag_seconds, is_lower_bound=False, at=lag_state.measured_at)
    if lag_state.marker is None or lag_state.last_missing_at is None:
        return measured
    missing_seconds = lag_state.last_missing_at - lag_state.marker.written_at
    if measured and missing_seconds <= measured.seconds:
        return measured
    return Lag(seconds=missing_seconds, is_lower_bound=True, at=lag_state.last_missing_at)


def choose_next_step(lag_state: LagState, subject: str, now: Instant) -> MeasurementStep | None:
    """Return the next step for a canary with this ``sub``; None if it is not time.

    While a marker is on its way and is read without a gap, no other one is written.
    """
    is_interval_over = now - lag_state.attempted_at >= MEASURE_INTERVAL_SECONDS
    marker = lag_state.marker
    if marker is not None and marker.subject == subject and not _has_read_gap(lag_state, marker, now):
        return MeasurementStep.READ if is_interval_over or not lag_state.problem else None
    return MeasurementStep.WRITE if is_interval_over else None


def _has_read_gap(lag_state: LagState, marker: LagMarker, now: Instant) -> bool:
    """Return whether the marker was not read for so long that a read does not show its lag any more."""
    last_missing_at = marker.written_at if lag_state.last_missing_at is None else lag_state.last_missing_at
    return now - last_missing_at > MAX_READ_GAP_SECONDS


def apply_measurement(lag_state: LagState, measurement: LagMeasurement) -> LagState:
    """Return the state after a measurement. A measurement that is older than the state changes nothing. Idempotent."""
    if measurement.started_at < lag_state.attempted_at:
        return lag_state
    attempted = replace(lag_state, attempted_at=measurement.started_at, problem=measurement.problem)
    marker = measurement.marker
    if measurement.ended_at - measurement.started_at > MAX_MEASUREMENT_SECONDS:
        return replace(attempted, problem="The last measurement took too long, and does not count.")
    if marker and measurement.arrived_at is not None:
        lag_seconds = measurement.arrived_at - marker.written_at
        return replace(
            attempted, marker=None, last_missing_at=None, lag_seconds=lag_seconds, measured_at=measurement.arrived_at
        )
    if marker and not measurement.problem:
        return replace(attempted, marker=marker, last_missing_at=measurement.last_missing_at)
    return _on_measurement_failed(attempted, marker)


def _on_measurement_failed(attempted: LagState, marker: LagMarker | None) -> LagState:
    """Return the state after a failed measurement. The last value stays for a while, and is then dropped."""
    lag = get_current_lag(attempted)
    if lag and attempted.attempted_at - lag.at > LAG_TTL_SECONDS:
        return LagState(attempted_at=attempted.attempted_at, marker=marker, problem=attempted.problem)
    return attempted if marker in {None, attempted.marker} else replace(attempted, marker=marker, last_missing_at=None)


def build_lag_warning(lag_state: LagState, *, target: RegionRole, warn_above_seconds: float) -> str:
    """Return a sentence about the lag before a move; empty if it does not matter or is unknown.

    Parameters
    ----------
    lag_state
        The saved measurements.
    target
        The Region that users move to.
    warn_above_seconds
        From this lag on, the sentence is a warning.

    """
    lag = get_current_lag(lag_state) if target is RegionRole.STANDBY else None
    if lag is None:
        return ""
    if lag.seconds < warn_above_seconds:
        return lag.message
    return f"{lag.message} WARNING: new users and passwords changed shortly before may be missing there."
