"""A drill moves users there and back, as one execution, and nothing of it is left but its record."""

from dataclasses import replace
from typing import Any

import pytest

from failover.decision.announcement import OF_DRILLS, Kind
from failover.decision.drill import FAILED_IN_A_ROW, PATIENCE_SECONDS, Drill, DrillKind, DrillOutcome, DrillStage
from failover.decision.outside import SignIns
from failover.decision.phase import Phase, phase_of
from failover.levers.latch import LatchName
from failover.probe.verdict import Verdict
from failover.region import Side
from failover.settings import FailbackPolicy
from tests.support.drills import drill, ended, history
from tests.support.world import World

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY
ROUNDS = 60


def calm(**changes: Any) -> World:
    return World(recovery_rounds=6, **changes).settle()


def held(**fields: Any) -> World:
    world = calm()
    drill(world, **{"hold_seconds": 600, **fields})
    world.run(2)
    assert stage(world) is DrillStage.HOLDING
    return world


def stage(world: World) -> DrillStage:
    assert world.state.drill
    return world.state.drill.stage


def test_a_switchover_takes_users_there_holds_and_brings_them_back() -> None:
    world = calm()
    drill(world, hold_seconds=120)
    users = []
    for _ in range(16):
        world.run(1)
        users.append(world.users)
    assert users == [Side.STANDBY] * 12 + [Side.PRIMARY] * 4
    assert ended(world).outcome is DrillOutcome.CLEAN
    assert world.zone.traffic == [(0, 255), (255, 0)]


def test_users_come_back_in_steps_unless_asked_otherwise() -> None:
    world = calm()
    drill(world, hold_seconds=0, pace="in-steps")
    world.run(ROUNDS)
    assert world.zone.traffic == [(0, 255), (26, 229), (128, 127), (255, 0)]
    assert ended(world).outcome is DrillOutcome.CLEAN


def test_its_moves_carry_its_id_and_use_up_nothing() -> None:
    world = calm()
    drill_id = drill(world)["drill"]
    world.run(ROUNDS)
    moves = {each.move.id: each.move for each in history(world) if each.move}
    assert [*moves] == list(ended(world).moves)
    assert {move.drill for move in moves.values()} == {drill_id}
    assert {move.automatic for move in moves.values()} == {False}
    assert (world.state.automatic_moves, world.state.cool_down_until) == ((), 0.0)


def test_a_failover_after_a_drill_is_as_free_as_before_it() -> None:
    world = calm(max_automatic_moves_per_day=1)
    drill(world)
    world.run(ROUNDS)
    world.primary(SICK).run(4)
    assert world.users is Side.STANDBY
    assert len(world.state.automatic_moves) == 1


def test_with_every_lever_all_of_them_go_and_come_back() -> None:
    world = calm(latches=tuple(LatchName))
    drill(world, hold_seconds=100)
    world.run(6)
    assert world.weights == (0, 255)
    assert all(latch.thrown for latch in world.latches.values())
    world.run(ROUNDS)
    assert world.weights == (255, 0)
    assert not any(latch.thrown for latch in world.latches.values())
    assert ended(world).outcome is DrillOutcome.CLEAN


def test_a_levers_test_moves_each_lever_alone() -> None:
    world = calm(latches=tuple(LatchName))
    drill(world, "lever-test")
    seen = []
    for _ in range(ROUNDS):
        world.run(1)
        seen.append((world.weights[1] > 0, *(latch.thrown for latch in world.latches.values())))
    away = [levers for levers in dict.fromkeys(seen) if any(levers)]
    assert away == [(True, False, False), (False, True, False), (False, False, True)]
    assert ended(world).outcome is DrillOutcome.CLEAN
    assert len(ended(world).moves) == 3


def test_each_lever_has_moved_users_before_it_brings_them_back() -> None:
    world = calm(latches=(LatchName.RECORDS,))
    drill(world, "lever-test")
    world.run(ROUNDS)
    confirmed = [each.move for each in history(world) if each.kind is Kind.STEP_CONFIRMED]
    assert [move.levers for move in confirmed if move] == [("weights",), ("records-latch",)]
    assert all(move and move.there_at for move in confirmed)


def test_where_there_is_one_lever_only_that_is_tested() -> None:
    world = calm()
    drill(world, "lever-test")
    world.run(ROUNDS)
    assert world.zone.traffic == [(0, 255), (255, 0)]
    assert ended(world).outcome is DrillOutcome.CLEAN


def test_a_lever_that_is_not_attached_is_not_tested() -> None:
    world = calm(latches=(LatchName.RECORDS,))
    world.latches[LatchName.RECORDS].attached = False
    world.run(8)
    drill(world, "lever-test")
    world.run(ROUNDS)
    assert world.latches[LatchName.RECORDS].sets == []
    assert ended(world).outcome is DrillOutcome.CLEAN


def test_cognitos_own_domain_alone_can_be_rehearsed() -> None:
    world = World(
        weights=None,
        latches=(LatchName.DOMAIN,),
        domain_name="",
        primary_target="",
        standby_target="",
        managed_login_domain="login.example.com",
        latch_bucket="latch",
        domain_latch_check_id="check",
    ).settle()
    for kind in ("switchover", "lever-test"):
        drill(world, kind)
        world.run(ROUNDS)
        assert ended(world).outcome is DrillOutcome.CLEAN
        assert not world.latches[LatchName.DOMAIN].thrown
    assert world.latches[LatchName.DOMAIN].sets == [True, False, True, False]


def test_a_blind_drill_goes_from_suspicion_to_dns() -> None:
    world = calm()
    drill(world, "blind", hold_seconds=60)
    world.run(4)
    assert world.weights == (0, 255)
    assert world.state.last_move
    assert world.state.last_move.automatic is False
    told = [Kind.DRILL_STARTED, Kind.SUSPECTED, Kind.MOVE_DECIDED, Kind.MOVE_SUBMITTED, Kind.MOVE_CONFIRMED]
    assert world.kinds[: len(told)] == told
    world.run(ROUNDS)
    assert ended(world).outcome is DrillOutcome.CLEAN
    assert world.users is Side.PRIMARY


def test_what_is_fed_is_never_remembered_of_the_region() -> None:
    world = calm()
    drill(world, "blind", rounds=10)
    for _ in range(ROUNDS):
        world.run(1)
        assert world.state.streaks.primary.verdict is HEALTHY
        assert world.state.concerns.primary is None
        assert world.told.reports[-1].knowledge.sides.primary.verdict is HEALTHY
        assert world.told.reports[-1].observation.readings.primary.verdict is HEALTHY
    assert not {Kind.CONCERN, Kind.RECOVERED, Kind.SUSPICION_CLEARED} & set(world.kinds)


def test_all_that_a_blind_drill_tells_is_marked() -> None:
    world = calm()
    drill_id = drill(world, "blind", hold_seconds=0)["drill"]
    world.run(ROUNDS)
    assert world.told.announcements
    assert {each.drill_id for each in world.told.announcements} == {drill_id}
    fed = [each for each in world.told.announcements if each.kind in {Kind.SUSPECTED, Kind.MOVE_DECIDED}]
    assert all(drill_id in each.sentence for each in fed)


def test_fewer_rounds_than_it_takes_move_nobody_and_leave_no_suspicion() -> None:
    world = calm()
    drill(world, "blind", rounds=2)
    world.run(3)
    assert ended(world).outcome is DrillOutcome.CLEAN
    assert not world.state.suspected.stands
    assert world.zone.traffic == []
    world.primary(SICK).run(2)
    assert world.zone.traffic == [], "two sick rounds are two, whatever was fed before"


def test_a_rule_that_keeps_a_fed_sickness_from_moving_anybody_is_told_as_the_drills() -> None:
    world = calm()
    drill_id = drill(world, "blind", rounds=4)["drill"]
    world.request("pause", reason="deploy", minutes=30)
    world.run(6)
    last = ended(world)
    assert last.outcome is DrillOutcome.ABORTED
    assert "not-paused" in world.said(Kind.DRILL_ENDED)
    assert [each.drill_id for each in world.told.announcements if each.kind is Kind.WOULD_MOVE] == [drill_id]
    assert world.state.blocked_by == ""


def test_a_tabletop_moves_nobody_and_says_what_would_be_in_its_way() -> None:
    world = calm()
    world.request("pause", reason="deploy", minutes=30)
    answer = drill(world, "tabletop")
    assert answer["message"].startswith(f"Drill {answer['drill']} (tabletop) begins, asked for by Aiko: monthly.")
    assert "Today one that moves users would have been refused" in answer["message"]
    assert [each["rule"] for each in answer["obstacles"]] == ["not-paused"]
    assert answer["plan"]
    assert ended(world).outcome is DrillOutcome.CLEAN
    world.run(5)
    assert world.zone.traffic == []


@pytest.mark.parametrize("verdict", [SICK, Verdict.THROTTLED, Verdict.NOT_READY, Verdict.TRIGGER])
def test_failing_sign_ins_on_the_standby_abort_it(verdict: Verdict) -> None:
    world = held()
    world.standby(verdict).run(FAILED_IN_A_ROW - 1)
    assert world.weights == (0, 255)
    world.run(1)
    assert world.weights == (255, 0)
    world.run(2)
    assert ended(world).outcome is DrillOutcome.ABORTED
    assert "3 of 3 sign-ins on us-east-1 have failed" in world.said(Kind.DRILL_ABORTED)


def test_single_failures_abort_it_once_they_are_too_large_a_share() -> None:
    world = held(hold_seconds=3600)
    for _ in range(3):
        world.standby(SICK).run(1)
        world.standby(HEALTHY).run(5)
    assert stage(world) is DrillStage.HOLDING, "of so few no share is taken"
    world.run(4)
    assert ended(world).outcome is DrillOutcome.ABORTED


@pytest.mark.parametrize(
    ("tried", "failed", "too_often"), [(19, 2, False), (20, 1, False), (20, 2, True), (40, 2, False), (41, 3, True)]
)
def test_more_than_one_in_twenty_is_too_often_from_twenty_sign_ins_on(
    tried: int, failed: int, *, too_often: bool
) -> None:
    now = 1_800_000_000.0
    begun = Drill(id="d", kind=DrillKind.SWITCHOVER, reason="r", requested_by="Aiko", started_at=now, stage_since=now)
    assert replace(begun, tried=tried, failed=failed).fails_too_often is too_often


def test_sign_ins_through_the_domain_count_too() -> None:
    world = calm()
    failing: list[SignIns] = []
    world.sign_ins = lambda: failing.pop() if failing else SignIns()
    world.new_process()
    drill(world, hold_seconds=600)
    world.run(2)
    failing.append(SignIns(tried=3, failed=3))
    world.standby(Verdict.UNKNOWN).run(1)
    world.standby(HEALTHY).run(3)
    assert ended(world).outcome is DrillOutcome.ABORTED


def test_a_round_that_knows_nothing_counts_for_nothing() -> None:
    world = held(hold_seconds=100)
    world.standby(Verdict.UNKNOWN).run(6)
    assert stage(world) is DrillStage.HOLDING
    world.standby(HEALTHY).run(10)
    assert ended(world).outcome is DrillOutcome.CLEAN
    assert ended(world).failed == 0


def test_an_abort_by_hand_brings_users_home_at_once() -> None:
    world = held()
    answer = world.request("abort", reason="stop", token="stop", requested_by="Ada")
    assert answer["done"]
    world.run(3)
    last = ended(world)
    assert last.outcome is DrillOutcome.ABORTED
    assert last.aborted == "Ada ended it early: stop."
    assert world.users is Side.PRIMARY


def test_an_abort_while_fed_moves_nobody() -> None:
    world = calm()
    drill(world, "blind")
    world.run(2)
    world.request("abort", reason="stop", token="stop")
    assert ended(world).outcome is DrillOutcome.ABORTED
    world.run(4)
    assert world.zone.traffic == []


def test_an_abort_before_anything_was_changed_gives_the_move_up() -> None:
    world = calm().route_53_fails()
    drill(world)
    world.run(2)
    world.request("abort", reason="stop", token="stop")
    world.all_works().run(3)
    assert ended(world).outcome is DrillOutcome.ABORTED
    assert world.zone.traffic == []


def test_an_abort_of_what_goes_home_already_changes_nothing() -> None:
    world = calm()
    drill(world, hold_seconds=0, pace="in-steps")
    world.run(4)
    assert stage(world) is DrillStage.RETURNING
    before = world.state.move
    assert world.request("abort", reason="stop", token="stop")["done"]
    assert world.state.move == before
    world.run(ROUNDS)
    assert ended(world).outcome is DrillOutcome.CLEAN


def test_an_abort_towards_a_sick_primary_is_refused() -> None:
    world = held()
    world.primary(SICK).run(1)
    answer = world.request("abort", reason="stop", token="stop")
    assert (answer["done"], answer["refused_by"]) == (False, "target-serves")
    assert world.users is Side.STANDBY


def test_users_wait_for_a_primary_that_is_in_doubt_and_then_go_home() -> None:
    world = held(hold_seconds=50)
    world.primary(Verdict.THROTTLED).run(10)
    assert stage(world) is DrillStage.RETURNING
    assert world.users is Side.STANDBY
    world.primary(HEALTHY).run(6)
    assert ended(world).outcome is DrillOutcome.CLEAN


def test_a_primary_in_doubt_for_too_long_ends_it_where_users_are() -> None:
    world = held(hold_seconds=50)
    world.primary(Verdict.THROTTLED).run(int(PATIENCE_SECONDS / 10) + 10)
    assert ended(world).outcome is DrillOutcome.OVERTAKEN
    world.primary(HEALTHY).run(10)
    assert world.users is Side.STANDBY


def test_a_move_that_never_gets_anywhere_is_given_up() -> None:
    world = calm().route_53_fails(calls="zone.submit")
    drill(world)
    world.run(int(PATIENCE_SECONDS / 10) + 2)
    assert Kind.DRILL_ABORTED in world.kinds
    world.all_works().run(5)
    assert ended(world).outcome is DrillOutcome.ABORTED
    assert world.users is Side.PRIMARY


def test_a_levers_test_whose_primary_stays_in_doubt_ends_with_every_lever_there() -> None:
    world = calm(latches=(LatchName.RECORDS,))
    drill(world, "lever-test")
    world.run(2)
    world.primary(Verdict.CANARY_BROKEN).run(int(PATIENCE_SECONDS / 10) + 10)
    assert ended(world).outcome is DrillOutcome.OVERTAKEN
    assert world.state.move is None
    assert world.latches[LatchName.RECORDS].thrown


def test_a_pause_during_a_drill_does_not_stop_it() -> None:
    world = held(hold_seconds=50)
    answer = world.request("pause", reason="deploy", minutes=60)
    assert "already begun, goes on to its end" in answer["message"]
    world.run(10)
    assert ended(world).outcome is DrillOutcome.CLEAN


def test_observe_only_and_the_latchs_attachment_wait_for_its_end() -> None:
    world = calm(latches=(LatchName.RECORDS,), latch_bucket="latch", records_latch_check_id="c", standby_check_id="s")
    drill(world, "blind", rounds=10)
    world.run(1)
    for action in ("observe-only", "attach", "detach"):
        token = {} if action == "observe-only" else {"token": action}
        answer = world.request(action, reason="trial", **token)
        assert answer["done"] is False
        assert "is on" in answer["message"]


def test_a_process_that_was_away_goes_on_where_it_was() -> None:
    world = held(hold_seconds=100)
    world.wait(3600).new_process()
    world.run(10)
    assert ended(world).outcome is DrillOutcome.CLEAN
    assert world.users is Side.PRIMARY


def test_the_status_and_the_phase_show_it() -> None:
    world = held()
    status = world.request("status")["status"]
    assert status["drill"]["stage"] == "holding"
    assert status["drill"]["requested_by"] == "Aiko"
    assert status["last_drill"] is None
    assert phase_of(world.state, world.settings, world.clock.now) is Phase.STEADY


def test_everything_of_its_moves_names_it() -> None:
    world = calm()
    drill_id = drill(world, hold_seconds=0, pace="in-steps")["drill"]
    world.run(ROUNDS)
    told = [each for each in history(world) if each.move or each.kind in OF_DRILLS]
    assert {each.drill_id for each in told} == {drill_id}


@pytest.mark.parametrize("kind", ["switchover", "blind"])
def test_an_automatic_failback_leaves_a_drills_users_to_the_drill(kind: str) -> None:
    world = calm(failback_policy=FailbackPolicy.IN_ONE, max_automatic_moves_per_day=3)
    drill(world, kind, hold_seconds=300)
    world.run(20)
    assert stage(world) is DrillStage.HOLDING
    world.primary(SICK).run(4)
    world.primary(HEALTHY).run(ROUNDS)
    assert ended(world).outcome is DrillOutcome.OVERTAKEN
    assert world.users is Side.STANDBY
