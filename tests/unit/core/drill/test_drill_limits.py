"""The exact limits of a drill, and its messages at each limit."""

import re
from dataclasses import replace
from typing import Any

import pytest

from cognito_failover.common.region import PerRole, RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.consensus import Consensus
from cognito_failover.core.decide import decide
from cognito_failover.core.drill.lifecycle import abort_active_drill, advance_drill
from cognito_failover.core.failure_detector import Suspicion
from cognito_failover.core.model.drill import Drill, DrillKind, DrillOutcome, DrillStage
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.model.move import ALL_LEVERS, LeverName, Move, MoveMode
from cognito_failover.core.model.state import Hold, LatchState, VerdictStreak
from cognito_failover.core.operator.drill_request import abort_drill
from cognito_failover.core.operator.request import OperatorAction, OperatorRequest
from cognito_failover.core.user_sign_ins import UserSignInCounts
from cognito_failover.core.verdict import Verdict
from tests.support.drill_fixtures import (
    ABORTED,
    HEALTHY,
    INTERRUPTED,
    MOVING_BACK,
    MOVING_OUT,
    NOW,
    ON_STANDBY,
    SICK,
    SUCCEEDED,
    UNKNOWN,
    make_consensus,
    make_context,
    make_drill,
    make_move,
    make_state,
    make_streak,
)


def make_lever_test(**changes: Any) -> Drill:
    """Return a lever test with one tested lever and another one next."""
    levers = (LeverName.WEIGHTS, LeverName.RECORDS_LATCH)
    return make_drill(**{"kind": DrillKind.LEVER_TEST, "stage": MOVING_OUT, "levers": levers, **changes})


def advance_one_round(
    on: Drill, known: Consensus | None = None, sign_ins: UserSignInCounts | None = None, **changes: Any
) -> tuple[Any, str]:
    """Return the state and the message after one more round."""
    after = advance_drill(make_state(on, **changes), make_context(known), sign_ins or UserSignInCounts())
    return after.state, after.message


def parse_end_reason(message: str) -> str:
    """Return the reason in the message of a drill's end, or the whole message if the drill continues."""
    match = re.fullmatch(r"Drill \S+ has ended, \w+, after [^:]+: (.+\.) Users are on .+", message)
    return match[1] if match else message


def get_outcome(on: Drill, known: Consensus | None = None, **changes: Any) -> DrillOutcome | None:
    """Return the outcome of a drill after one more round; None if it continues."""
    state, _ = advance_one_round(on, known, **changes)
    return None if state.drill else state.last_drill.outcome


@pytest.mark.parametrize(
    ("drill_id", "ended_ago", "ends"),
    [("", 40, INTERRUPTED), ("drill-0", 40, INTERRUPTED), ("", 1000, ABORTED), ("drill-1", 40, None)],
)
def test_unrelated_move_between_rounds_interrupts_drill(
    drill_id: str, ended_ago: float, ends: DrillOutcome | None
) -> None:
    last_move_fields: dict[str, Any] = {
        "last_move": make_move("there" if drill_id == "drill-1" else "other", drill_id=drill_id),
        "last_move_ended_at": NOW - ended_ago,
    }
    assert get_outcome(make_lever_test(), **last_move_fields) is ends


def test_drill_without_moves_is_not_interrupted() -> None:
    drill = make_drill(
        kind=DrillKind.SIMULATED_OUTAGE, stage=DrillStage.SIMULATING, move_ids=(), max_simulated_rounds=3
    )
    assert get_outcome(drill, last_move=None, last_move_ended_at=None) is None


@pytest.mark.parametrize(
    ("on", "active", "ends"),
    [
        (make_drill(), RegionRole.STANDBY, None),
        (make_drill(), RegionRole.PRIMARY, INTERRUPTED),
        (make_drill(stage=MOVING_BACK), RegionRole.PRIMARY, INTERRUPTED),
        (make_drill(stage=MOVING_BACK, return_move_id="there"), RegionRole.PRIMARY, INTERRUPTED),
        (make_drill(stage=MOVING_BACK, return_move_id="home"), RegionRole.PRIMARY, SUCCEEDED),
    ],
)
def test_users_in_unexpected_region_interrupt_drill(on: Drill, active: RegionRole, ends: DrillOutcome | None) -> None:
    last = make_move(
        on.return_move_id or "there", RegionRole.PRIMARY if on.return_move_id == "home" else RegionRole.STANDBY
    )
    state, message = advance_one_round(on, active_role=active, last_move=last)
    assert (None if state.drill else state.last_drill.outcome) is ends
    moved = ends is INTERRUPTED and not on.return_move_id
    assert ("users were moved, but not by the drill." in message) is moved


def test_interruption_reason_is_reported() -> None:
    assert (
        "automation waits for an acknowledgement: edited"
        in advance_one_round(make_drill(), hold=Hold(since=NOW, reason="edited"))[1]
    )
    other_move = make_move("theirs", drill_id="")
    assert (
        "the move theirs has started, and does not belong to the drill."
        in advance_one_round(make_drill(), move=other_move)[1]
    )


@pytest.mark.parametrize(
    ("on", "move", "rounds", "ends"),
    [
        (make_drill(), None, 2, None),
        (make_drill(), None, 3, INTERRUPTED),
        (make_drill(stage=MOVING_OUT), make_move(), 3, INTERRUPTED),
        (make_drill(stage=MOVING_OUT), make_move(mode=MoveMode.ROLLBACK), 3, None),
        (make_drill(stage=MOVING_BACK, return_move_id="home"), make_move("home", RegionRole.PRIMARY), 3, None),
    ],
)
def test_primary_sick_for_suspicion_time_ends_drill_before_return(
    on: Drill, move: Move | None, rounds: int, ends: DrillOutcome | None
) -> None:
    sick = PerRole(primary=make_streak(SICK, rounds), standby=make_streak(HEALTHY, 30))
    state, message = advance_one_round(on, make_consensus(SICK), move=move, streaks=sick)
    assert (None if state.drill else state.last_drill.outcome) is ends
    assert ("ap-northeast-1 really has been sick for 3 rounds." in message) is bool(ends)


def test_long_throttling_of_primary_does_not_end_drill() -> None:
    throttled = PerRole(primary=make_streak(Verdict.THROTTLED, 30), standby=make_streak(HEALTHY, 30))
    assert get_outcome(make_drill(), make_consensus(Verdict.THROTTLED), streaks=throttled) is None


@pytest.mark.parametrize(
    ("on", "move", "consensus", "counted"),
    [
        (make_drill(), None, make_consensus(), (1, 0)),
        (make_drill(), None, make_consensus(standby=Verdict.THROTTLED), (1, 1)),
        (make_drill(), None, make_consensus(standby=UNKNOWN), (0, 0)),
        (make_drill(), None, make_consensus(standby=SICK, isolated=True), (0, 0)),
        (make_drill(stage=MOVING_OUT), make_move(), make_consensus(), (1, 0)),
        (make_drill(stage=MOVING_OUT), make_move(first_submitted_at=None), make_consensus(), (0, 0)),
        (make_drill(stage=MOVING_OUT), make_move(mode=MoveMode.ROLLBACK), make_consensus(), (0, 0)),
        (
            make_drill(stage=MOVING_BACK, return_move_id="home"),
            make_move("home", RegionRole.PRIMARY),
            make_consensus(),
            (0, 0),
        ),
    ],
)
def test_standby_sign_in_counts_while_users_are_there_or_moving_there(
    on: Drill, move: Move | None, consensus: Consensus, counted: tuple[int, int]
) -> None:
    state, _ = advance_one_round(on, consensus, move=move)
    assert (state.drill.sign_in_count, state.drill.failed_sign_in_count) == counted


def test_probe_sign_in_is_counted_after_domain_sign_ins() -> None:
    state, _ = advance_one_round(make_drill(), make_consensus(standby=UNKNOWN), UserSignInCounts(tried=5, failed=2))
    assert (
        state.drill.sign_in_count,
        state.drill.failed_sign_in_count,
        state.drill.consecutive_failures,
    ) == (5, 2, 2)
    state, _ = advance_one_round(make_drill(), make_consensus(), UserSignInCounts(tried=5, failed=2))
    assert (
        state.drill.sign_in_count,
        state.drill.failed_sign_in_count,
        state.drill.consecutive_failures,
    ) == (6, 2, 0)


def test_inconclusive_domain_sign_in_is_not_counted() -> None:
    before = UserSignInCounts(tried=3, failed=1)
    assert before.with_attempt(ok=None) == before
    assert before.with_attempt(ok=True) == UserSignInCounts(tried=4, failed=1)
    assert before.with_attempt(ok=False) == UserSignInCounts(tried=4, failed=2)


@pytest.mark.parametrize(("seconds", "gives_up"), [(900, False), (900.5, True)])
def test_drill_is_aborted_when_its_move_exceeds_fifteen_minutes(seconds: float, *, gives_up: bool) -> None:
    state, message = advance_one_round(make_drill(stage=MOVING_OUT, stage_since=NOW - seconds), move=make_move())
    assert bool(state.drill.abort_reason) is gives_up
    assert message.startswith(
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
def test_lever_test_stays_on_standby_after_15_min_without_serving_primary(
    seconds: float, primary: Verdict, there_at: float | None, *, stay: bool
) -> None:
    there = make_move(mode=MoveMode.ROUND_TRIP, levers=(LeverName.WEIGHTS,), arrived_at=there_at)
    state, message = advance_one_round(make_lever_test(stage_since=NOW - seconds), make_consensus(primary), move=there)
    assert state.move
    assert ((state.move.mode, state.move.levers) == (MoveMode.ALL_AT_ONCE, ALL_LEVERS)) is stay
    assert (
        "interrupted" in message and parse_end_reason(message) == "ap-northeast-1 has not served for 15 min."
    ) is stay


@pytest.mark.parametrize(
    ("seconds", "consensus", "ends"),
    [
        (1800, make_consensus(UNKNOWN), None),
        (1800.5, make_consensus(UNKNOWN), ABORTED),
        (60, make_consensus(standby=UNKNOWN), None),
        (60, make_consensus(isolated=True), None),
    ],
)
def test_next_lever_waits_thirty_minutes_for_both_regions_to_serve(
    seconds: float, consensus: Consensus, ends: DrillOutcome | None
) -> None:
    state, message = advance_one_round(make_lever_test(stage_since=NOW - seconds), consensus)
    assert state.move is None
    assert (None if state.drill else state.last_drill.outcome) is ends
    assert parse_end_reason(message).endswith(
        "at least one Region does not serve any more."
        if ends
        else "Drill drill-1: the records-latch is tested when both Regions are known to serve."
    )


def test_next_lever_makes_round_trip_alone() -> None:
    state, _ = advance_one_round(make_lever_test())
    assert state.drill.stage_since == NOW
    assert state.drill.levers == state.move.levers == (LeverName.RECORDS_LATCH,)
    assert state.move.mode == MoveMode.ROUND_TRIP


@pytest.mark.parametrize(("held", "goes_home"), [(599.5, False), (600, True)])
def test_users_return_after_requested_hold_time(held: float, *, goes_home: bool) -> None:
    state, message = advance_one_round(
        make_drill(stage_since=NOW - held, return_mode=MoveMode.STEPPED), blocked_by="cool-down"
    )
    assert (state.move is not None) is goes_home
    assert state.blocked_by == ("" if goes_home else "cool-down")
    if goes_home:
        assert (state.drill.stage, state.drill.stage_since, state.drill.return_move_id) == (
            MOVING_BACK,
            NOW,
            state.move.id,
        )
        assert (state.move.mode, state.move.is_automatic) == (MoveMode.STEPPED, False)
    else:
        assert message == "Drill drill-1: users stay on the standby for 0.5 s more."


def test_return_clears_suspicion() -> None:
    suspicion = Suspicion(role=RegionRole.STANDBY, score=6, rounds=2, sick_rounds=2, since=NOW - 20)
    state = make_state(make_drill(stage_since=NOW - 600), suspicion=suspicion)
    updated_state = decide(state, make_context()).state
    assert updated_state.move
    assert updated_state.suspicion == Suspicion(role=RegionRole.STANDBY)


def test_abort_returns_all_users_at_once_despite_stepped_mode() -> None:
    after = abort_active_drill(make_state(make_drill(return_mode=MoveMode.STEPPED)), "enough.", make_context()).state
    assert after.move
    assert after.move.mode == MoveMode.ALL_AT_ONCE


@pytest.mark.parametrize(
    ("consensus", "primary", "reason"),
    [
        (make_consensus(), make_streak(HEALTHY, 2), "ap-northeast-1 has been healthy for 2 of 3 rounds."),
        (make_consensus(), make_streak(UNKNOWN, 30), "ap-northeast-1 has been healthy for 0 of 3 rounds."),
        (make_consensus(isolated=True), make_streak(HEALTHY, 3), "No third Region answers."),
        (make_consensus(), make_streak(HEALTHY, 3), ""),
    ],
)
def test_users_return_only_to_healthy_primary(consensus: Consensus, primary: VerdictStreak, reason: str) -> None:
    streaks = PerRole(primary=primary, standby=make_streak(HEALTHY, 30))
    state, message = advance_one_round(make_drill(stage=MOVING_BACK), consensus, streaks=streaks)
    assert (state.move is None) is bool(reason)
    assert not reason or message == f"Drill drill-1: users cannot return yet: {reason}"


@pytest.mark.parametrize(("seconds", "ends"), [(900, None), (900.5, INTERRUPTED)])
def test_return_waits_fifteen_minutes_for_healthy_primary(seconds: float, ends: DrillOutcome | None) -> None:
    state, message = advance_one_round(
        make_drill(stage=MOVING_BACK, stage_since=NOW - seconds), make_consensus(isolated=True)
    )
    assert (None if state.drill else state.last_drill.outcome) is ends
    assert not ends or parse_end_reason(message) == "users could not return for 15 min: No third Region answers."


@pytest.mark.parametrize(
    ("last", "ends", "reason"),
    [
        (make_move("home", RegionRole.PRIMARY), SUCCEEDED, "everything went as planned."),
        (
            make_move("home", RegionRole.PRIMARY, mode=MoveMode.ROLLBACK, rollback_reason="it became sick."),
            INTERRUPTED,
            "it became sick.",
        ),
        (
            make_move("home", RegionRole.PRIMARY, mode=MoveMode.ROLLBACK),
            INTERRUPTED,
            "the move back was cancelled before it moved users.",
        ),
        (make_move(), INTERRUPTED, "the move back was cancelled before it moved users."),
        (None, INTERRUPTED, "the move back was cancelled before it moved users."),
    ],
)
def test_drill_succeeds_only_if_its_return_move_completes(last: Move | None, ends: DrillOutcome, reason: str) -> None:
    state, message = advance_one_round(make_drill(stage=MOVING_BACK, return_move_id="home"), last_move=last)
    assert (state.last_drill.outcome, parse_end_reason(message)) == (ends, reason)


def test_return_after_abort_ends_drill_as_aborted() -> None:
    home = make_move("home", RegionRole.PRIMARY)
    state, message = advance_one_round(
        make_drill(stage=MOVING_BACK, return_move_id="home", abort_reason="enough."), last_move=home
    )
    assert (state.last_drill.outcome, parse_end_reason(message)) == (ABORTED, "enough.")


@pytest.mark.parametrize(
    ("early", "last", "reason"),
    [
        ("", make_move("other"), "its move was cancelled before it moved users."),
        ("enough.", make_move("other"), "enough."),
        ("", make_move(mode=MoveMode.ROLLBACK, rollback_reason="it became sick."), "it became sick."),
        ("enough.", make_move(mode=MoveMode.ROLLBACK, rollback_reason="the drill is aborted"), "enough."),
        ("enough.", make_move(mode=MoveMode.ROLLBACK), "enough."),
    ],
)
def test_cancelled_or_rolled_back_outbound_move_ends_drill_as_aborted(early: str, last: Move, reason: str) -> None:
    state, message = advance_one_round(make_drill(stage=MOVING_OUT, abort_reason=early), last_move=last)
    assert (state.last_drill.outcome, parse_end_reason(message)) == (ABORTED, reason)


def test_hold_time_starts_when_users_arrive() -> None:
    state, _ = advance_one_round(make_drill(stage=MOVING_OUT), active_role=RegionRole.STANDBY)
    assert (state.drill.stage, state.drill.stage_since) == (ON_STANDBY, NOW - 40)


def test_users_of_drill_aborted_while_moving_out_return_on_arrival() -> None:
    state, _ = advance_one_round(make_drill(stage=MOVING_OUT, abort_reason="enough."), active_role=RegionRole.STANDBY)
    assert (state.drill.stage, state.drill.stage_since) == (MOVING_BACK, NOW)
    assert state.drill.return_move_id == state.move.id


def test_abort_while_moving_out_rolls_back_once_primary_serves() -> None:
    on = make_state(make_drill(stage=MOVING_OUT), move=make_move())
    waiting = abort_active_drill(on, "enough.", make_context(make_consensus(UNKNOWN)))
    assert waiting.message == "Drill drill-1 is aborted: enough. Users return when ap-northeast-1 is known to serve."
    assert waiting.state.move == on.move
    returning = advance_drill(waiting.state, make_context()).state
    assert returning.move
    assert (returning.move.rollback_reason, returning.move.step_started_at) == (
        "the drill drill-1 is aborted: enough.",
        NOW,
    )


@pytest.mark.parametrize("thrown", [False, True])
def test_abort_cancels_unstarted_move_and_rolls_back_thrown_latch(thrown: bool) -> None:
    unstarted_move = make_move(progress=None, first_submitted_at=None)
    on = make_state(
        make_drill(stage=MOVING_OUT), move=unstarted_move, latches={SteeredName.RECORDS: LatchState(is_thrown=thrown)}
    )
    aborted = abort_active_drill(on, "enough.", make_context())
    assert (aborted.state.move is None) is not thrown
    assert [event.kind for event in aborted.events] == [
        EventKind.DRILL_ABORTED,
        EventKind.MOVE_ROLLING_BACK if thrown else EventKind.MOVE_CANCELLED,
    ]
    assert aborted.message.endswith(": the drill drill-1 is aborted: enough.")


def test_failing_sign_ins_while_moving_out_roll_back_the_move() -> None:
    on = make_drill(stage=MOVING_OUT, sign_in_count=2, failed_sign_in_count=2, consecutive_failures=2)
    after = advance_drill(make_state(on, move=make_move()), make_context(make_consensus(standby=SICK)))
    reason = "3 of 3 sign-ins on us-east-1 have failed, the last 3 in a row: As seen."
    assert after.message.startswith(f"Drill drill-1 is aborted: {reason} Traffic goes back to ap-northeast-1")
    assert after.state.move
    assert after.state.move.mode is MoveMode.ROLLBACK
    assert {event.at for event in after.events} == {NOW}


def test_return_in_progress_continues_unchanged() -> None:
    for move, home in ((make_move("home", RegionRole.PRIMARY), "home"), (make_move(mode=MoveMode.ROLLBACK), "")):
        on = make_drill(
            stage=MOVING_BACK if home else MOVING_OUT,
            return_move_id=home,
            abort_reason="enough.",
            stage_since=NOW - 1800,
        )
        state, message = advance_one_round(on, move=move)
        assert message == "Drill drill-1: users are on their way back."
        assert replace(state, drill=on) == make_state(on, move=move)


def make_simulated_outage_drill(simulated_rounds: int, rounds: int = 3, **changes: Any) -> Drill:
    """Return a simulated outage after this many simulated rounds."""
    defaults: dict[str, Any] = {"kind": DrillKind.SIMULATED_OUTAGE, "stage": DrillStage.SIMULATING, "move_ids": ()}
    return make_drill(simulated_rounds=simulated_rounds, max_simulated_rounds=rounds, **{**defaults, **changes})


@pytest.mark.parametrize(
    ("on", "blocked_by", "ends", "reason"),
    [
        (
            make_simulated_outage_drill(2),
            "",
            None,
            "Drill drill-1: ap-northeast-1 is simulated as sick, in round 3 of 3.",
        ),
        (make_simulated_outage_drill(3), "", ABORTED, "3 sick rounds did not move users."),
        (make_simulated_outage_drill(2, rounds=2), "", SUCCEEDED, "2 sick rounds did not move users, as expected."),
        (make_simulated_outage_drill(3), "not-paused", ABORTED, "the rule not-paused prevented a move."),
        (
            make_simulated_outage_drill(1, stage_since=NOW - 900),
            "",
            None,
            "Drill drill-1: ap-northeast-1 is simulated as sick, in round 2 of 3.",
        ),
        (make_simulated_outage_drill(1, stage_since=NOW - 900.5), "", ABORTED, "1 sick round did not move users."),
    ],
)
def test_simulated_outage_is_bounded_by_rounds_and_fifteen_minutes(
    on: Drill, blocked_by: str, ends: DrillOutcome | None, reason: str
) -> None:
    state, message = advance_one_round(on, blocked_by=blocked_by)
    assert (None if state.drill else state.last_drill.outcome) is ends
    assert parse_end_reason(message) == reason
    assert ends or state.drill.simulated_rounds == on.simulated_rounds + 1


@pytest.mark.parametrize(
    ("consensus", "reason"),
    [
        (make_consensus(SICK), "ap-northeast-1 really is sick: As seen."),
        (make_consensus(standby=UNKNOWN), "us-east-1 really is unknown: As seen."),
        (make_consensus(isolated=True), "no third Region answers."),
    ],
)
def test_real_failure_ends_simulated_outage_and_clears_suspicion(consensus: Consensus, reason: str) -> None:
    suspicion = Suspicion(role=RegionRole.PRIMARY, score=6, rounds=2, sick_rounds=2, since=NOW - 20)
    state, message = advance_one_round(
        make_simulated_outage_drill(2), consensus, suspicion=suspicion, blocked_by="cool-down"
    )
    assert state.last_drill.outcome is INTERRUPTED
    assert parse_end_reason(message) == reason
    assert (state.suspicion, state.blocked_by) == (Suspicion(role=RegionRole.PRIMARY), "")


def test_real_suspicion_survives_end_of_drill_without_simulation() -> None:
    suspicion = Suspicion(role=RegionRole.STANDBY, score=3, rounds=1, sick_rounds=1, since=NOW)
    state, _ = advance_one_round(
        make_drill(), suspicion=suspicion, hold=Hold(since=NOW, reason="edited"), blocked_by="cool-down"
    )
    assert state.drill is None
    assert (state.suspicion, state.blocked_by) == (suspicion, "cool-down")


ABORT_REQUEST = OperatorRequest(action=OperatorAction.ABORT, reason="enough", requested_by="Aiko")


@pytest.mark.parametrize(
    ("on", "move"),
    [
        (make_drill(stage=MOVING_BACK), None),
        (make_drill(stage=MOVING_OUT, abort_reason="enough."), make_move()),
        (make_drill(stage=MOVING_OUT), make_move(mode=MoveMode.ROLLBACK)),
    ],
)
def test_abort_while_moving_back_changes_nothing(on: Drill, move: Move | None) -> None:
    before = make_state(on, move=move)
    response = abort_drill(before, on, ABORT_REQUEST, make_context())
    assert (response.is_accepted, response.transition.state, response.transition.events) == (True, before, ())
    assert response.transition.message == "The drill drill-1 is already bringing users back to ap-northeast-1."


def test_abort_toward_sick_primary_is_refused_unless_users_never_left() -> None:
    before = make_state(make_drill())
    response = abort_drill(before, make_drill(), ABORT_REQUEST, make_context(make_consensus(SICK)))
    assert (response.is_accepted, response.transition.state, response.rule) == (False, before, "target-healthy")
    assert response.transition.message == (
        "Refused, nothing was changed: ap-northeast-1, where users would go back to, is sick: As seen. "
        "After 3 such rounds the drill ends automatically."
    )
    assert abort_drill(
        make_state(make_simulated_outage_drill(1)),
        make_simulated_outage_drill(1),
        ABORT_REQUEST,
        make_context(make_consensus(SICK)),
    ).is_accepted
