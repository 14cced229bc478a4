"""On which side of each limit a drill falls, exactly, and what it then says."""

import re
from dataclasses import replace
from typing import Any

import pytest

from failover.decision.announcement import Kind
from failover.decision.decide import decide
from failover.decision.drill import Drill, DrillKind, DrillOutcome, DrillStage
from failover.decision.drill_request import abort_drill
from failover.decision.drilling import aborted, go_on
from failover.decision.knowledge import Knowledge
from failover.decision.move import ALL_LEVERS, IN_ONE, IN_STEPS, REVERTED, THERE_AND_BACK, LeverName, Move
from failover.decision.outside import SignIns
from failover.decision.request import Action, Request
from failover.decision.state import Hold, LatchState, Streak
from failover.decision.suspicion import Suspicion
from failover.levers.latch import LatchName
from failover.probe.verdict import Verdict
from failover.region import PerSide, Side
from tests.support.drill_values import (
    ABORTED,
    CLEAN,
    GOING,
    HEALTHY,
    HOLDING,
    NOW,
    OVERTAKEN,
    RETURNING,
    SETTINGS,
    SICK,
    UNKNOWN,
    drill,
    knowledge,
    move,
    state,
    streak,
)


def levers_test(**changes: Any) -> Drill:
    """Return a drill in which one lever has been tested, and another one is next."""
    levers = (LeverName.WEIGHTS, LeverName.RECORDS_LATCH)
    return drill(**{"kind": DrillKind.LEVER_TEST, "stage": GOING, "levers": levers, **changes})


def after(
    on: Drill, known: Knowledge | None = None, sign_ins: SignIns | None = None, **changes: Any
) -> tuple[Any, str]:
    """Return what is remembered, and what is said, after a round more."""
    remembered, said, _ = go_on(
        state(on, **changes), known or knowledge(), SETTINGS, NOW, SignIns() if sign_ins is None else sign_ins
    )
    return remembered, said


def reason(said: str) -> str:
    """Return why a drill has ended, from what is said of its end; all of it if the drill goes on."""
    ended = re.fullmatch(r"Drill \S+ has ended, \w+, after [^:]+: (.+\.) Users are on .+", said)
    return ended[1] if ended else said


def outcome(on: Drill, known: Knowledge | None = None, **changes: Any) -> DrillOutcome | None:
    """Return how a drill has ended after a round more; None if it goes on."""
    remembered, _ = after(on, known, **changes)
    return None if remembered.drill else remembered.last_drill.outcome


@pytest.mark.parametrize(
    ("of", "ended_ago", "ends"),
    [("", 40, OVERTAKEN), ("drill-0", 40, OVERTAKEN), ("", 1000, ABORTED), ("drill-1", 40, None)],
)
def test_a_move_that_began_and_ended_between_two_rounds_overtakes_a_drill_unless_it_is_its_own_or_older(
    of: str, ended_ago: float, ends: DrillOutcome | None
) -> None:
    between: dict[str, Any] = {
        "last_move": move("there" if of == "drill-1" else "other", drill=of),
        "last_move_ended_at": NOW - ended_ago,
    }
    assert outcome(levers_test(), **between) is ends


def test_a_drill_that_has_made_no_move_yet_is_overtaken_by_none() -> None:
    fed = drill(kind=DrillKind.BLIND, stage=DrillStage.FEEDING, moves=(), rounds=3)
    assert outcome(fed, last_move=None, last_move_ended_at=None) is None


@pytest.mark.parametrize(
    ("on", "active", "ends"),
    [
        (drill(), Side.STANDBY, None),
        (drill(), Side.PRIMARY, OVERTAKEN),
        (drill(stage=RETURNING), Side.PRIMARY, OVERTAKEN),
        (drill(stage=RETURNING, home="there"), Side.PRIMARY, OVERTAKEN),
        (drill(stage=RETURNING, home="home"), Side.PRIMARY, CLEAN),
    ],
)
def test_users_who_are_not_where_the_drill_has_left_them_have_been_moved_by_somebody_else(
    on: Drill, active: Side, ends: DrillOutcome | None
) -> None:
    last = move(on.home or "there", Side.PRIMARY if on.home == "home" else Side.STANDBY)
    remembered, said = after(on, active=active, last_move=last)
    assert (None if remembered.drill else remembered.last_drill.outcome) is ends
    moved = ends is OVERTAKEN and not on.home
    assert reason(said).endswith("users have been moved, and not by the drill.") is moved


def test_what_overtakes_a_drill_is_said() -> None:
    assert "automation waits for an acknowledgement: edited" in after(drill(), hold=Hold(since=NOW, reason="edited"))[1]
    theirs = move("theirs", drill="")
    assert "the move theirs has begun, which is none of the drill's." in after(drill(), move=theirs)[1]


@pytest.mark.parametrize(
    ("on", "under_way", "rounds", "ends"),
    [
        (drill(), None, 2, None),
        (drill(), None, 3, OVERTAKEN),
        (drill(stage=GOING), move(), 3, OVERTAKEN),
        (drill(stage=GOING), move(steps=REVERTED), 3, None),
        (drill(stage=RETURNING, home="home"), move("home", Side.PRIMARY), 3, None),
    ],
)
def test_a_primary_that_is_sick_for_as_long_as_a_suspicion_takes_ends_a_drill_until_users_go_home(
    on: Drill, under_way: Move | None, rounds: int, ends: DrillOutcome | None
) -> None:
    sick = PerSide(primary=streak(SICK, rounds), standby=streak(HEALTHY, 30))
    remembered, said = after(on, knowledge(SICK), move=under_way, streaks=sick)
    assert (None if remembered.drill else remembered.last_drill.outcome) is ends
    assert ("ap-northeast-1 really has been sick for 3 rounds." in said) is bool(ends)


def test_a_primary_that_is_long_throttled_does_not_end_it() -> None:
    throttled = PerSide(primary=streak(Verdict.THROTTLED, 30), standby=streak(HEALTHY, 30))
    assert outcome(drill(), knowledge(Verdict.THROTTLED), streaks=throttled) is None


@pytest.mark.parametrize(
    ("on", "under_way", "known", "counted"),
    [
        (drill(), None, knowledge(), (1, 0)),
        (drill(), None, knowledge(standby=Verdict.THROTTLED), (1, 1)),
        (drill(), None, knowledge(standby=UNKNOWN), (0, 0)),
        (drill(), None, knowledge(standby=SICK, cut_off=True), (0, 0)),
        (drill(stage=GOING), move(), knowledge(), (1, 0)),
        (drill(stage=GOING), move(first_submitted_at=None), knowledge(), (0, 0)),
        (drill(stage=GOING), move(steps=REVERTED), knowledge(), (0, 0)),
        (drill(stage=RETURNING, home="home"), move("home", Side.PRIMARY), knowledge(), (0, 0)),
    ],
)
def test_a_sign_in_on_the_standby_counts_while_users_are_there_or_on_their_way_there(
    on: Drill, under_way: Move | None, known: Knowledge, counted: tuple[int, int]
) -> None:
    remembered, _ = after(on, known, move=under_way)
    assert (remembered.drill.tried, remembered.drill.failed) == counted


def test_of_the_sign_ins_through_the_domain_the_failed_ones_count_last_and_the_controllers_own_after_them() -> None:
    remembered, _ = after(drill(), knowledge(standby=UNKNOWN), SignIns(tried=5, failed=2))
    assert (remembered.drill.tried, remembered.drill.failed, remembered.drill.failed_in_a_row) == (5, 2, 2)
    remembered, _ = after(drill(), knowledge(), SignIns(tried=5, failed=2))
    assert (remembered.drill.tried, remembered.drill.failed, remembered.drill.failed_in_a_row) == (6, 2, 0)


def test_a_sign_in_through_the_domain_that_says_nothing_is_not_counted() -> None:
    before = SignIns(tried=3, failed=1)
    assert before.with_one(ok=None) == before
    assert before.with_one(ok=True) == SignIns(tried=4, failed=1)
    assert before.with_one(ok=False) == SignIns(tried=4, failed=2)


@pytest.mark.parametrize(("seconds", "gives_up"), [(900, False), (900.5, True)])
def test_a_move_may_take_a_quarter_of_an_hour(seconds: float, *, gives_up: bool) -> None:
    remembered, said = after(drill(stage=GOING, stage_since=NOW - seconds), move=move())
    assert bool(remembered.drill.aborted) is gives_up
    assert said.startswith(
        "Drill drill-1 is aborted: its move has not ended within 15 min. Traffic goes back to ap-northeast-1"
        if gives_up
        else "Drill drill-1: users are on their way."
    )


@pytest.mark.parametrize(
    ("seconds", "primary", "there_at", "stay"),
    [
        (900.5, UNKNOWN, NOW - 800, True),
        (900, UNKNOWN, NOW - 800, False),
        (900.5, HEALTHY, NOW - 800, False),
        (900.5, UNKNOWN, None, False),
    ],
)
def test_users_of_a_levers_test_stay_there_once_nobody_has_been_at_home_for_a_quarter_of_an_hour(
    seconds: float, primary: Verdict, there_at: float | None, *, stay: bool
) -> None:
    there = move(steps=THERE_AND_BACK, levers=(LeverName.WEIGHTS,), there_at=there_at)
    remembered, said = after(levers_test(stage_since=NOW - seconds), knowledge(primary), move=there)
    assert remembered.move
    assert ((remembered.move.steps, remembered.move.levers) == (IN_ONE, ALL_LEVERS)) is stay
    assert ("overtaken" in said and reason(said) == "ap-northeast-1 has not served for 15 min.") is stay


@pytest.mark.parametrize(
    ("seconds", "known", "ends"),
    [
        (1800, knowledge(UNKNOWN), None),
        (1800.5, knowledge(UNKNOWN), ABORTED),
        (60, knowledge(standby=UNKNOWN), None),
        (60, knowledge(cut_off=True), None),
    ],
)
def test_the_next_lever_waits_half_an_hour_for_both_regions_and_for_the_world(
    seconds: float, known: Knowledge, ends: DrillOutcome | None
) -> None:
    remembered, said = after(levers_test(stage_since=NOW - seconds), known)
    assert remembered.move is None
    assert (None if remembered.drill else remembered.last_drill.outcome) is ends
    assert reason(said).endswith(
        "the Regions do not both serve any more."
        if ends
        else "Drill drill-1: the records-latch is tested once both Regions are known to serve."
    )


def test_the_next_lever_goes_there_and_back_alone() -> None:
    remembered, _ = after(levers_test())
    assert remembered.drill.stage_since == NOW
    assert remembered.drill.levers == remembered.move.levers == (LeverName.RECORDS_LATCH,)
    assert remembered.move.steps == THERE_AND_BACK


@pytest.mark.parametrize(("held", "goes_home"), [(599.5, False), (600, True)])
def test_users_go_home_when_they_have_been_there_for_as_long_as_was_asked_for(held: float, *, goes_home: bool) -> None:
    remembered, said = after(drill(stage_since=NOW - held, steps=IN_STEPS), blocked_by="cool-down")
    assert (remembered.move is not None) is goes_home
    assert remembered.blocked_by == ("" if goes_home else "cool-down")
    if goes_home:
        assert (remembered.drill.stage, remembered.drill.stage_since, remembered.drill.home) == (
            RETURNING,
            NOW,
            remembered.move.id,
        )
        assert (remembered.move.steps, remembered.move.automatic) == (IN_STEPS, False)
    else:
        assert said == "Drill drill-1: users stay on the standby for 0.5 s more."


def test_nothing_is_suspected_any_more_once_a_drill_has_users_go_home() -> None:
    suspicion = Suspicion(side=Side.STANDBY, evidence=6, rounds=2, sick_rounds=2, since=NOW - 20)
    over = state(drill(stage_since=NOW - 600), suspicion=suspicion)
    after_it = decide(over, knowledge(), SETTINGS, NOW).state
    assert after_it.move
    assert after_it.suspicion == Suspicion(side=Side.STANDBY)


def test_a_drill_that_goes_home_early_takes_everybody_at_once() -> None:
    remembered, _, _ = aborted(state(drill(steps=IN_STEPS)), "enough.", knowledge(), SETTINGS, NOW)
    assert remembered.move
    assert remembered.move.steps == IN_ONE


@pytest.mark.parametrize(
    ("known", "primary", "why"),
    [
        (knowledge(), streak(HEALTHY, 2), "ap-northeast-1 has been healthy for 2 of 3 rounds."),
        (knowledge(), streak(UNKNOWN, 30), "ap-northeast-1 has been healthy for 0 of 3 rounds."),
        (knowledge(cut_off=True), streak(HEALTHY, 3), "No third Region answers."),
        (knowledge(), streak(HEALTHY, 3), ""),
    ],
)
def test_users_go_home_only_to_a_primary_that_is_seen_to_be_well(known: Knowledge, primary: Streak, why: str) -> None:
    streaks = PerSide(primary=primary, standby=streak(HEALTHY, 30))
    remembered, said = after(drill(stage=RETURNING), known, streaks=streaks)
    assert (remembered.move is None) is bool(why)
    assert not why or said == f"Drill drill-1: users go home once nothing is in the way: {why}"


@pytest.mark.parametrize(("seconds", "ends"), [(900, None), (900.5, OVERTAKEN)])
def test_users_wait_a_quarter_of_an_hour_for_a_primary_to_go_home_to(seconds: float, ends: DrillOutcome | None) -> None:
    remembered, said = after(drill(stage=RETURNING, stage_since=NOW - seconds), knowledge(cut_off=True))
    assert (None if remembered.drill else remembered.last_drill.outcome) is ends
    assert not ends or reason(said) == "nobody could be brought home for 15 min: No third Region answers."


@pytest.mark.parametrize(
    ("last", "ends", "why"),
    [
        (move("home", Side.PRIMARY), CLEAN, "everything went as planned."),
        (move("home", Side.PRIMARY, steps=REVERTED, turned_back="it fell sick."), OVERTAKEN, "it fell sick."),
        (move("home", Side.PRIMARY, steps=REVERTED), OVERTAKEN, "the way home was given up before it moved anybody."),
        (move(), OVERTAKEN, "the way home was given up before it moved anybody."),
        (None, OVERTAKEN, "the way home was given up before it moved anybody."),
    ],
)
def test_a_way_home_that_brought_nobody_home_is_no_clean_end(last: Move | None, ends: DrillOutcome, why: str) -> None:
    remembered, said = after(drill(stage=RETURNING, home="home"), last_move=last)
    assert (remembered.last_drill.outcome, reason(said)) == (ends, why)


def test_a_way_home_that_was_taken_early_ends_an_aborted_drill() -> None:
    home = move("home", Side.PRIMARY)
    remembered, said = after(drill(stage=RETURNING, home="home", aborted="enough."), last_move=home)
    assert (remembered.last_drill.outcome, reason(said)) == (ABORTED, "enough.")


@pytest.mark.parametrize(
    ("early", "last", "why"),
    [
        ("", move("other"), "its move was given up before it moved anybody."),
        ("enough.", move("other"), "enough."),
        ("", move(steps=REVERTED, turned_back="it fell sick."), "it fell sick."),
        ("enough.", move(steps=REVERTED, turned_back="the drill is aborted"), "enough."),
        ("enough.", move(steps=REVERTED), "enough."),
    ],
)
def test_a_way_there_that_was_given_up_or_turned_round_ends_an_aborted_drill(early: str, last: Move, why: str) -> None:
    remembered, said = after(drill(stage=GOING, aborted=early), last_move=last)
    assert (remembered.last_drill.outcome, reason(said)) == (ABORTED, why)


def test_users_who_have_come_there_are_held_from_when_they_were() -> None:
    remembered, _ = after(drill(stage=GOING), active=Side.STANDBY)
    assert (remembered.drill.stage, remembered.drill.stage_since) == (HOLDING, NOW - 40)


def test_users_of_a_drill_that_was_aborted_on_the_way_there_go_home_once_they_are() -> None:
    remembered, _ = after(drill(stage=GOING, aborted="enough."), active=Side.STANDBY)
    assert (remembered.drill.stage, remembered.drill.stage_since) == (RETURNING, NOW)
    assert remembered.drill.home == remembered.move.id


def test_an_abort_on_the_way_there_turns_users_round_once_the_primary_serves() -> None:
    on = state(drill(stage=GOING), move=move())
    waiting, said, _ = aborted(on, "enough.", knowledge(UNKNOWN), SETTINGS, NOW)
    assert said == "Drill drill-1 is aborted: enough. Users go home once ap-northeast-1 is known to serve."
    assert waiting.move == on.move
    turned, said, _ = go_on(waiting, knowledge(), SETTINGS, NOW)
    assert turned.move
    assert (turned.move.turned_back, turned.move.step_began_at) == ("the drill drill-1 is aborted: enough.", NOW)


@pytest.mark.parametrize("thrown", [False, True])
def test_an_abort_before_any_lever_was_touched_gives_the_move_up(thrown: bool) -> None:
    unbegun = move(progress=None, first_submitted_at=None)
    on = state(drill(stage=GOING), move=unbegun, latches={LatchName.RECORDS: LatchState(thrown=thrown)})
    after_it, said, told = aborted(on, "enough.", knowledge(), SETTINGS, NOW)
    assert (after_it.move is None) is not thrown
    assert [each.kind for each in told] == [Kind.DRILL_ABORTED, Kind.MOVE_REVERTING if thrown else Kind.MOVE_WITHDRAWN]
    assert said.endswith(": the drill drill-1 is aborted: enough.")


def test_sign_ins_that_fail_on_the_way_there_turn_users_round() -> None:
    on = drill(stage=GOING, tried=2, failed=2, failed_in_a_row=2)
    remembered, said, told = go_on(state(on, move=move()), knowledge(standby=SICK), SETTINGS, NOW)
    why = "3 of 3 sign-ins on us-east-1 have failed, the last 3 in a row: As seen."
    assert said.startswith(f"Drill drill-1 is aborted: {why} Traffic goes back to ap-northeast-1")
    assert remembered.move
    assert remembered.move.steps == REVERTED
    assert {each.at for each in told} == {NOW}


def test_users_on_their_way_home_are_left_to_it() -> None:
    for under_way, home in ((move("home", Side.PRIMARY), "home"), (move(steps=REVERTED), "")):
        on = drill(stage=RETURNING if home else GOING, home=home, aborted="enough.", stage_since=NOW - 1800)
        remembered, said = after(on, move=under_way)
        assert said == "Drill drill-1: users are on their way home."
        assert replace(remembered, drill=on) == state(on, move=under_way)


def fed(times: int, rounds: int = 3, **changes: Any) -> Drill:
    """Return a blind drill that has had the primary taken for sick in some rounds already."""
    usual: dict[str, Any] = {"kind": DrillKind.BLIND, "stage": DrillStage.FEEDING, "moves": ()}
    return drill(fed=times, rounds=rounds, **{**usual, **changes})


@pytest.mark.parametrize(
    ("on", "blocked_by", "ends", "why"),
    [
        (fed(2), "", None, "Drill drill-1: ap-northeast-1 is taken for sick, in round 3 of 3."),
        (fed(3), "", ABORTED, "3 sick rounds moved nobody."),
        (fed(2, rounds=2), "", CLEAN, "2 sick rounds moved nobody, as was to be expected."),
        (fed(3), "not-paused", ABORTED, "the rule not-paused kept it from moving anybody."),
        (fed(1, stage_since=NOW - 900), "", None, "Drill drill-1: ap-northeast-1 is taken for sick, in round 2 of 3."),
        (fed(1, stage_since=NOW - 900.5), "", ABORTED, "1 sick round moved nobody."),
    ],
)
def test_the_primary_is_taken_for_sick_in_so_many_rounds_and_for_no_longer_than_a_quarter_of_an_hour(
    on: Drill, blocked_by: str, ends: DrillOutcome | None, why: str
) -> None:
    remembered, said = after(on, blocked_by=blocked_by)
    assert (None if remembered.drill else remembered.last_drill.outcome) is ends
    assert reason(said) == why
    assert ends or remembered.drill.fed == on.fed + 1


@pytest.mark.parametrize(
    ("known", "why"),
    [
        (knowledge(SICK), "ap-northeast-1 really is sick: As seen."),
        (knowledge(standby=UNKNOWN), "us-east-1 really is unknown: As seen."),
        (knowledge(cut_off=True), "no third Region answers."),
    ],
)
def test_the_first_thing_that_is_really_wrong_ends_the_feeding_and_leaves_nothing_of_it(
    known: Knowledge, why: str
) -> None:
    suspicion = Suspicion(side=Side.PRIMARY, evidence=6, rounds=2, sick_rounds=2, since=NOW - 20)
    remembered, said = after(fed(2), known, suspicion=suspicion, blocked_by="cool-down")
    assert remembered.last_drill.outcome is OVERTAKEN
    assert reason(said) == why
    assert (remembered.suspicion, remembered.blocked_by) == (Suspicion(side=Side.PRIMARY), "")


def test_what_is_really_suspected_outlives_a_drill_that_feeds_nothing() -> None:
    suspicion = Suspicion(side=Side.STANDBY, evidence=3, rounds=1, sick_rounds=1, since=NOW)
    remembered, _ = after(drill(), suspicion=suspicion, hold=Hold(since=NOW, reason="edited"), blocked_by="cool-down")
    assert remembered.drill is None
    assert (remembered.suspicion, remembered.blocked_by) == (suspicion, "cool-down")


ABORT = Request(action=Action.ABORT, reason="enough", requested_by="Aiko")


@pytest.mark.parametrize(
    ("on", "under_way"),
    [
        (drill(stage=RETURNING), None),
        (drill(stage=GOING, aborted="enough."), move()),
        (drill(stage=GOING), move(steps=REVERTED)),
    ],
)
def test_an_abort_of_what_goes_home_already_says_so_and_changes_nothing(on: Drill, under_way: Move | None) -> None:
    before = state(on, move=under_way)
    response = abort_drill(before, on, knowledge(), ABORT, SETTINGS, NOW)
    assert (response.done, response.state, response.announcements) == (True, before, ())
    assert response.sentence == "The drill drill-1 is already bringing users back to ap-northeast-1."


def test_an_abort_towards_a_sick_primary_is_refused_unless_nobody_has_left_it() -> None:
    before = state(drill())
    response = abort_drill(before, drill(), knowledge(SICK), ABORT, SETTINGS, NOW)
    assert (response.done, response.state, response.rule) == (False, before, "target-serves")
    assert response.sentence == (
        "Refused, nothing was changed: ap-northeast-1, where users would go back to, is sick: As seen. "
        "Once it has been for 3 rounds the drill ends by itself."
    )
    assert abort_drill(state(fed(1)), fed(1), knowledge(SICK), ABORT, SETTINGS, NOW).done
