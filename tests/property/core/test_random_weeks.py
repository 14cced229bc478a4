"""Random weeks: by what DNS answers to clients, no user is moved without a decision or left on a sick side too long."""

import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from cognito_failover.common.region import RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core import decide
from tests.support.random_weeks.dns import CHECK_SECONDS, SPREAD_SECONDS
from tests.support.random_weeks.schedule import DEAD, HOUR_SECONDS, Kind, Records, Week, WeekEvent, make_week
from tests.support.random_weeks.totals import run_seed
from tests.support.random_weeks.week_world import WeekWorld

FAULT_AT = HOUR_SECONDS


@pytest.fixture(autouse=True, scope="module")
def _silence_the_log() -> Iterator[None]:
    """Keep thousands of warnings out of the report, and restore the level for later tests of the process."""
    log = logging.getLogger("cognito_failover")
    level = log.level
    log.setLevel(logging.CRITICAL)
    yield
    log.setLevel(level)


def make_quiet_week(*events: WeekEvent) -> Week:
    """Return a week in which only these events happen, to a deployment with both latches."""
    week = make_week(0)
    return replace(
        week,
        latches=tuple(SteeredName),
        records=Records.CNAME,
        own_checks=frozenset(),
        settings={},
        acknowledges_after_seconds=None,
        events=events,
    )


def make_outage(role: RegionRole = RegionRole.PRIMARY, *, at: float = FAULT_AT) -> WeekEvent:
    """Return an outage of two hours."""
    return WeekEvent(at=at, kind=Kind.REGION, seconds=2 * HOUR_SECONDS, details={"role": role, "health": DEAD})


# A seed has no simpler neighbours, so nothing is gained by shrinking it.
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=60, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_random_week_keeps_every_promise(seed: int) -> None:
    _, report = run_seed(seed)
    assert report.findings == [], f"python -m tests.support.random_weeks --show {seed} prints this week"


def test_week_with_one_outage_moves_users_within_the_bound() -> None:
    world = WeekWorld(make_quiet_week(make_outage()))
    report = world.run()
    assert report.findings == []
    seconds_per_name = report.movable_seconds / len(world.names)
    assert 0 < seconds_per_name < world.settings.max_detection_seconds + CHECK_SECONDS + max(SPREAD_SECONDS.values())
    assert world.client_shares(SteeredName.RECORDS).standby == 1.0


def test_users_who_are_never_moved_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decide, "_decide_failover", decide._on_no_failover_needed)  # noqa: SLF001 - the fault
    report = WeekWorld(make_quiet_week(make_outage())).run()
    assert {finding.promise for finding in report.findings} == {"users stay on a sick side"}
    assert sum(report.late_seconds.values()) > HOUR_SECONDS


def test_outage_during_a_pause_counts_as_exposed_and_not_as_late() -> None:
    pause = WeekEvent(at=FAULT_AT - 60, kind=Kind.REQUEST, details={"action": "pause", "minutes": 600, "drives": False})
    report = WeekWorld(make_quiet_week(pause, make_outage())).run()
    assert report.findings == []
    assert (report.exposed_seconds > HOUR_SECONDS, report.movable_seconds) == (True, 0.0)


def test_outage_without_a_lever_in_reach_is_not_late() -> None:
    faults = [
        WeekEvent(at=FAULT_AT - 60, kind=Kind.ROUTE_53, seconds=9000, details={"calls": "zone.", "manner": "refuses"}),
        WeekEvent(
            at=FAULT_AT - 60,
            kind=Kind.SWITCH,
            seconds=9000,
            details={"calls": "", "manner": "refuses", "is_lost": False},
        ),
    ]
    report = WeekWorld(make_quiet_week(*faults, make_outage())).run()
    assert report.findings == []
    assert (report.exposed_seconds > HOUR_SECONDS, report.movable_seconds) == (True, 0.0)


@pytest.mark.parametrize("by_seconds", [HOUR_SECONDS, -HOUR_SECONDS, 86_400.0, -86_400.0])
def test_users_are_rescued_soon_after_the_clock_was_wrong(by_seconds: float) -> None:
    events = [
        WeekEvent(
            at=FAULT_AT - 1200, kind=Kind.CLOCK, seconds=26, details={"host": "controller", "by_seconds": by_seconds}
        ),
        WeekEvent(at=FAULT_AT - 900, kind=Kind.LATCH_BY_HAND, details={"names": tuple(SteeredName), "thrown": True}),
        make_outage(RegionRole.STANDBY),
    ]
    report = WeekWorld(make_quiet_week(*events)).run()
    assert report.findings == []
    assert report.exposed_seconds > 0


def test_users_whom_a_person_moved_without_route_53_are_rescued() -> None:
    control_plane = {"calls": "zone.", "manner": "refuses"}
    by_hand = {"names": tuple(SteeredName), "thrown": True}
    events = [
        WeekEvent(at=FAULT_AT - 1200, kind=Kind.ROUTE_53, seconds=9000, details=control_plane),
        WeekEvent(at=FAULT_AT - 600, kind=Kind.LATCH_BY_HAND, details=by_hand),
        make_outage(RegionRole.STANDBY),
    ]
    report = WeekWorld(make_quiet_week(*events)).run()
    assert report.findings == []
    assert report.exposed_seconds > 0


def test_weights_do_not_move_users_whom_a_person_brought_home() -> None:
    control_plane = {"calls": "zone.", "manner": "refuses"}
    by_hand = {"names": tuple(SteeredName), "thrown": False}
    events = [
        WeekEvent(at=FAULT_AT - 600, kind=Kind.ROUTE_53, seconds=12_000, details=control_plane),
        make_outage(),
        WeekEvent(at=FAULT_AT + 9000, kind=Kind.LATCH_BY_HAND, details=by_hand),
    ]
    world = WeekWorld(make_quiet_week(*events))
    report = world.run()
    assert report.findings == []
    assert world.client_shares(SteeredName.RECORDS).primary == 1.0


def test_latch_that_could_not_be_released_brings_nobody_to_a_dead_side() -> None:
    pause = {"action": "pause", "minutes": 600, "drives": False}
    lost = {"calls": "", "manner": "refuses", "is_lost": True}
    events = [
        make_outage(),
        WeekEvent(at=FAULT_AT + 9000, kind=Kind.SWITCH, seconds=9000, details=lost),
        WeekEvent(
            at=FAULT_AT + 10_000, kind=Kind.REGION, seconds=3600, details={"role": RegionRole.STANDBY, "health": DEAD}
        ),
        WeekEvent(at=FAULT_AT + 15_000, kind=Kind.REQUEST, details=pause),
        make_outage(at=FAULT_AT + 16_000),
    ]
    report = WeekWorld(replace(make_quiet_week(*events), latches=(SteeredName.RECORDS,))).run()
    assert report.findings == []


def test_change_without_a_decision_that_moves_users_is_found() -> None:
    world = WeekWorld(make_quiet_week(make_outage(RegionRole.STANDBY)))
    world.wait(60)
    world.switches["records-check"].set(thrown=True)
    assert [finding.promise for finding in world.judge.report.findings] == ["users are moved without a decision"]


def test_change_that_moves_no_user_is_not_found() -> None:
    world = WeekWorld(make_quiet_week())
    world.switches["records-check"].set(thrown=False)
    assert world.judge.report.findings == []
