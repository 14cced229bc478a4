"""How a move under way continues: its next step, a turn, or an end because users are elsewhere."""

from dataclasses import replace
from typing import Any

import pytest

from cognito_failover.common.region import PerRole, RegionRole, Weights, route_all_to
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.common.time_budget import CONFIRMATION_TIMEOUT_SECONDS
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.model.location import AnswerCounts, Location, LocationSource
from cognito_failover.core.model.move import Move, MoveMode, Progress
from cognito_failover.core.model.records import Confirmation, DnsWatch, Intent
from cognito_failover.core.model.state import ControllerState, LatchState, SavedRecords, VerdictStreak
from cognito_failover.core.move.lifecycle import advance_move, is_step_confirmed
from cognito_failover.core.transition import Transition
from cognito_failover.core.user_location import MAX_LOCATION_AGE_SECONDS
from cognito_failover.core.verdict import Verdict
from tests.support.drill_fixtures import NOW, make_consensus, make_context, make_move
from tests.support.settings import make_settings

PRIMARY, STANDBY = RegionRole.PRIMARY, RegionRole.STANDBY
RECORDS, DOMAIN = SteeredName.RECORDS, SteeredName.DOMAIN
SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY
OVERDUE = NOW - CONFIRMATION_TIMEOUT_SECONDS
SETTINGS = make_settings(
    managed_login_domain="login.example.com", domain_latch_check_id="domain-check", latch_bucket="latch"
)
STANDBY_SICK = make_context(consensus=make_consensus(standby=SICK), settings=SETTINGS)
ALL_WELL = make_context(settings=SETTINGS)


def make_progress(weights: Weights, **changes: Any) -> Progress:
    intent = Intent(before=(), after=({"Weight": 1},), weights=weights)
    return Progress(intent=intent, **{"submitted_at": OVERDUE - 30, "change_id": "C1", **changes})


def make_failover(**changes: Any) -> Move:
    """Return a failover whose change Route 53 has accepted, and that is not confirmed in the usual time."""
    usual: dict[str, Any] = {
        "step_started_at": OVERDUE,
        "first_submitted_at": OVERDUE,
        "progress": make_progress(route_all_to(STANDBY)),
    }
    return make_move(**{**usual, **changes})


def make_state(move: Move, *, sick_rounds: int = 3, verdict: Verdict = SICK, **changes: Any) -> ControllerState:
    """Return a state with a standby that has been sick for some rounds, and a primary that serves."""
    usual: dict[str, Any] = {
        "created_at": NOW - 10_000,
        "active_role": PRIMARY,
        "active_since": NOW - 9_000,
        "weights": route_all_to(PRIMARY),
        "records": SavedRecords(read_at=NOW - 10, weights=route_all_to(PRIMARY), ttl_seconds=60),
        "streaks": PerRole(
            primary=VerdictStreak(verdict=HEALTHY, rounds=1_000, since=NOW - 9_000),
            standby=VerdictStreak(verdict=verdict, rounds=sick_rounds, since=NOW - 30),
        ),
    }
    return ControllerState(move=move, **{**usual, **changes})


def require(move: Move | None) -> Move:
    assert move
    return move


WATCH = DnsWatch(record_sets=({"Name": "_latch"},), name_servers=("ns-1",))


def is_turned_around(step: Transition) -> bool:
    return EventKind.MOVE_ROLLING_BACK in {event.kind for event in step.events}


def test_overdue_failover_to_a_sick_region_is_turned_around_and_counted() -> None:
    step = advance_move(make_state(make_failover()), STANDBY_SICK)
    move = require(step.state.move)
    assert (move.mode, move.destination, move.step_started_at) == (MoveMode.ROLLBACK, PRIMARY, NOW)
    assert move.rollback_reason == "us-east-1 is sick: As seen."
    assert step.message == "Traffic goes back to ap-northeast-1: us-east-1 is sick: As seen."
    assert step.state.automatic_move_times == (NOW,)
    assert step.state.weights == route_all_to(PRIMARY), "these are the weights before the move until it ends"


def test_overdue_rollback_to_a_sick_region_goes_to_the_target_after_all() -> None:
    rollback = make_failover(
        source=STANDBY,
        target=PRIMARY,
        mode=MoveMode.ROLLBACK,
        steps=(0,),
        progress=make_progress(route_all_to(STANDBY)),
    )
    step = advance_move(make_state(rollback, active_role=STANDBY, weights=route_all_to(STANDBY)), STANDBY_SICK)
    move = require(step.state.move)
    assert (move.mode, move.destination, move.steps) == (MoveMode.ALL_AT_ONCE, PRIMARY, (100,))


@pytest.mark.parametrize(
    "move",
    [
        make_failover(step_started_at=OVERDUE + 1),
        make_failover(first_submitted_at=None, progress=make_progress(route_all_to(STANDBY), submitted_at=None)),
        make_failover(overridden_rules=("target-healthy",)),
        make_failover(mode=MoveMode.ROUND_TRIP, steps=MoveMode.ROUND_TRIP.steps),
    ],
    ids=["within the usual time", "not started", "by an override", "with a step to come"],
)
def test_move_is_no_overdue_last_step(move: Move) -> None:
    move = replace(move, is_automatic=False)
    assert "is sick: As seen." not in advance_move(make_state(move, sick_rounds=2), STANDBY_SICK).message
    step = advance_move(make_state(move), STANDBY_SICK)
    assert "us-east-1 is sick: As seen." not in step.message


@pytest.mark.parametrize(("sick_rounds", "verdict"), [(2, SICK), (9, Verdict.UNKNOWN), (9, HEALTHY)])
def test_overdue_move_stays_before_its_region_is_certainly_sick(sick_rounds: int, verdict: Verdict) -> None:
    state = make_state(make_failover(), sick_rounds=sick_rounds, verdict=verdict)
    assert not is_turned_around(advance_move(state, STANDBY_SICK))


@pytest.mark.parametrize("primary", [SICK, Verdict.UNKNOWN])
def test_overdue_move_stays_while_the_other_region_does_not_serve(primary: Verdict) -> None:
    context = make_context(consensus=make_consensus(primary, SICK), settings=SETTINGS)
    assert not is_turned_around(advance_move(make_state(make_failover()), context))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"automatic_move_times": (NOW - 50, NOW - 40, NOW - 30, NOW - 20)},
            "4 automatic moves were made within a day",
        ),
        ({"cool_down_until": NOW + 60}, "The cool-down after the last automatic move lasts 1 min more"),
        ({"is_observe_only": True}, "The controller was set to observe only"),
    ],
)
def test_rules_for_a_failover_forbid_a_turn_too(changes: dict[str, Any], reason: str) -> None:
    state = make_state(make_failover(), **changes)
    step = advance_move(state, STANDBY_SICK)
    assert step.state == state
    assert step.events == ()
    assert step.message.startswith("us-east-1 is sick: As seen. The move there is not turned around: ")
    assert reason in step.message


def see(role: RegionRole, *, at: float = NOW) -> Location:
    counts = AnswerCounts(primary=3) if role is PRIMARY else AnswerCounts(standby=3)
    return Location(observed_at=at, source=LocationSource.NAME, servers={"ns-1": counts})


APPLIED = make_failover(progress=make_progress(route_all_to(STANDBY), in_sync_at=OVERDUE))
IN_TIME = make_progress(route_all_to(STANDBY), in_sync_at=OVERDUE + 1)


def is_superseded(move: Move, **changes: Any) -> bool:
    usual: dict[str, Any] = {"locations": {RECORDS: see(PRIMARY)}, "verdict": HEALTHY}
    step = advance_move(make_state(move, **{**usual, **changes}), ALL_WELL)
    return EventKind.MOVE_SUPERSEDED in {event.kind for event in step.events}


def test_applied_step_that_dns_contradicts_ends_the_move_with_the_cause() -> None:
    step = advance_move(make_state(APPLIED, verdict=HEALTHY, locations={RECORDS: see(PRIMARY)}), ALL_WELL)
    assert step.state.move is None
    assert step.state.hold
    assert step.state.hold.reason == (
        "The lever for us-east-1 is applied, but DNS sends all users of auth.example.com to ap-northeast-1. Something "
        "else steers them: a latch, a health check, or EvaluateTargetHealth."
    )


@pytest.mark.parametrize(
    "move",
    [
        replace(APPLIED, progress=IN_TIME),
        replace(APPLIED, progress=make_progress(route_all_to(STANDBY))),
        replace(APPLIED, progress=None),
        replace(APPLIED, records_confirmed_at=NOW - 5),
        replace(
            APPLIED, mode=MoveMode.STEPPED, steps=(10, 100), progress=make_progress(PerRole(primary=229, standby=26))
        ),
    ],
    ids=["in the usual time", "not applied everywhere", "not submitted", "confirmed", "a part of the users"],
)
def test_step_that_is_not_overdue_is_not_contradicted(move: Move) -> None:
    assert not is_superseded(move)


@pytest.mark.parametrize(
    "seen",
    [see(STANDBY), see(PRIMARY, at=NOW - MAX_LOCATION_AGE_SECONDS - 1)],
    ids=["on the destination", "long ago"],
)
def test_overdue_step_is_contradicted_by_a_current_look_only(seen: Location) -> None:
    assert not is_superseded(APPLIED, locations={RECORDS: seen})
    assert not is_superseded(APPLIED, locations={})


@pytest.mark.parametrize(
    ("set_at", "effective_at", "is_over"), [(OVERDUE, None, True), (OVERDUE + 1, None, False), (OVERDUE, NOW, False)]
)
def test_domain_contradicts_a_latch_only_after_the_usual_time(
    set_at: float, effective_at: float | None, is_over: bool
) -> None:
    latch = LatchState(is_thrown=True, set_at=set_at, effective_at=effective_at, dns_watch=WATCH)
    confirmed = replace(APPLIED, records_confirmed_at=NOW - 5)
    seen = {RECORDS: see(STANDBY), DOMAIN: see(PRIMARY)}
    assert is_superseded(confirmed, latches={DOMAIN: latch}, locations=seen) is is_over


@pytest.mark.parametrize(
    ("progress", "silent", "stale", "is_confirmed"),
    [
        (IN_TIME, (), (), True),
        (IN_TIME, (), ("ns-1",), False),
        (make_progress(route_all_to(STANDBY), submitted_at=None), (), (), False),
        (make_progress(route_all_to(STANDBY), submitted_at=OVERDUE, in_sync_at=OVERDUE), ("ns-1",), (), True),
        (make_progress(route_all_to(STANDBY), submitted_at=OVERDUE + 1, in_sync_at=OVERDUE + 2), ("ns-1",), (), False),
        (make_progress(route_all_to(STANDBY), submitted_at=OVERDUE), ("ns-1",), (), False),
    ],
    ids=["all agree", "a stale server", "not submitted", "silent for long", "silent", "silent, not in sync"],
)
def test_step_is_confirmed_by_all_servers_or_later_without_silent_ones(
    progress: Progress, silent: tuple[str, ...], stale: tuple[str, ...], is_confirmed: bool
) -> None:
    confirmation = Confirmation(moved=True, unresponsive=silent, stale=stale, detail="")
    assert is_step_confirmed(make_failover(progress=progress), confirmation, NOW) is is_confirmed


STEPPED = make_move(
    source=STANDBY,
    target=PRIMARY,
    mode=MoveMode.STEPPED,
    steps=(10, 50, 100),
    progress=make_progress(PerRole(primary=26, standby=229), in_sync_at=NOW - 40),
)
ON_STANDBY: dict[str, Any] = {"active_role": STANDBY, "weights": route_all_to(STANDBY), "verdict": HEALTHY}


def make_stepped_state(confirmed_at: float | None, *, primary: Verdict = HEALTHY, **changes: Any) -> ControllerState:
    move = replace(STEPPED, records_confirmed_at=confirmed_at)
    streaks = PerRole(
        primary=VerdictStreak(verdict=primary, rounds=3, since=NOW - 30),
        standby=VerdictStreak(verdict=HEALTHY, rounds=99, since=NOW - 990),
    )
    return make_state(move, **{**ON_STANDBY, "streaks": streaks, **changes})


@pytest.mark.parametrize(("ttl_seconds", "bake_seconds"), [(60, 60), (5, 30)])
def test_next_step_begins_exactly_after_the_bake_time(ttl_seconds: int, bake_seconds: float) -> None:
    records = SavedRecords(read_at=NOW - 10, ttl_seconds=ttl_seconds)
    early = advance_move(make_stepped_state(NOW - bake_seconds + 0.5, records=records), ALL_WELL)
    assert require(early.state.move).steps == (10, 50, 100)
    due = advance_move(make_stepped_state(NOW - bake_seconds, records=records), ALL_WELL)
    assert require(due.state.move).steps == (50, 100)
    assert due.message == "Next: 50 % of the users on ap-northeast-1; ap-northeast-1 is healthy."


def test_stepped_move_to_a_region_that_falls_sick_names_its_share() -> None:
    context = make_context(consensus=make_consensus(primary=SICK), settings=SETTINGS)
    step = advance_move(make_stepped_state(NOW - 5, primary=SICK), context)
    assert step.message == "Traffic goes back to us-east-1: ap-northeast-1 became sick at 10 %: As seen."


@pytest.mark.parametrize(("started_at", "is_late"), [(OVERDUE, True), (OVERDUE + 1, False)])
@pytest.mark.parametrize(
    ("error", "suffix"), [("", "each round."), ("Throttling", "each round. Last error: Throttling")]
)
def test_move_is_late_after_the_usual_time_and_says_its_last_error(
    started_at: float, is_late: bool, error: str, suffix: str
) -> None:
    move = make_failover(step_started_at=started_at, last_error=error)
    step = advance_move(make_state(move, verdict=HEALTHY), ALL_WELL)
    messages = [event.message for event in step.events if event.kind is EventKind.MOVE_DELAYED]
    assert [message.endswith(suffix) for message in messages] == [True] * is_late
    assert step.message.startswith("The move there has been under way for 1 min: all users on us-east-1.")
