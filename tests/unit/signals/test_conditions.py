"""What an alarm may ring for."""

import pytest

from failover.decision.knowledge import Knowledge, Known
from failover.decision.state import Hold, LatchState, Pause, State, Surveyed, Trailing
from failover.levers.latch import LatchName
from failover.probe.verdict import Verdict
from failover.region import PerSide
from failover.signals import conditions
from tests.unit.signals.examples import NOW, move, settings, state

TRIGGERS_COUNT = settings(count_trigger_as_sick=True)


def known(primary: Verdict = Verdict.HEALTHY, standby: Verdict = Verdict.HEALTHY) -> Knowledge:
    def of(verdict: Verdict) -> Known:
        return Known(verdict=verdict, observed_at=NOW, detail="seen")

    return Knowledge(sides=PerSide(primary=of(primary), standby=of(standby)), cut_off=False)


@pytest.mark.parametrize("verdict", Verdict)
def test_a_primary_is_sick_by_what_moves_users_and_by_nothing_else(verdict: Verdict) -> None:
    assert conditions.primary_is_sick(known(primary=verdict), settings()) is (verdict is Verdict.SICK)
    counts = verdict in {Verdict.SICK, Verdict.TRIGGER}
    assert conditions.primary_is_sick(known(primary=verdict), TRIGGERS_COUNT) is counts


@pytest.mark.parametrize("verdict", Verdict)
def test_a_standby_is_not_ready_where_no_other_alarm_says_why(verdict: Verdict) -> None:
    not_ready = verdict in {Verdict.SICK, Verdict.NOT_READY}
    assert conditions.standby_is_not_ready(known(standby=verdict), settings()) is not_ready
    assert conditions.standby_is_not_ready(known(standby=verdict), TRIGGERS_COUNT) is (
        not_ready or verdict is Verdict.TRIGGER
    )


def test_regions_of_which_nothing_is_known_are_counted() -> None:
    assert conditions.unjudged_regions(known()) == 0
    assert conditions.unjudged_regions(known(Verdict.UNKNOWN, Verdict.UNKNOWN)) == 2


def test_a_move_is_as_old_as_its_present_step() -> None:
    assert conditions.move_age_seconds(state(), NOW) == 0
    assert conditions.move_age_seconds(state(move=move(step_began_at=NOW - 90)), NOW) == 90
    assert conditions.move_age_seconds(state(move=move(step_began_at=NOW + 1)), NOW) == 0


SET = LatchState(thrown=True, set_at=NOW)
UNSET = LatchState(thrown=True, trouble="S3 answered SlowDown")


@pytest.mark.parametrize(
    ("remembered", "disagree"),
    [
        (state(), False),
        (state(trailing=Trailing()), True),
        (state(latches={LatchName.RECORDS: SET}), False),
        (state(latches={LatchName.RECORDS: SET, LatchName.DOMAIN: UNSET}), True),
        (state(latches={LatchName.RECORDS: UNSET}, move=move()), False),
        (state(trailing=Trailing(), move=move()), False),
    ],
)
def test_levers_disagree_once_a_move_is_over_and_one_has_not_followed(remembered: State, *, disagree: bool) -> None:
    assert conditions.levers_disagree(remembered) is disagree


@pytest.mark.parametrize(
    ("remembered", "out_of_reach"),
    [
        (state(), False),
        (state(surveyed=Surveyed(at=NOW)), False),
        (state(surveyed=Surveyed(at=NOW, out_of_reach="Throttling")), True),
        (state(latches={LatchName.RECORDS: LatchState(thrown=False, set_at=NOW, trouble="SlowDown")}), True),
        (state(latches={LatchName.RECORDS: UNSET}), False),
    ],
)
def test_a_lever_is_out_of_reach_once_that_was_told(remembered: State, *, out_of_reach: bool) -> None:
    assert conditions.levers_out_of_reach(remembered) is out_of_reach


@pytest.mark.parametrize(
    ("remembered", "drifted"),
    [
        (state(surveyed=Surveyed(at=NOW)), False),
        (state(hold=Hold(since=NOW, reason="somebody")), True),
        (state(surveyed=Surveyed(at=NOW, problem="no records")), True),
    ],
)
def test_what_steers_users_has_drifted_where_a_person_has_to_look(remembered: State, *, drifted: bool) -> None:
    assert conditions.drifted(remembered) is drifted


@pytest.mark.parametrize(
    ("remembered", "paused"),
    [
        (state(), False),
        (state(observe_only=True), True),
        (state(pause=Pause(until=NOW + 1, reason="", requested_by="")), True),
        (state(pause=Pause(until=NOW, reason="", requested_by="")), False),
    ],
)
def test_automation_is_paused_while_a_person_wants_it_so(remembered: State, *, paused: bool) -> None:
    assert conditions.paused(remembered, NOW) is paused
