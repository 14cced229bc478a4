"""On which side of each limit the decision falls, exactly."""

from dataclasses import replace
from typing import Any

import pytest

from failover.decision.adoption import Found, born
from failover.decision.advance import intended, submitted
from failover.decision.announcement import Kind
from failover.decision.carry import carry_on, is_confirmed
from failover.decision.decide import decide
from failover.decision.failing_back import is_wanted
from failover.decision.knowledge import Knowledge, Known
from failover.decision.manual import respond
from failover.decision.move import IN_ONE, IN_STEPS, REVERTED, THERE_AND_BACK, Move, Progress
from failover.decision.pace import next_round_seconds
from failover.decision.request import Action, Request
from failover.decision.rules import (
    Question,
    obstacles_to_an_automatic_failback,
    obstacles_to_an_automatic_move,
)
from failover.decision.state import (
    Hold,
    Pause,
    Preflighted,
    State,
    Streak,
    Surveyed,
    Trailing,
    drill_of,
    trailing_of,
)
from failover.decision.suspicion import Suspicion
from failover.levers.lever import Confirmation, Intent, Survey
from failover.probe.answer import Silence
from failover.probe.observation import Reading
from failover.probe.verdict import Verdict
from failover.region import PerSide, Side, all_to, share_to
from failover.settings import FailbackPolicy, Settings
from tests.support.settings import DOMAIN_ONLY, settings
from tests.support.world import World

NOW = 1_800_000_000.0
DAY_SECONDS = 86_400
SETTINGS = settings(suspect_interval_seconds=4)
HEALTHY, SICK = Verdict.HEALTHY, Verdict.SICK
MOVED = Confirmation(moved=True, silent=(), stale=(), detail="")
ONE_SILENT = replace(MOVED, silent=("ns-1.example.net",))


def knowledge(primary: Verdict = HEALTHY, standby: Verdict = HEALTHY) -> Knowledge:
    both = PerSide(primary=primary, standby=standby)
    known = [Known(verdict=verdict, observed_at=NOW, detail="as seen") for _, verdict in both]
    return Knowledge(sides=PerSide(primary=known[0], standby=known[1]), cut_off=False)


def state(**changes: Any) -> State:
    """Return what a controller remembers that has long been running, with users on the standby."""
    usual: dict[str, Any] = {
        "born_at": NOW - 10_000,
        "active": Side.STANDBY,
        "active_since": NOW - 9_000,
        "weights": all_to(Side.STANDBY),
        "last_round_at": NOW,
        "streaks": PerSide(
            primary=Streak(verdict=HEALTHY, rounds=30, since=NOW - 290),
            standby=Streak(verdict=SICK, rounds=3, since=NOW - 20),
        ),
        "surveyed": Surveyed(at=NOW - 10, weights=all_to(Side.STANDBY), ttl_seconds=60),
    }
    return State(**{**usual, **changes})


def reading(verdict: Verdict, code: str = "") -> Reading:
    return Reading(verdict=verdict, detail="as seen", code=code, login_verdict=verdict)


def question(target: Side = Side.PRIMARY, policy: Settings = SETTINGS, **changes: Any) -> Question:
    """Return whether users may move now, by themselves and with both Regions well."""
    return Question(state=state(**changes), knowledge=knowledge(), settings=policy, now=NOW, target=target)


def sentences(**changes: Any) -> list[str]:
    """Return why an automatic move to the primary may not begin now."""
    return [obstacle.sentence for obstacle in obstacles_to_an_automatic_move(question(**changes))]


def primary_healthy(rounds: int, seconds: float, verdict: Verdict = HEALTHY) -> PerSide[Streak]:
    return state().streaks.replace(Side.PRIMARY, Streak(verdict=verdict, rounds=rounds, since=NOW - seconds))


def move(steps: tuple[int, ...] = IN_ONE, *, ago: float = 0.0, progress: Progress | None = None) -> Move:
    return Move(
        id="to-tokyo",
        source=Side.STANDBY,
        target=Side.PRIMARY,
        automatic=False,
        reason="well again",
        requested_by="Aiko",
        suspected_at=NOW - ago,
        decided_at=NOW - ago,
        step_began_at=NOW - ago,
        first_submitted_at=progress.submitted_at if progress else None,
        steps=steps,
        progress=progress,
    )


def progress(percent: int, **reached: float) -> Progress:
    intent = Intent(before=(), after=(), weights=share_to(Side.PRIMARY, percent))
    return Progress(intent=intent, change_id="C1", submitted_at=reached.pop("submitted_at", NOW), **reached)


def test_nothing_is_in_the_way_of_a_recovery_as_long_as_it_takes() -> None:
    assert sentences() == []


@pytest.mark.parametrize(("rounds", "seconds", "shown"), [(29, 290, "4 min 50 s"), (30, 289.5, "4 min 50 s")])
def test_a_recovery_needs_both_its_rounds_and_their_time(rounds: int, seconds: float, shown: str) -> None:
    believed = f"{rounds} rounds in a row ({shown}); its recovery is believed after 30 (4 min 50 s)."
    assert sentences(streaks=primary_healthy(rounds, seconds)) == [f"ap-northeast-1 has been healthy for {believed}"]


def test_a_region_that_is_not_healthy_has_been_so_for_no_rounds_and_no_time() -> None:
    assert (
        "ap-northeast-1 has been healthy for 0 rounds in a row (0 s); its recovery is believed after 30 (4 min 50 s)."
        in sentences(streaks=primary_healthy(40, 400, Verdict.THROTTLED))
    )


def test_the_starting_grace_is_over_after_a_minute_and_not_before() -> None:
    assert sentences(born_at=NOW - 60) == []
    assert sentences(born_at=NOW - 59.5) == ["The controller has just started; it judges in 0.5 s."]


def test_the_cool_down_is_over_when_it_says_and_not_before() -> None:
    assert sentences(cool_down_until=NOW) == []
    assert len(sentences(cool_down_until=NOW + 0.5)) == 1


def test_a_move_counts_for_a_day_and_no_longer() -> None:
    recent = NOW - DAY_SECONDS + 1
    assert sentences(automatic_moves=(recent, NOW - DAY_SECONDS)) == []
    assert len(sentences(automatic_moves=(recent, recent))) == 1


def test_records_that_have_not_been_read_are_not_understood_nor_is_a_latch_where_there_are_none() -> None:
    assert sentences(surveyed=None) == ["The records have not been read yet."]
    assert sentences(surveyed=None, policy=settings(**DOMAIN_ONLY)) == ["The latch has not been read yet."]


@pytest.mark.parametrize(("ago", "counts"), [(9_000, True), (9_000.5, False)])
def test_all_that_a_preflight_found_keeps_users_from_the_standby_for_two_and_a_half_hours(
    ago: float, *, counts: bool
) -> None:
    found = Preflighted(at=NOW - ago, bars=("one: It breaks.", "two: This, too."))
    bar = (
        "Moving to us-east-1 would be worse than waiting, by the preflight of 2027-01-15T05:30:00Z: "
        "one: It breaks. two: This, too."
    )
    assert sentences(target=Side.STANDBY, preflight=found) == ([bar] if counts else [])


@pytest.mark.parametrize(
    ("moves", "bound", "kept"),
    [
        ((NOW - DAY_SECONDS + 1,), 2, True),
        ((NOW - DAY_SECONDS,), 2, False),
        ((NOW - DAY_SECONDS,), 1, False),
        ((NOW - DAY_SECONDS + 1,), 3, False),
        ((NOW - DAY_SECONDS + 1, NOW - DAY_SECONDS), 3, False),
    ],
)
def test_the_last_automatic_move_of_a_day_is_kept_for_a_failover_until_the_first_is_a_day_old(
    moves: tuple[float, ...], bound: int, *, kept: bool
) -> None:
    why = (
        "1 automatic moves were made within a day, and the last of them that is allowed is kept for a failover; users "
        "are brought back from 2027-01-15T08:00:01Z on, or by hand."
    )
    asked = question(policy=settings(max_automatic_moves_per_day=bound), automatic_moves=moves)
    assert [each.sentence for each in obstacles_to_an_automatic_failback(asked)] == ([why] if kept else [])


@pytest.mark.parametrize(("weights", "active"), [((200, 55), Side.PRIMARY), ((100, 100), Side.PRIMARY)])
def test_of_shared_traffic_the_heavier_side_serves_and_the_primary_if_neither_is(
    weights: tuple[int, int], active: Side
) -> None:
    found = PerSide(primary=weights[0], standby=weights[1])
    adopted, _ = born(Found(survey=Survey(weights=found, record_sets=(), lacking=(), ttl_seconds=60)), SETTINGS, NOW)
    assert adopted.active is active


def test_a_silent_name_server_is_waited_for_two_minutes_to_the_second() -> None:
    in_sync = move(progress=progress(100, submitted_at=NOW - 120, in_sync_at=NOW))
    assert is_confirmed(in_sync, ONE_SILENT, NOW)
    assert not is_confirmed(in_sync, ONE_SILENT, NOW - 0.5)


def test_a_share_of_one_percent_is_confirmed_by_in_sync_only() -> None:
    assert not is_confirmed(move((1, 100), progress=progress(1)), MOVED, NOW)
    assert is_confirmed(move((1, 100), progress=progress(1, in_sync_at=NOW)), MOVED, NOW)


@pytest.mark.parametrize(("ttl_seconds", "rest_seconds"), [(60, 60), (20, 30)])
def test_a_step_rests_for_the_ttl_or_the_rounds_of_a_suspicion_whichever_is_longer(
    ttl_seconds: int, rest_seconds: int
) -> None:
    def decided(ago: float) -> str:
        resting = replace(move(IN_STEPS, ago=100, progress=progress(10)), records_confirmed_at=NOW - ago)
        surveyed = Surveyed(at=NOW, ttl_seconds=ttl_seconds)
        return carry_on(state(move=resting, surveyed=surveyed), knowledge(), SETTINGS, NOW)[1]

    assert decided(rest_seconds - 0.5) == "The move to-tokyo rests at 10 % for 0.5 s more; ap-northeast-1 is well."
    assert decided(rest_seconds) == "Next, 50 % of the users on ap-northeast-1; ap-northeast-1 is well."


def test_a_step_rests_as_long_as_a_suspicion_while_the_records_are_not_known() -> None:
    resting = replace(move(IN_STEPS, ago=100, progress=progress(10)), records_confirmed_at=NOW)
    fastest = settings(round_interval_seconds=10, suspect_rounds=3)
    assert "rests at 10 % for 30 s more" in carry_on(state(move=resting, surveyed=None), knowledge(), fastest, NOW)[1]


def test_users_of_a_levers_test_stay_there_as_long_as_a_step_rests() -> None:
    def decided(ago: float) -> str:
        there = replace(move(THERE_AND_BACK, ago=100), there_at=NOW - ago)
        return carry_on(state(move=there), knowledge(), SETTINGS, NOW)[1]

    assert decided(59.5) == "The move to-tokyo rests for 0.5 s more, before its users come back."
    assert decided(60) == "Next, all users back on us-east-1; us-east-1 is well."


@pytest.mark.parametrize(
    ("steps", "source", "rounds", "at_once"),
    [
        (IN_STEPS, SICK, 3, True),
        (IN_STEPS, SICK, 2, False),
        (IN_STEPS, Verdict.THROTTLED, 30, False),
        (REVERTED, SICK, 3, False),
        (THERE_AND_BACK, SICK, 3, False),
    ],
)
def test_all_that_is_left_of_a_failback_is_one_step_once_what_users_leave_is_sick_for_long_enough(
    steps: tuple[int, ...], source: Verdict, rounds: int, *, at_once: bool
) -> None:
    begun = replace(move(steps), first_submitted_at=NOW - 5)
    streaks = state().streaks.replace(Side.STANDBY, Streak(verdict=source, rounds=rounds, since=NOW - 20))
    after, _, told = carry_on(state(move=begun, streaks=streaks), knowledge(standby=source), SETTINGS, NOW)
    assert after.move
    assert after.move.steps == (IN_ONE if at_once else steps)
    assert [each.kind for each in told] == ([Kind.MOVE_HASTENED] if at_once else [])


def test_a_move_is_late_after_two_minutes_to_the_second_and_says_no_trouble_where_none_is() -> None:
    assert carry_on(state(move=move(ago=119.5)), knowledge(), SETTINGS, NOW)[2] == ()
    _, sentence, announcements = carry_on(state(move=move(ago=120)), knowledge(), SETTINGS, NOW)
    assert sentence == (
        "The move to-tokyo is under way for 2 min: all users on ap-northeast-1. It takes longer than 120 s: "
        "Route 53 has taken no change yet. It is tried again every round."
    )
    assert len(announcements) == 1


def test_once_route_53_has_taken_a_change_there_is_no_trouble() -> None:
    begun = intended(state(move=replace(move(), trouble="Throttling")), progress(100).intent)
    after, _, _ = submitted(begun, "C1", SETTINGS, NOW)
    assert after.move
    assert after.move.trouble == ""


def test_to_advance_a_move_there_must_be_one() -> None:
    with pytest.raises(ValueError, match=r"^no move is under way$"):
        intended(state(), progress(100).intent)


def test_to_ask_for_a_drill_or_for_weights_that_have_to_follow_there_must_be_some() -> None:
    with pytest.raises(ValueError, match=r"^no drill is on$"):
        drill_of(state())
    with pytest.raises(ValueError, match=r"^no weights have to follow$"):
        trailing_of(state())


def test_to_advance_a_step_its_intent_must_be_saved() -> None:
    with pytest.raises(ValueError, match=r"^the current step of the move to-tokyo has no saved intent$"):
        submitted(state(move=move()), "C1", SETTINGS, NOW)


def test_a_persons_move_is_not_an_automatic_one_and_settles_what_was_blocked() -> None:
    world = World().settle().primary(SICK).standby(SICK)
    world.run(3)
    assert world.state.blocked_by
    world.request("failover", reason="I know", token="t", override=["target-serves"])
    assert world.state.move
    assert world.state.move.automatic is False
    assert world.state.blocked_by == ""


class TestThePaceOfRounds:
    """How soon the next round begins."""

    @staticmethod
    def seconds(evidence: int = 0, **changes: Any) -> float:
        suspicion = Suspicion(side=Side.STANDBY, evidence=evidence)
        return next_round_seconds(state(suspicion=suspicion, **changes), SETTINGS)

    def test_it_is_the_usual_one_while_nothing_is_remembered(self) -> None:
        assert next_round_seconds(None, SETTINGS) == 10

    def test_it_is_the_usual_one_while_the_serving_region_is_well(self) -> None:
        assert self.seconds() == 10

    def test_it_is_quicker_while_the_serving_region_is_suspect(self) -> None:
        assert [self.seconds(evidence) for evidence in (1, 3, 8)] == [4, 4, 4]

    def test_it_is_the_usual_one_again_once_the_suspicion_is_settled(self) -> None:
        assert self.seconds(9) == 10

    def test_it_is_the_usual_one_for_what_was_suspected_of_the_side_that_users_have_left(self) -> None:
        assert self.seconds(3, active=Side.PRIMARY) == 10

    def test_it_is_quicker_while_a_change_is_on_its_way(self) -> None:
        assert self.seconds(move=move(progress=progress(100))) == 4

    def test_it_is_the_usual_one_while_a_step_rests(self) -> None:
        assert self.seconds(move=replace(move(IN_STEPS, progress=progress(10)), records_confirmed_at=NOW)) == 10

    @pytest.mark.parametrize(
        ("seen", "known", "rounds", "seconds"),
        [
            (SICK, Verdict.UNKNOWN, 2, 4),
            (SICK, Verdict.UNKNOWN, 3, 10),
            (SICK, HEALTHY, 1, 10),
            (HEALTHY, Verdict.UNKNOWN, 1, 10),
        ],
    )
    def test_it_is_quicker_for_a_while_where_the_controller_sees_a_sickness_that_is_not_agreed(
        self, seen: Verdict, known: Verdict, rounds: int, seconds: int
    ) -> None:
        streaks = state().streaks.replace(Side.STANDBY, Streak(verdict=known, rounds=rounds, since=NOW))
        assert next_round_seconds(state(streaks=streaks, suspicion=Suspicion()), SETTINGS, reading(seen)) == seconds

    @pytest.mark.parametrize(("rounds", "seconds"), [(2, 3.0), (3, 3.5), (5, 3.75)])
    def test_a_region_that_lets_nobody_connect_is_looked_at_that_much_sooner_that_the_looks_are_over_as_soon(
        self, rounds: int, seconds: float
    ) -> None:
        patient = replace(SETTINGS, suspect_rounds=rounds)
        suspect = state(suspicion=Suspicion(side=Side.STANDBY, evidence=3, rounds=1, sick_rounds=1, since=NOW))
        assert next_round_seconds(suspect, patient, reading(SICK, Silence.TCP_TIMEOUT)) == seconds
        assert next_round_seconds(suspect, patient, reading(SICK, Silence.READ_TIMEOUT)) == 4
        assert (rounds - 1) * seconds + patient.connect_timeout_seconds / 2 == (rounds - 1) * 4

    def test_a_region_that_is_not_suspect_is_looked_at_at_the_usual_pace_though_nobody_can_connect(self) -> None:
        calm = state(suspicion=Suspicion())
        assert next_round_seconds(calm, SETTINGS, reading(SICK, Silence.TCP_TIMEOUT)) == 10


def test_rounds_half_a_minute_apart_are_in_a_row_and_no_further() -> None:
    def rounds(ago: float) -> int:
        before = state(last_round_at=NOW - ago)
        return decide(before, knowledge(standby=SICK), SETTINGS, NOW).state.streaks.standby.rounds

    assert [rounds(30), rounds(30.5)] == [4, 1]


@pytest.mark.parametrize(("counts", "verdict", "rounds"), [(True, SICK, 4), (False, Verdict.TRIGGER, 1)])
def test_rounds_of_a_broken_trigger_are_in_a_row_with_sick_ones_only_where_they_are_set_to_count(
    counts: bool, verdict: Verdict, rounds: int
) -> None:
    policy = settings(count_trigger_as_sick=counts)
    streak = decide(state(), knowledge(standby=Verdict.TRIGGER), policy, NOW).state.streaks.standby
    assert (streak.verdict, streak.rounds) == (verdict, rounds)


def away(**changes: Any) -> State:
    """Return what is remembered with users on the standby, both Regions well, and the wish to bring users back."""
    well = PerSide(primary=state().streaks.primary, standby=Streak(verdict=HEALTHY, rounds=30, since=NOW - 290))
    return state(to_return=True, streaks=well, **changes)


BY_ITSELF = settings(failback_policy=FailbackPolicy.IN_STEPS, max_automatic_moves_per_day=3)


def test_users_who_are_at_home_are_not_brought_back() -> None:
    assert is_wanted(away(), BY_ITSELF)
    assert not is_wanted(away(active=Side.PRIMARY), BY_ITSELF)
    assert not is_wanted(replace(away(), to_return=False), BY_ITSELF)
    assert not is_wanted(away(), SETTINGS)


def test_users_who_are_brought_back_are_told_why_and_how() -> None:
    (told,) = decide(away(), knowledge(), BY_ITSELF, NOW).announcements
    assert told.sentence == (
        "Traffic moves from us-east-1 to ap-northeast-1 in steps of 10 %, 50 %, 100 %. "
        "ap-northeast-1 has been healthy for 31 rounds in a row (4 min 50 s)."
    )


def test_all_that_keeps_users_from_being_brought_back_is_said() -> None:
    kept = decide(away(cool_down_until=NOW + 60, trailing=Trailing()), knowledge(), BY_ITSELF, NOW)
    assert kept.reason.endswith(
        " Users are not brought back to ap-northeast-1 yet: The cool-down after the last automatic move lasts 1 min "
        "more, until 2027-01-15T08:01:00Z; an acknowledgement ends it. "
        "The weights of the records still have to follow the last move."
    )


def test_nothing_is_suspected_during_a_move_so_that_after_one_that_is_given_up_as_much_is_needed_again() -> None:
    suspicion = Suspicion(side=Side.STANDBY, evidence=6, rounds=2, sick_rounds=2, since=NOW - 20)
    moving = state(move=move(), suspicion=suspicion)
    assert decide(moving, knowledge(standby=SICK), SETTINGS, NOW).state.suspicion == Suspicion(side=Side.STANDBY)


def test_what_has_run_out_is_forgotten_at_that_moment() -> None:
    pause = Pause(until=NOW, reason="drill", requested_by="Aiko")
    assert sentences(pause=pause) == []
    before = state(pause=pause, automatic_moves=(NOW - DAY_SECONDS, NOW - DAY_SECONDS + 1))
    after = decide(before, knowledge(), SETTINGS, NOW).state
    assert after.pause is None
    assert after.automatic_moves == (NOW - DAY_SECONDS + 1,)


def test_what_was_decided_is_remembered_as_the_reason() -> None:
    decision = decide(state(), knowledge(standby=SICK), SETTINGS, NOW)
    assert decision.reason
    assert decision.state.reason == decision.reason


def test_a_question_for_the_status_is_accepted_and_changes_nothing() -> None:
    before = state()
    response = respond(before, knowledge(), Request(action=Action.STATUS), SETTINGS, NOW)
    assert (response.state is before, response.done, response.sentence) == (True, True, "")


@pytest.mark.parametrize(("policy", "what"), [(SETTINGS, "records have"), (settings(**DOMAIN_ONLY), "latch has")])
def test_nobody_acknowledges_what_has_not_been_looked_at_since(policy: Settings, what: str) -> None:
    before = state(hold=Hold(since=NOW, reason="edited"), surveyed=None)
    request = Request(action=Action.ACKNOWLEDGE, reason="mine", requested_by="Aiko")
    response = respond(before, knowledge(), request, policy, NOW)
    assert (response.state, response.done, response.rule) == (before, False, "world-understood")
    assert response.sentence == (
        f"Refused, nothing was changed: the {what} not been read since; repeat it after the next round."
    )


def test_users_are_on_another_side_since_somebody_was_seen_to_have_sent_them_there() -> None:
    world = World().settle()
    since = world.state.active_since
    world.someone_sets(0, 128)
    seen_at = world.clock.now + 40
    world.run(7)
    assert world.state.active_since == seen_at != since
    world.someone_sets(0, 255)
    world.run(7)
    assert world.state.active_since == seen_at
    assert world.kinds.count(Kind.HELD) == 2
