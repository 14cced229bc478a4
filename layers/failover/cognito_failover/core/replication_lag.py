"""How far the replica is behind the primary: what a marker that was written and looked for says of it. Pure.

AWS gives no metric of the lag. So the canary's marker is written on the primary about once a minute, and looked for on
the replica until it has arrived; both only while all is well. So what a dying primary no longer sends never looks like
lag, and the last value from before stays.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.common.text import format_duration, format_iso_utc

MEASURE_INTERVAL_SECONDS = 55.0
"""How often a marker is written; and how long is waited after a measuring that failed."""

MAX_MEASUREMENT_SECONDS = 15.0
"""A measuring that took longer says nothing: its process was frozen or starved in between."""

LAG_TTL_SECONDS = 600.0
"""How long what was measured last still counts while measuring fails, though all is well otherwise."""


class MeasurementStep(StrEnum):
    """What is to be done next."""

    WRITE = "write"
    READ = "look"


@dataclass(frozen=True, slots=True, kw_only=True)
class LagMarker:
    """A marker on its way to the replica.

    Attributes
    ----------
    value
        What was written: seconds since the epoch, so that a later one shows that all before have arrived, too.
    written_at
        When writing it began.
    subject
        The ``sub`` of the canary that it was written to.

    """

    value: int
    written_at: Instant
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LagMeasurement:
    """What came of one measuring.

    Attributes
    ----------
    began_at, ended_at
        From when to when it lasted.
    marker
        The one that was looked for; None if none could be written.
    seen_at
        When the replica had shown it; None if it didn't.
    unseen_at
        When the replica was last asked and didn't show it; None if it wasn't asked in vain.
    trouble
        What kept the lag from being measured, and the way out; empty if nothing did.

    """

    started_at: Instant
    ended_at: Instant
    marker: LagMarker | None = None
    arrived_at: Instant | None = None
    last_missing_at: Instant | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LagState:
    """What is remembered of the lag.

    Attributes
    ----------
    tried_at
        When measuring it was last begun.
    marker
        The one that has not been seen on the replica yet; None if none is on its way.
    unseen_at
        When the replica was last asked for it in vain; None if it wasn't.
    lag_seconds
        At most so long took the last marker that arrived; None if none has.
    measured_at
        When that was seen.
    trouble
        Why the last measuring failed; empty if it didn't.

    """

    attempted_at: Instant = 0.0
    marker: LagMarker | None = None
    last_missing_at: Instant | None = None
    lag_seconds: float | None = None
    measured_at: Instant | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """How far the replica was behind when that was last known.

    Attributes
    ----------
    seconds
        How far.
    at_least
        Whether the marker had still not arrived then: it is further behind.
    at
        When that was.

    """

    seconds: float
    is_lower_bound: bool
    at: Instant

    def __str__(self) -> str:
        """Return it as people read it."""
        return f"{'more than ' if self.is_lower_bound else ''}{format_duration(self.seconds)}"

    @property
    def message(self) -> str:
        """How far the replica was behind, and when."""
        return f"The replica was {self} behind when that was last measured, at {format_iso_utc(self.at)}."


def get_current_lag(lag_state: LagState) -> Lag | None:
    """Return the lag as last measured; None if it was not.

    A marker that has not arrived yet counts once it has been on its way for longer than the last one was.
    """
    measured = None
    if lag_state.lag_seconds is not None and lag_state.measured_at is not None:
        measured = Lag(seconds=lag_state.lag_seconds, is_lower_bound=False, at=lag_state.measured_at)
    if lag_state.marker is None or lag_state.last_missing_at is None:
        return measured
    missing_seconds = lag_state.last_missing_at - lag_state.marker.written_at
    if measured and missing_seconds <= measured.seconds:
        return measured
    return Lag(seconds=missing_seconds, is_lower_bound=True, at=lag_state.last_missing_at)


def choose_next_step(lag_state: LagState, subject: str, now: Instant) -> MeasurementStep | None:
    """Return what is to be done for a canary of this ``sub``; None if it isn't time.

    No marker is written while one is on its way: it is looked for until it has arrived.
    """
    is_interval_over = now - lag_state.attempted_at >= MEASURE_INTERVAL_SECONDS
    if lag_state.marker is not None and lag_state.marker.subject == subject:
        return MeasurementStep.READ if is_interval_over or not lag_state.problem else None
    return MeasurementStep.WRITE if is_interval_over else None


def apply_measurement(lag_state: LagState, measurement: LagMeasurement) -> LagState:
    """Return what is to be remembered after a measuring; what is older than that changes nothing.

    Told of the same measuring again, it says the same.
    """
    if measurement.started_at < lag_state.attempted_at:
        return lag_state
    attempted = replace(lag_state, attempted_at=measurement.started_at, problem=measurement.problem)
    marker = measurement.marker
    if measurement.ended_at - measurement.started_at > MAX_MEASUREMENT_SECONDS:
        return replace(attempted, problem="The last measuring was held up, and says nothing.")
    if marker and measurement.arrived_at is not None:
        lag_seconds = measurement.arrived_at - marker.written_at
        return replace(
            attempted, marker=None, last_missing_at=None, lag_seconds=lag_seconds, measured_at=measurement.arrived_at
        )
    if marker and not measurement.problem:
        return replace(attempted, marker=marker, last_missing_at=measurement.last_missing_at)
    return _on_measurement_failed(attempted, marker)


def _on_measurement_failed(attempted: LagState, marker: LagMarker | None) -> LagState:
    """Return what remains after a measuring that failed: all for a while, then nothing."""
    lag = get_current_lag(attempted)
    if lag and attempted.attempted_at - lag.at > LAG_TTL_SECONDS:
        return LagState(attempted_at=attempted.attempted_at, marker=marker, problem=attempted.problem)
    return attempted if marker in {None, attempted.marker} else replace(attempted, marker=marker, last_missing_at=None)


def build_lag_warning(lag_state: LagState, *, target: RegionRole, warn_above_seconds: float) -> str:
    """Return what is to be known of the replica's lag before a move; empty where it doesn't matter or wasn't measured.

    Parameters
    ----------
    freshness
        What is remembered of the lag.
    target
        Where users move to.
    bearable_seconds
        From there on it is a warning.

    """
    lag = get_current_lag(lag_state) if target is RegionRole.STANDBY else None
    if lag is None:
        return ""
    if lag.seconds < warn_above_seconds:
        return lag.message
    return f"{lag.message} WARNING: new users and passwords changed shortly before may be missing there."
