"""The replication lag, calculated from writing and reading a marker."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognito_failover.common.region import RegionRole
from cognito_failover.core.replication_lag import (
    LAG_TTL_SECONDS,
    MAX_MEASUREMENT_SECONDS,
    MEASURE_INTERVAL_SECONDS,
    Lag,
    LagMarker,
    LagMeasurement,
    LagState,
    MeasurementStep,
    apply_measurement,
    build_lag_warning,
    choose_next_step,
    get_current_lag,
)

NOW = 1_800_000_000.0
MARKER = LagMarker(value=int(NOW), written_at=NOW, subject="canary")


def make_seen_measurement(after_seconds: float, *, marker: LagMarker = MARKER) -> LagMeasurement:
    at = marker.written_at + after_seconds
    return LagMeasurement(started_at=max(marker.written_at, at - 4), ended_at=at, marker=marker, arrived_at=at)


def make_unseen_measurement(
    after_seconds: float, *, marker: LagMarker = MARKER, began_at: float = NOW
) -> LagMeasurement:
    at = marker.written_at + after_seconds
    return LagMeasurement(started_at=began_at, ended_at=began_at + 4, marker=marker, last_missing_at=at)


def make_failed_measurement(began_at: float, *, marker: LagMarker | None = None) -> LagMeasurement:
    return LagMeasurement(started_at=began_at, ended_at=began_at + 1, marker=marker, problem="It was refused.")


def test_lag_is_unknown_before_first_measurement() -> None:
    assert get_current_lag(LagState()) is None


def test_lag_is_time_from_write_to_arrival() -> None:
    lag_state = apply_measurement(LagState(), make_seen_measurement(1.5))
    assert get_current_lag(lag_state) == Lag(seconds=1.5, is_lower_bound=False, at=NOW + 1.5)
    assert lag_state.marker is None


def test_missing_marker_gives_lower_bound_of_lag() -> None:
    lag = get_current_lag(apply_measurement(LagState(), make_unseen_measurement(4)))
    assert lag == Lag(seconds=4, is_lower_bound=True, at=NOW + 4)
    assert str(lag) == "more than 4 s"


def test_pending_marker_counts_once_slower_than_previous() -> None:
    slow = apply_measurement(LagState(), make_seen_measurement(30))
    later = LagMarker(value=int(NOW) + 60, written_at=NOW + 60, subject="canary")
    assert get_current_lag(
        apply_measurement(slow, make_unseen_measurement(4, marker=later, began_at=NOW + 60))
    ) == get_current_lag(slow)
    overdue = get_current_lag(apply_measurement(slow, make_unseen_measurement(40, marker=later, began_at=NOW + 100)))
    assert overdue == Lag(seconds=40, is_lower_bound=True, at=NOW + 100)


def test_marker_as_late_as_previous_changes_nothing() -> None:
    last = apply_measurement(LagState(), make_seen_measurement(4))
    later = LagMarker(value=int(NOW) + 60, written_at=NOW + 60, subject="canary")
    assert get_current_lag(
        apply_measurement(last, make_unseen_measurement(4, marker=later, began_at=NOW + 60))
    ) == get_current_lag(last)


def test_time_alone_never_increases_lag() -> None:
    lag_state = apply_measurement(LagState(), make_unseen_measurement(4))
    assert get_current_lag(lag_state) == Lag(seconds=4, is_lower_bound=True, at=NOW + 4)
    assert get_current_lag(replace(lag_state, attempted_at=NOW + 86_400)) == get_current_lag(lag_state)


def test_failed_measurement_keeps_lag_for_ten_minutes() -> None:
    measured = apply_measurement(LagState(), make_seen_measurement(2))
    assert get_current_lag(
        apply_measurement(measured, make_failed_measurement(NOW + 2 + LAG_TTL_SECONDS))
    ) == get_current_lag(measured)
    forgotten = apply_measurement(measured, make_failed_measurement(NOW + 3 + LAG_TTL_SECONDS))
    assert get_current_lag(forgotten) is None
    assert forgotten == LagState(attempted_at=NOW + 3 + LAG_TTL_SECONDS, problem="It was refused.")


LATER = LagMarker(value=int(NOW) + 700, written_at=NOW + 700, subject="canary")


def test_marker_written_by_failed_measurement_is_looked_up_next() -> None:
    forgotten = apply_measurement(
        apply_measurement(LagState(), make_seen_measurement(2)), make_failed_measurement(NOW + 700, marker=LATER)
    )
    assert forgotten == LagState(attempted_at=NOW + 700, marker=LATER, problem="It was refused.")
    missing = apply_measurement(LagState(), make_unseen_measurement(650))
    replaced = apply_measurement(missing, make_failed_measurement(NOW + 700, marker=LATER))
    assert replaced == LagState(attempted_at=NOW + 700, marker=LATER, problem="It was refused.")


def test_arrived_marker_clears_lower_bound() -> None:
    arrived = apply_measurement(apply_measurement(LagState(), make_unseen_measurement(4)), make_seen_measurement(6))
    assert arrived == LagState(attempted_at=NOW + 2, lag_seconds=6, measured_at=NOW + 6)


def test_measurement_started_at_same_instant_is_not_older() -> None:
    assert (
        apply_measurement(
            apply_measurement(LagState(), make_unseen_measurement(3)), make_seen_measurement(4)
        ).lag_seconds
        == 4
    )


def test_lag_needs_both_seconds_and_time() -> None:
    assert get_current_lag(LagState(lag_seconds=1.0)) is get_current_lag(LagState(measured_at=NOW)) is None


def test_failure_reason_is_stored_until_success() -> None:
    lag_state = apply_measurement(LagState(), make_failed_measurement(NOW))
    assert lag_state.problem == "It was refused."
    later = LagMarker(value=int(NOW) + 60, written_at=NOW + 60, subject="canary")
    assert apply_measurement(lag_state, make_seen_measurement(1, marker=later)).problem == ""


def test_marker_whose_lookup_failed_gives_no_lag_and_is_written_again() -> None:
    lag_state = apply_measurement(LagState(), make_failed_measurement(NOW, marker=MARKER))
    assert lag_state.marker == MARKER
    assert get_current_lag(lag_state) is None
    assert choose_next_step(lag_state, "canary", NOW + MEASURE_INTERVAL_SECONDS) is MeasurementStep.WRITE


def test_marker_stays_pending_after_failed_lookup() -> None:
    missing = apply_measurement(LagState(), make_unseen_measurement(4))
    failing = apply_measurement(missing, make_failed_measurement(NOW + 10, marker=MARKER))
    assert get_current_lag(failing) == get_current_lag(missing)


def test_measurement_frozen_midway_is_discarded() -> None:
    frozen = replace(make_seen_measurement(1), ended_at=NOW + MAX_MEASUREMENT_SECONDS + 1)
    lag_state = apply_measurement(LagState(), frozen)
    assert get_current_lag(lag_state) is None
    assert lag_state.attempted_at == NOW
    assert lag_state.problem
    assert (
        get_current_lag(apply_measurement(LagState(), replace(frozen, ended_at=NOW + MAX_MEASUREMENT_SECONDS)))
        is not None
    )


def test_older_measurement_changes_nothing() -> None:
    later = LagMarker(value=int(NOW) + 60, written_at=NOW + 60, subject="canary")
    lag_state = apply_measurement(LagState(), make_seen_measurement(1, marker=later))
    assert apply_measurement(lag_state, make_failed_measurement(NOW + 59)) == lag_state


def test_marker_is_written_about_once_a_minute() -> None:
    arrived = apply_measurement(LagState(), make_seen_measurement(1))
    assert choose_next_step(LagState(), "canary", NOW) is MeasurementStep.WRITE
    assert choose_next_step(arrived, "canary", NOW + MEASURE_INTERVAL_SECONDS - 1) is None
    assert choose_next_step(arrived, "canary", NOW + MEASURE_INTERVAL_SECONDS) is MeasurementStep.WRITE


def test_pending_marker_is_looked_up_every_round_without_new_write() -> None:
    missing = apply_measurement(LagState(), make_unseen_measurement(4))
    assert choose_next_step(missing, "canary", NOW + 10) is MeasurementStep.READ
    still_missing = replace(missing, attempted_at=NOW + 590, last_missing_at=NOW + 590)
    assert choose_next_step(still_missing, "canary", NOW + 600) is MeasurementStep.READ


@pytest.mark.parametrize("gap_seconds", [36, 120, 3600])
def test_marker_not_read_for_a_while_is_written_again(gap_seconds: float) -> None:
    missing = apply_measurement(LagState(), make_unseen_measurement(30))
    resumed_at = max(NOW + 30 + gap_seconds, NOW + MEASURE_INTERVAL_SECONDS)
    assert choose_next_step(missing, "canary", resumed_at) is MeasurementStep.WRITE


def test_failure_pauses_measurement_for_a_minute() -> None:
    pending = apply_measurement(
        apply_measurement(LagState(), make_unseen_measurement(4)), make_failed_measurement(NOW + 10, marker=MARKER)
    )
    assert choose_next_step(pending, "canary", NOW + 20) is None
    assert choose_next_step(pending, "canary", NOW + 10 + MEASURE_INTERVAL_SECONDS) is MeasurementStep.WRITE


def test_new_canary_gets_new_marker() -> None:
    missing = apply_measurement(LagState(), make_unseen_measurement(4))
    assert choose_next_step(missing, "the other canary", NOW + 10) is None
    assert choose_next_step(missing, "the other canary", NOW + MEASURE_INTERVAL_SECONDS) is MeasurementStep.WRITE


def test_move_to_replica_reports_lag_and_warns_if_large() -> None:
    def get_message(seconds: float, target: RegionRole = RegionRole.STANDBY) -> str:
        return build_lag_warning(
            apply_measurement(LagState(), make_seen_measurement(seconds)), target=target, warn_above_seconds=60
        )

    assert get_message(1.2) == "The replica was 1.2 s behind when that was last measured, at 2027-01-15T08:00:01Z."
    assert "WARNING" not in get_message(59)
    assert get_message(60).endswith("WARNING: new users and passwords changed shortly before may be missing there.")
    assert get_message(60, RegionRole.PRIMARY) == ""
    assert build_lag_warning(LagState(), target=RegionRole.STANDBY, warn_above_seconds=60) == ""


instants = st.floats(min_value=NOW, max_value=NOW + 10_000)
markers = st.builds(LagMarker, value=st.integers(0, 2**31), written_at=instants, subject=st.sampled_from("ab"))


@st.composite
def draw_measurements(draw: st.DrawFn) -> LagMeasurement:
    started_at = draw(instants)
    marker = draw(st.none() | markers)
    result = draw(st.sampled_from(["seen", "unseen", "failed"])) if marker else "failed"
    return LagMeasurement(
        started_at=started_at,
        ended_at=started_at + draw(st.floats(0, 20)),
        marker=marker,
        arrived_at=draw(instants) if result == "seen" else None,
        last_missing_at=draw(instants) if result == "unseen" else None,
        problem="It was refused." if result == "failed" else "",
    )


@given(st.lists(draw_measurements(), max_size=6))
def test_repeated_measurement_is_idempotent(measurements: list[LagMeasurement]) -> None:
    lag_state = LagState()
    for measurement in measurements:
        once = apply_measurement(lag_state, measurement)
        assert apply_measurement(once, measurement) == once
        lag_state = once


@given(st.lists(draw_measurements(), max_size=6))
def test_failure_never_increases_lag(measurements: list[LagMeasurement]) -> None:
    lag_state = LagState()
    for measurement in measurements:
        before, lag_state = get_current_lag(lag_state), apply_measurement(lag_state, measurement)
        now = get_current_lag(lag_state)
        if measurement.problem and now is not None:
            assert before is not None
            assert now.seconds <= before.seconds
