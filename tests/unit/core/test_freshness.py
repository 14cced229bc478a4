"""What a marker that was written and looked for says of the lag."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from failover.decision.freshness import (
    EVERY_SECONDS,
    FORGOTTEN_SECONDS,
    LONGEST_SECONDS,
    Freshness,
    Gauged,
    Lag,
    Marker,
    Step,
    after,
    lag_of,
    next_step,
    warning,
)
from failover.region import Side

NOW = 1_800_000_000.0
MARKER = Marker(value=int(NOW), written_at=NOW, subject="canary")


def seen(after_seconds: float, *, marker: Marker = MARKER) -> Gauged:
    at = marker.written_at + after_seconds
    return Gauged(began_at=max(marker.written_at, at - 4), ended_at=at, marker=marker, seen_at=at)


def unseen(after_seconds: float, *, marker: Marker = MARKER, began_at: float = NOW) -> Gauged:
    at = marker.written_at + after_seconds
    return Gauged(began_at=began_at, ended_at=began_at + 4, marker=marker, unseen_at=at)


def failed(began_at: float, *, marker: Marker | None = None) -> Gauged:
    return Gauged(began_at=began_at, ended_at=began_at + 1, marker=marker, trouble="It was refused.")


def test_nothing_is_known_before_anything_was_measured() -> None:
    assert lag_of(Freshness()) is None


def test_the_lag_is_from_the_writing_to_when_it_was_seen() -> None:
    freshness = after(Freshness(), seen(1.5))
    assert lag_of(freshness) == Lag(seconds=1.5, at_least=False, at=NOW + 1.5)
    assert freshness.marker is None


def test_a_marker_that_has_not_arrived_makes_the_replica_older_than_it() -> None:
    lag = lag_of(after(Freshness(), unseen(4)))
    assert lag == Lag(seconds=4, at_least=True, at=NOW + 4)
    assert str(lag) == "more than 4 s"


def test_a_marker_on_its_way_counts_only_once_it_takes_longer_than_the_last() -> None:
    slow = after(Freshness(), seen(30))
    later = Marker(value=int(NOW) + 60, written_at=NOW + 60, subject="canary")
    assert lag_of(after(slow, unseen(4, marker=later, began_at=NOW + 60))) == lag_of(slow)
    overdue = lag_of(after(slow, unseen(40, marker=later, began_at=NOW + 100)))
    assert overdue == Lag(seconds=40, at_least=True, at=NOW + 100)


def test_a_marker_exactly_as_late_as_the_last_one_says_nothing_new() -> None:
    last = after(Freshness(), seen(4))
    later = Marker(value=int(NOW) + 60, written_at=NOW + 60, subject="canary")
    assert lag_of(after(last, unseen(4, marker=later, began_at=NOW + 60))) == lag_of(last)


def test_time_alone_adds_nothing_so_that_a_dead_primary_never_looks_like_lag() -> None:
    freshness = after(Freshness(), unseen(4))
    assert lag_of(freshness) == Lag(seconds=4, at_least=True, at=NOW + 4)
    assert lag_of(replace(freshness, tried_at=NOW + 86_400)) == lag_of(freshness)


def test_a_measuring_that_failed_leaves_what_was_measured_for_ten_minutes() -> None:
    known = after(Freshness(), seen(2))
    assert lag_of(after(known, failed(NOW + 2 + FORGOTTEN_SECONDS))) == lag_of(known)
    forgotten = after(known, failed(NOW + 3 + FORGOTTEN_SECONDS))
    assert lag_of(forgotten) is None
    assert forgotten == Freshness(tried_at=NOW + 3 + FORGOTTEN_SECONDS, trouble="It was refused.")


LATER = Marker(value=int(NOW) + 700, written_at=NOW + 700, subject="canary")


def test_a_marker_that_was_written_by_a_measuring_that_failed_is_the_one_to_look_for() -> None:
    forgotten = after(after(Freshness(), seen(2)), failed(NOW + 700, marker=LATER))
    assert forgotten == Freshness(tried_at=NOW + 700, marker=LATER, trouble="It was refused.")
    missing = after(Freshness(), unseen(650))
    replaced = after(missing, failed(NOW + 700, marker=LATER))
    assert replaced == Freshness(tried_at=NOW + 700, marker=LATER, trouble="It was refused.")


def test_of_a_marker_that_has_arrived_nothing_is_left_of_having_been_missed() -> None:
    arrived = after(after(Freshness(), unseen(4)), seen(6))
    assert arrived == Freshness(tried_at=NOW + 2, lag_seconds=6, measured_at=NOW + 6)


def test_a_measuring_that_began_at_the_same_moment_is_not_older() -> None:
    assert after(after(Freshness(), unseen(3)), seen(4)).lag_seconds == 4


def test_a_lag_whose_moment_is_not_known_is_none() -> None:
    assert lag_of(Freshness(lag_seconds=1.0)) is lag_of(Freshness(measured_at=NOW)) is None


def test_why_it_failed_is_kept_until_it_succeeds() -> None:
    freshness = after(Freshness(), failed(NOW))
    assert freshness.trouble == "It was refused."
    later = Marker(value=int(NOW) + 60, written_at=NOW + 60, subject="canary")
    assert after(freshness, seen(1, marker=later)).trouble == ""


def test_a_marker_that_was_written_though_it_could_not_be_looked_for_is_looked_for_later() -> None:
    freshness = after(Freshness(), failed(NOW, marker=MARKER))
    assert freshness.marker == MARKER
    assert lag_of(freshness) is None
    assert next_step(freshness, "canary", NOW + EVERY_SECONDS) is Step.LOOK


def test_a_marker_is_still_on_its_way_when_looking_for_it_failed() -> None:
    missing = after(Freshness(), unseen(4))
    failing = after(missing, failed(NOW + 10, marker=MARKER))
    assert lag_of(failing) == lag_of(missing)


def test_a_measuring_that_was_frozen_in_the_middle_says_nothing() -> None:
    frozen = replace(seen(1), ended_at=NOW + LONGEST_SECONDS + 1)
    freshness = after(Freshness(), frozen)
    assert lag_of(freshness) is None
    assert freshness.tried_at == NOW
    assert freshness.trouble
    assert lag_of(after(Freshness(), replace(frozen, ended_at=NOW + LONGEST_SECONDS))) is not None


def test_what_is_older_than_what_is_remembered_changes_nothing() -> None:
    later = Marker(value=int(NOW) + 60, written_at=NOW + 60, subject="canary")
    freshness = after(Freshness(), seen(1, marker=later))
    assert after(freshness, failed(NOW + 59)) == freshness


def test_a_marker_is_written_about_once_a_minute() -> None:
    arrived = after(Freshness(), seen(1))
    assert next_step(Freshness(), "canary", NOW) is Step.WRITE
    assert next_step(arrived, "canary", NOW + EVERY_SECONDS - 1) is None
    assert next_step(arrived, "canary", NOW + EVERY_SECONDS) is Step.WRITE


def test_one_that_has_not_arrived_is_looked_for_in_every_round_and_no_other_is_written() -> None:
    missing = after(Freshness(), unseen(4))
    assert next_step(missing, "canary", NOW + 10) is Step.LOOK
    assert next_step(missing, "canary", NOW + 600) is Step.LOOK


def test_after_a_failure_nothing_is_asked_for_a_minute() -> None:
    pending = after(after(Freshness(), unseen(4)), failed(NOW + 10, marker=MARKER))
    assert next_step(pending, "canary", NOW + 20) is None
    assert next_step(pending, "canary", NOW + 10 + EVERY_SECONDS) is Step.LOOK


def test_another_canary_gets_a_marker_of_its_own() -> None:
    missing = after(Freshness(), unseen(4))
    assert next_step(missing, "the other canary", NOW + 10) is None
    assert next_step(missing, "the other canary", NOW + EVERY_SECONDS) is Step.WRITE


def test_a_move_to_the_replica_is_told_of_its_lag_and_warned_of_a_large_one() -> None:
    def told(seconds: float, target: Side = Side.STANDBY) -> str:
        return warning(after(Freshness(), seen(seconds)), target=target, bearable_seconds=60)

    assert told(1.2) == "The replica was 1.2 s behind when that was last measured, at 2027-01-15T08:00:01Z."
    assert "WARNING" not in told(59)
    assert told(60).endswith("WARNING: new users and passwords changed shortly before may be missing there.")
    assert told(60, Side.PRIMARY) == ""
    assert warning(Freshness(), target=Side.STANDBY, bearable_seconds=60) == ""


moments = st.floats(min_value=NOW, max_value=NOW + 10_000)
markers = st.builds(Marker, value=st.integers(0, 2**31), written_at=moments, subject=st.sampled_from("ab"))


@st.composite
def gauged(draw: st.DrawFn) -> Gauged:
    began_at = draw(moments)
    marker = draw(st.none() | markers)
    found = draw(st.sampled_from(["seen", "unseen", "failed"])) if marker else "failed"
    return Gauged(
        began_at=began_at,
        ended_at=began_at + draw(st.floats(0, 20)),
        marker=marker,
        seen_at=draw(moments) if found == "seen" else None,
        unseen_at=draw(moments) if found == "unseen" else None,
        trouble="It was refused." if found == "failed" else "",
    )


@given(st.lists(gauged(), max_size=6))
def test_told_twice_of_a_measuring_it_says_the_same(measurings: list[Gauged]) -> None:
    freshness = Freshness()
    for each in measurings:
        once = after(freshness, each)
        assert after(once, each) == once
        freshness = once


@given(st.lists(gauged(), max_size=6))
def test_a_failure_never_makes_the_lag_larger(measurings: list[Gauged]) -> None:
    freshness = Freshness()
    for each in measurings:
        before, freshness = lag_of(freshness), after(freshness, each)
        now = lag_of(freshness)
        if each.trouble and now is not None:
            assert before is not None
            assert now.seconds <= before.seconds
