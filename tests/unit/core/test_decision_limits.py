"""The exact limits of the decision."""

from dataclasses import replace
from typing import Any

import pytest

from cognito_failover.common.region import PerRole, RegionRole, route_all_to, split_traffic
from cognito_failover.core.consensus import Consensus, RegionConsensus
from cognito_failover.core.decide import decide
from cognito_failover.core.failure_detector import Suspicion
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.model.move import Move, MoveMode, Progress
from cognito_failover.core.model.records import Confirmation, Intent, RecordsSnapshot
from cognito_failover.core.model.state import (
    ControllerState,
    Hold,
    Pause,
    PendingWeightSync,
    PreflightSummary,
    SavedRecords,
    VerdictStreak,
    require_drill,
    require_weight_sync,
)
from cognito_failover.core.move.failback import is_failback_due
from cognito_failover.core.move.lifecycle import advance_move, is_step_confirmed
from cognito_failover.core.move.transitions import on_submitted, record_intent
from cognito_failover.core.observation import Reading
from cognito_failover.core.operator.actions import handle_request
from cognito_failover.core.operator.request import OperatorAction, OperatorRequest
from cognito_failover.core.probe_result import FailureKind
from cognito_failover.core.reconciliation.external_changes import RoutingSnapshot, create_initial_state
from cognito_failover.core.round_context import RoundContext
from cognito_failover.core.round_pacing import compute_next_round_seconds
from cognito_failover.core.rules import (
    MoveProposal,
    find_automatic_failback_violations,
    find_automatic_move_violations,
    list_recent_moves,
)
from cognito_failover.core.verdict import Verdict
from cognito_failover.settings.controller import FailbackPolicy, Settings
from tests.support.controller_harness import ControllerHarness
from tests.support.settings import COGNITO_DOMAIN_ONLY, make_settings

NOW = 1_800_000_000.0
DAY_SECONDS = 86_400
SETTINGS = make_settings(suspect_interval_seconds=4)
HEALTHY, SICK = Verdict.HEALTHY, Verdict.SICK
CONFIRMED_MOVE = Confirmation(moved=True, unresponsive=(), stale=(), detail="")
ONE_SILENT = replace(CONFIRMED_MOVE, unresponsive=("ns-1.example.net",))


def make_consensus(primary: Verdict = HEALTHY, standby: Verdict = HEALTHY) -> Consensus:
    both = PerRole(primary=primary, standby=standby)
    consensus = [RegionConsensus(verdict=verdict, observed_at=NOW, detail="as seen") for _, verdict in both]
    return Consensus(roles=PerRole(primary=consensus[0], standby=consensus[1]), is_isolated=False)


def make_context(consensus: Consensus | None = None, policy: Settings = SETTINGS) -> RoundContext:
    return RoundContext(settings=policy, consensus=consensus or make_consensus(), now=NOW)


def make_state(**changes: Any) -> ControllerState:
    """Return the state of a controller that has run for hours, with users on the standby."""
    usual: dict[str, Any] = {
        "created_at": NOW - 10_000,
        "active_role": RegionRole.STANDBY,
        "active_since": NOW - 9_000,
        "weights": route_all_to(RegionRole.STANDBY),
        "last_round_at": NOW,
        "streaks": PerRole(
            primary=VerdictStreak(verdict=HEALTHY, rounds=30, since=NOW - 290),
            standby=VerdictStreak(verdict=SICK, rounds=3, since=NOW - 20),
        ),
        "records": SavedRecords(read_at=NOW - 10, weights=route_all_to(RegionRole.STANDBY), ttl_seconds=60),
    }
    return ControllerState(**{**usual, **changes})


def make_reading(verdict: Verdict, code: str = "") -> Reading:
    return Reading(verdict=verdict, detail="as seen", code=code, login_verdict=verdict)


def make_proposal(target: RegionRole = RegionRole.PRIMARY, policy: Settings = SETTINGS, **changes: Any) -> MoveProposal:
    """Return the proposal of an automatic move while both Regions are healthy."""
    return MoveProposal(state=make_state(**changes), context=make_context(policy=policy), target=target)


def list_violations(**changes: Any) -> list[str]:
    """Return the reasons why an automatic move to the primary may not start now."""
    return [violation.message for violation in find_automatic_move_violations(make_proposal(**changes))]


def count_stable_rounds(rounds: int, seconds: float, verdict: Verdict = HEALTHY) -> PerRole[VerdictStreak]:
    return make_state().streaks.replace(
        RegionRole.PRIMARY, VerdictStreak(verdict=verdict, rounds=rounds, since=NOW - seconds)
    )


def make_move(mode: MoveMode = MoveMode.ALL_AT_ONCE, *, ago: float = 0.0, progress: Progress | None = None) -> Move:
    return Move(
        id="to-tokyo",
        source=RegionRole.STANDBY,
        target=RegionRole.PRIMARY,
        is_automatic=False,
        reason="well again",
        requested_by="Aiko",
        suspected_at=NOW - ago,
        decided_at=NOW - ago,
        step_started_at=NOW - ago,
        first_submitted_at=progress.submitted_at if progress else None,
        mode=mode,
        steps=mode.steps,
        progress=progress,
    )


def make_progress(percent: int, *, submitted_at: float = NOW, in_sync_at: float | None = None) -> Progress:
    intent = Intent(before=(), after=(), weights=split_traffic(RegionRole.PRIMARY, percent))
    return Progress(intent=intent, change_id="C1", submitted_at=submitted_at, in_sync_at=in_sync_at)


def test_stable_primary_has_no_violations() -> None:
    assert list_violations() == []


@pytest.mark.parametrize(("rounds", "seconds", "shown"), [(29, 290, "4 min 50 s"), (30, 289.5, "4 min 50 s")])
def test_recovery_needs_both_rounds_and_time(rounds: int, seconds: float, shown: str) -> None:
    believed = f"{rounds} rounds in a row ({shown}); it counts as recovered after 30 rounds (4 min 50 s)."
    assert list_violations(streaks=count_stable_rounds(rounds, seconds)) == [
        f"ap-northeast-1 has been healthy for {believed}"
    ]


def test_unhealthy_region_has_no_stable_rounds_or_time() -> None:
    assert (
        "ap-northeast-1 has been healthy for 0 rounds in a row (0 s); "
        "it counts as recovered after 30 rounds (4 min 50 s)."
        in list_violations(streaks=count_stable_rounds(40, 400, Verdict.THROTTLED))
    )


def test_startup_grace_period_lasts_one_minute() -> None:
    assert list_violations(created_at=NOW - 60) == []
    assert list_violations(created_at=NOW - 59.5) == [
        "The controller has just started; automatic moves are possible in 0.5 s."
    ]


def test_cool_down_ends_at_its_time() -> None:
    assert list_violations(cool_down_until=NOW) == []
    assert len(list_violations(cool_down_until=NOW + 0.5)) == 1


def test_move_counts_for_one_day() -> None:
    recent = NOW - DAY_SECONDS + 1
    assert list_violations(automatic_move_times=(recent, NOW - DAY_SECONDS)) == []
    assert len(list_violations(automatic_move_times=(recent, recent))) == 1


def test_unread_records_and_unread_latch_block() -> None:
    assert list_violations(records=None) == ["The records have not been read yet."]
    assert list_violations(records=None, policy=make_settings(**COGNITO_DOMAIN_ONLY)) == [
        "The latch has not been read yet."
    ]


@pytest.mark.parametrize(("ago", "counts"), [(9_000, True), (9_000.5, False)])
def test_preflight_failures_block_standby_for_two_and_a_half_hours(ago: float, *, counts: bool) -> None:
    summary = PreflightSummary(at=NOW - ago, failover_blockers=("one: It breaks.", "two: This, too."))
    reason = (
        "Moving to us-east-1 would be worse than waiting, according to the preflight of 2027-01-15T05:30:00Z: "
        "one: It breaks. two: This, too."
    )
    assert list_violations(target=RegionRole.STANDBY, preflight=summary) == ([reason] if counts else [])


@pytest.mark.parametrize(
    ("moves", "limit", "is_reserved"),
    [
        ((NOW - DAY_SECONDS + 1,), 2, True),
        ((NOW - DAY_SECONDS,), 2, False),
        ((NOW - DAY_SECONDS,), 1, False),
        ((NOW - DAY_SECONDS + 1,), 3, False),
        ((NOW - DAY_SECONDS + 1, NOW - DAY_SECONDS), 3, False),
    ],
)
def test_last_daily_move_is_reserved_for_failover_for_one_day(
    moves: tuple[float, ...], limit: int, *, is_reserved: bool
) -> None:
    reason = (
        "1 automatic moves were made within a day, and the last allowed one is reserved for a failover. Users "
        "return after 2027-01-15T08:00:01Z, or by a manual failback."
    )
    proposal = make_proposal(policy=make_settings(max_automatic_moves_per_day=limit), automatic_move_times=moves)
    assert [violation.message for violation in find_automatic_failback_violations(proposal)] == (
        [reason] if is_reserved else []
    )


@pytest.mark.parametrize(("weights", "active"), [((200, 55), RegionRole.PRIMARY), ((100, 100), RegionRole.PRIMARY)])
def test_region_with_more_weight_is_active_and_primary_on_tie(weights: tuple[int, int], active: RegionRole) -> None:
    record_weights = PerRole(primary=weights[0], standby=weights[1])
    snapshot = RoutingSnapshot(
        records=RecordsSnapshot(weights=record_weights, record_sets=(), missing=(), ttl_seconds=60)
    )
    assert create_initial_state(snapshot, make_context()).state.active_role is active


def test_silent_name_server_is_awaited_for_exactly_two_minutes() -> None:
    in_sync = make_move(progress=make_progress(100, submitted_at=NOW - 120, in_sync_at=NOW))
    assert is_step_confirmed(in_sync, ONE_SILENT, NOW)
    assert not is_step_confirmed(in_sync, ONE_SILENT, NOW - 0.5)


def test_one_percent_share_is_confirmed_by_in_sync_only() -> None:
    one_percent = replace(make_move(MoveMode.STEPPED, progress=make_progress(1)), steps=(1, 100))
    assert not is_step_confirmed(one_percent, CONFIRMED_MOVE, NOW)
    in_sync = replace(one_percent, progress=make_progress(1, in_sync_at=NOW))
    assert is_step_confirmed(in_sync, CONFIRMED_MOVE, NOW)


@pytest.mark.parametrize(("ttl_seconds", "rest_seconds"), [(60, 60), (20, 30)])
def test_bake_time_is_longer_of_ttl_and_suspicion_rounds(ttl_seconds: int, rest_seconds: int) -> None:
    def get_message(ago: float) -> str:
        baking_move = replace(
            make_move(MoveMode.STEPPED, ago=100, progress=make_progress(10)), records_confirmed_at=NOW - ago
        )
        records = SavedRecords(read_at=NOW, ttl_seconds=ttl_seconds)
        return advance_move(make_state(move=baking_move, records=records), make_context()).message

    assert (
        get_message(rest_seconds - 0.5)
        == "The move to-tokyo waits at 10 % for 0.5 s more (bake time); ap-northeast-1 is healthy."
    )
    assert get_message(rest_seconds) == "Next: 50 % of the users on ap-northeast-1; ap-northeast-1 is healthy."


def test_bake_time_is_suspicion_time_while_records_are_unknown() -> None:
    baking_move = replace(make_move(MoveMode.STEPPED, ago=100, progress=make_progress(10)), records_confirmed_at=NOW)
    fastest = make_settings(round_interval_seconds=10, suspect_rounds=3)
    assert (
        "waits at 10 % for 30 s more"
        in advance_move(make_state(move=baking_move, records=None), make_context(policy=fastest)).message
    )


def test_lever_test_stays_for_one_bake_time() -> None:
    def get_message(ago: float) -> str:
        arrived_move = replace(make_move(MoveMode.ROUND_TRIP, ago=100), arrived_at=NOW - ago)
        return advance_move(make_state(move=arrived_move), make_context()).message

    assert get_message(59.5) == "The move to-tokyo waits for 0.5 s more (bake time), before its users go back."
    assert get_message(60) == "Next: all users back on us-east-1; us-east-1 is healthy."


@pytest.mark.parametrize(
    ("mode", "source", "rounds", "at_once"),
    [
        (MoveMode.STEPPED, SICK, 3, True),
        (MoveMode.STEPPED, SICK, 2, False),
        (MoveMode.STEPPED, Verdict.THROTTLED, 30, False),
        (MoveMode.ROLLBACK, SICK, 3, False),
        (MoveMode.ROUND_TRIP, SICK, 3, False),
    ],
)
def test_sick_source_turns_rest_of_failback_into_one_step(
    mode: MoveMode, source: Verdict, rounds: int, *, at_once: bool
) -> None:
    started_move = replace(make_move(mode), first_submitted_at=NOW - 5)
    streaks = make_state().streaks.replace(
        RegionRole.STANDBY, VerdictStreak(verdict=source, rounds=rounds, since=NOW - 20)
    )
    after = advance_move(make_state(move=started_move, streaks=streaks), make_context(make_consensus(standby=source)))
    assert after.state.move
    assert after.state.move.mode is (MoveMode.ALL_AT_ONCE if at_once else mode)
    assert [event.kind for event in after.events] == ([EventKind.MOVE_ACCELERATED] if at_once else [])


def test_move_is_late_after_exactly_two_minutes() -> None:
    assert advance_move(make_state(move=make_move(ago=119.5)), make_context()).events == ()
    late = advance_move(make_state(move=make_move(ago=120)), make_context())
    assert late.message == (
        "The move to-tokyo has been under way for 2 min: all users on ap-northeast-1. It takes longer than 120 s: "
        "Route 53 has not accepted a change yet. The controller tries again each round."
    )
    assert [event.kind for event in late.events] == [EventKind.MOVE_DELAYED]


def test_accepted_change_clears_last_error() -> None:
    state = record_intent(make_state(move=replace(make_move(), last_error="Throttling")), make_progress(100).intent)
    after = on_submitted(state, "C1", make_context()).state
    assert after.move
    assert after.move.last_error == ""


def test_saving_an_intent_requires_a_move() -> None:
    with pytest.raises(ValueError, match=r"^no move is under way$"):
        record_intent(make_state(), make_progress(100).intent)


def test_missing_drill_or_weight_sync_raises_error() -> None:
    with pytest.raises(ValueError, match=r"^no drill is on$"):
        require_drill(make_state())
    with pytest.raises(ValueError, match=r"^no weights have to follow$"):
        require_weight_sync(make_state())


def test_submission_requires_a_saved_intent() -> None:
    with pytest.raises(ValueError, match=r"^the current step of the move to-tokyo has no saved intent$"):
        on_submitted(make_state(move=make_move()), "C1", make_context())


def test_manual_move_is_not_automatic_and_clears_blocking_rule() -> None:
    world = ControllerHarness().settle().set_primary(SICK).set_standby(SICK)
    world.run(3)
    assert world.state.blocked_by
    world.request("failover", reason="I know", token="t", override=["target-healthy"])
    assert world.state.move
    assert world.state.move.is_automatic is False
    assert world.state.blocked_by == ""


class TestRoundInterval:
    """The time until the next round."""

    @staticmethod
    def get_interval_seconds(score: int = 0, **changes: Any) -> float:
        suspicion = Suspicion(role=RegionRole.STANDBY, score=score)
        return compute_next_round_seconds(make_state(suspicion=suspicion, **changes), SETTINGS)

    def test_usual_interval_without_state(self) -> None:
        assert compute_next_round_seconds(None, SETTINGS) == 10

    def test_usual_interval_without_suspicion(self) -> None:
        assert self.get_interval_seconds() == 10

    def test_shorter_interval_while_active_region_is_suspected(self) -> None:
        assert [self.get_interval_seconds(score) for score in (1, 3, 8)] == [4, 4, 4]

    def test_usual_interval_at_threshold(self) -> None:
        assert self.get_interval_seconds(9) == 10

    def test_usual_interval_while_inactive_region_is_suspected(self) -> None:
        assert self.get_interval_seconds(3, active_role=RegionRole.PRIMARY) == 10

    def test_shorter_interval_while_change_is_pending(self) -> None:
        assert self.get_interval_seconds(move=make_move(progress=make_progress(100))) == 4

    def test_usual_interval_during_bake_time(self) -> None:
        assert (
            self.get_interval_seconds(
                move=replace(make_move(MoveMode.STEPPED, progress=make_progress(10)), records_confirmed_at=NOW)
            )
            == 10
        )

    @pytest.mark.parametrize(
        ("seen", "consensus", "rounds", "seconds"),
        [
            (SICK, Verdict.UNKNOWN, 2, 4),
            (SICK, Verdict.UNKNOWN, 3, 10),
            (SICK, HEALTHY, 1, 10),
            (HEALTHY, Verdict.UNKNOWN, 1, 10),
        ],
    )
    def test_shorter_interval_for_two_rounds_of_sickness_without_quorum(
        self, seen: Verdict, consensus: Verdict, rounds: int, seconds: int
    ) -> None:
        streaks = make_state().streaks.replace(
            RegionRole.STANDBY, VerdictStreak(verdict=consensus, rounds=rounds, since=NOW)
        )
        assert (
            compute_next_round_seconds(make_state(streaks=streaks, suspicion=Suspicion()), SETTINGS, make_reading(seen))
            == seconds
        )

    @pytest.mark.parametrize(("rounds", "seconds"), [(2, 3.0), (3, 3.5), (5, 3.75)])
    def test_connect_failures_of_suspected_region_shorten_the_interval(self, rounds: int, seconds: float) -> None:
        settings = replace(SETTINGS, suspect_rounds=rounds)
        suspect = make_state(suspicion=Suspicion(role=RegionRole.STANDBY, score=3, rounds=1, sick_rounds=1, since=NOW))
        assert compute_next_round_seconds(suspect, settings, make_reading(SICK, FailureKind.TCP_TIMEOUT)) == seconds
        assert compute_next_round_seconds(suspect, settings, make_reading(SICK, FailureKind.READ_TIMEOUT)) == 4
        assert (rounds - 1) * seconds + settings.connect_timeout_seconds / 2 == (rounds - 1) * 4

    def test_connect_failures_of_unsuspected_region_keep_the_usual_interval(self) -> None:
        unsuspected = make_state(suspicion=Suspicion())
        assert compute_next_round_seconds(unsuspected, SETTINGS, make_reading(SICK, FailureKind.TCP_TIMEOUT)) == 10


def test_rounds_up_to_half_a_minute_apart_are_contiguous() -> None:
    def count_contiguous_rounds(ago: float) -> int:
        before = make_state(last_round_at=NOW - ago)
        return decide(before, make_context(make_consensus(standby=SICK))).state.streaks.standby.rounds

    assert [count_contiguous_rounds(30), count_contiguous_rounds(30.5)] == [4, 1]


@pytest.mark.parametrize(("counts", "verdict", "rounds"), [(True, SICK, 4), (False, Verdict.TRIGGER, 1)])
def test_trigger_rounds_extend_sick_rounds_only_if_counted(counts: bool, verdict: Verdict, rounds: int) -> None:
    policy = make_settings(count_trigger_as_sick=counts)
    streak = decide(make_state(), make_context(make_consensus(standby=Verdict.TRIGGER), policy)).state.streaks.standby
    assert (streak.verdict, streak.rounds) == (verdict, rounds)


def make_failed_over_state(**changes: Any) -> ControllerState:
    """Return a state with users on the standby, both Regions healthy, and a pending automatic failback."""
    healthy_streaks = PerRole(
        primary=make_state().streaks.primary, standby=VerdictStreak(verdict=HEALTHY, rounds=30, since=NOW - 290)
    )
    return make_state(is_auto_failback_pending=True, streaks=healthy_streaks, **changes)


AUTOMATIC = make_settings(failback_policy=FailbackPolicy.STEPPED, max_automatic_moves_per_day=3)


def test_failback_is_due_only_by_policy_for_users_on_standby() -> None:
    assert is_failback_due(make_failed_over_state(), AUTOMATIC)
    assert not is_failback_due(make_failed_over_state(active_role=RegionRole.PRIMARY), AUTOMATIC)
    assert not is_failback_due(replace(make_failed_over_state(), is_auto_failback_pending=False), AUTOMATIC)
    assert not is_failback_due(make_failed_over_state(), SETTINGS)


def test_automatic_failback_states_reason_and_mode() -> None:
    (event,) = decide(make_failed_over_state(), make_context(policy=AUTOMATIC)).events
    assert event.message == (
        "Traffic moves from us-east-1 to ap-northeast-1 in steps of 10 %, 50 %, 100 %. "
        "ap-northeast-1 has been healthy for 31 rounds in a row (4 min 50 s)."
    )


def test_every_failback_blocker_is_listed() -> None:
    transition = decide(
        make_failed_over_state(cool_down_until=NOW + 60, pending_weight_sync=PendingWeightSync()),
        make_context(policy=AUTOMATIC),
    )
    assert transition.message.endswith(
        " Users do not return to ap-northeast-1 yet: The cool-down after the last automatic move lasts 1 min "
        "more, until 2027-01-15T08:01:00Z; an acknowledgement ends it. "
        "The weights of the records are not synced with the last move yet."
    )


def test_suspicion_is_reset_during_a_move() -> None:
    suspicion = Suspicion(role=RegionRole.STANDBY, score=6, rounds=2, sick_rounds=2, since=NOW - 20)
    moving = make_state(move=make_move(), suspicion=suspicion)
    assert decide(moving, make_context(make_consensus(standby=SICK))).state.suspicion == Suspicion(
        role=RegionRole.STANDBY
    )


def test_expired_entries_are_kept_because_the_clock_may_be_wrong() -> None:
    pause = Pause(until=NOW, reason="drill", requested_by="Aiko")
    assert list_violations(pause=pause) == []
    before = make_state(pause=pause, automatic_move_times=(NOW - DAY_SECONDS, NOW - DAY_SECONDS + 1))
    after = decide(before, make_context()).state
    assert (after.pause, after.automatic_move_times) == (before.pause, before.automatic_move_times)
    assert list_recent_moves(after, NOW) == (NOW - DAY_SECONDS + 1,)


def test_decision_message_is_saved() -> None:
    decision = decide(make_state(), make_context(make_consensus(standby=SICK)))
    assert decision.message
    assert decision.state.round_message == decision.message


def test_status_request_is_accepted_and_changes_nothing() -> None:
    before = make_state()
    response = handle_request(before, OperatorRequest(action=OperatorAction.STATUS), make_context())
    assert (response.transition.state is before, response.is_accepted, response.transition.message) == (True, True, "")


def test_acknowledge_before_a_reading_says_that_the_records_are_unread() -> None:
    hold = Hold(since=NOW, reason="edited")
    before = make_state(hold=hold, records=SavedRecords(read_at=NOW - 1))
    request = OperatorRequest(action=OperatorAction.ACKNOWLEDGE, reason="mine", requested_by="Aiko")
    response = handle_request(before, request, make_context())
    assert response.is_accepted
    assert response.transition.state.hold is None
    assert "The records have not been read since." in response.transition.message


def test_active_since_is_the_time_the_move_was_seen() -> None:
    world = ControllerHarness().settle()
    since = world.state.active_since
    world.edit_weights(0, 128)
    seen_at = world.clock.now + 40
    world.run(7)
    assert world.state.active_since == seen_at != since
    world.edit_weights(28, 100)
    world.run(7)
    assert world.state.active_since == seen_at
    assert world.event_kinds.count(EventKind.AUTOMATION_HELD) == 2
