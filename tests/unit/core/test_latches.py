"""The second lever: users move with no control plane, and everything follows in its own time."""

import pytest

from failover.decision.announcement import Kind
from failover.levers.latch import LatchName
from failover.probe.verdict import Verdict
from failover.region import Side, all_to
from tests.support.world import World

RECORDS, DOMAIN = LatchName.RECORDS, LatchName.DOMAIN


def with_both() -> World:
    return World(latches=(RECORDS, DOMAIN)).settle()


def moving(world: World) -> bool:
    return world.state.move is not None


def trailing(world: World) -> bool:
    return world.state.trailing is not None


def users(world: World) -> Side | None:
    return world.users


def active(world: World) -> Side:
    return world.state.active


def failed_over() -> World:
    world = with_both().primary(Verdict.SICK)
    world.run(8)
    assert active(world) is Side.STANDBY
    assert not moving(world)
    return world


def test_every_lever_is_driven_by_one_decision() -> None:
    world = failed_over()
    assert world.weights == (0, 255)
    assert [latch.thrown for latch in world.latches.values()] == [True, True]
    assert world.kinds.count(Kind.MOVE_DECIDED) == world.kinds.count(Kind.MOVE_CONFIRMED) == 1


def test_users_move_while_the_control_plane_takes_nothing() -> None:
    world = with_both().primary(Verdict.SICK).route_53_fails()
    world.run(6)
    assert world.weights == (255, 0)
    assert users(world) is Side.STANDBY
    assert active(world) is Side.STANDBY
    assert "not followed yet" in world.said(Kind.MOVE_CONFIRMED)


def test_a_new_process_moves_users_by_what_was_remembered_of_calm_days() -> None:
    world = with_both().primary(Verdict.SICK).route_53_fails()
    world.new_process()
    world.run(6)
    assert active(world) is Side.STANDBY


def test_weights_follow_once_the_control_plane_is_back_and_nobody_moves_by_it() -> None:
    world = with_both().primary(Verdict.SICK).route_53_fails()
    world.run(6)
    world.all_works()
    world.told.announcements.clear()
    world.run(6)
    assert world.weights == (0, 255)
    assert users(world) is Side.STANDBY
    assert world.state.trailing is None
    assert world.kinds == [Kind.WEIGHTS_FOLLOWED]
    world.run(30)
    assert world.kinds == [Kind.WEIGHTS_FOLLOWED]


def test_weights_that_trail_do_not_hammer_the_control_plane() -> None:
    world = with_both().primary(Verdict.SICK).route_53_fails()
    world.run(6)
    asked: list[str] = []
    refuse = world.tap.asked

    def count(call_name: str) -> None:
        if call_name == "zone.facts":
            asked.append(call_name)
        refuse(call_name)

    world.tap.asked = count
    world.run(12)
    assert len(asked) == 4


def test_weights_that_followed_unheard_are_known_to_be_the_controllers_own() -> None:
    world = with_both().primary(Verdict.SICK).route_53_fails()
    world.run(6)
    world.all_works().answer_is_lost("zone.submit")
    world.run(4)
    assert world.weights == (0, 255)
    assert trailing(world)
    world.all_works().run(4)
    assert not trailing(world)
    assert world.state.hold is None
    assert world.kinds[-1] is Kind.WEIGHTS_FOLLOWED


def test_weights_do_not_follow_a_move_against_a_rule_before_a_person_has_acknowledged_it() -> None:
    world = with_both().standby(Verdict.SICK).route_53_fails()
    world.request("failover", reason="I know", token="t", override=["target-serves"])
    world.run(6)
    assert active(world) is Side.STANDBY
    world.all_works().run(8)
    assert world.weights == (255, 0)
    assert trailing(world)
    world.request("acknowledge", reason="as meant")
    world.run(4)
    assert world.weights == (0, 255)
    assert not trailing(world)


def test_records_are_read_again_in_the_round_after_their_weights_have_followed() -> None:
    world = with_both().primary(Verdict.SICK).route_53_fails()
    world.run(6)
    world.all_works()
    while trailing(world):
        world.run(1)
    world.run(1)
    assert world.state.surveyed
    assert world.state.surveyed.weights == all_to(Side.STANDBY)


def test_records_that_somebody_changed_before_the_weights_followed_are_left_alone() -> None:
    world = with_both().primary(Verdict.SICK).route_53_fails()
    world.run(6)
    world.all_works().someone_sets(128, 127)
    world.run(6)
    assert world.weights == (128, 127)
    assert world.state.hold
    assert Kind.HELD in world.kinds


def test_a_latch_out_of_reach_delays_only_itself() -> None:
    world = with_both().primary(Verdict.SICK)
    world.latches[RECORDS].works = False
    world.run(8)
    assert world.weights == (0, 255)
    assert active(world) is Side.STANDBY
    assert not world.latches[RECORDS].thrown
    world.latches[RECORDS].works = True
    world.run(5)
    assert world.latches[RECORDS].thrown


def test_a_move_of_both_is_not_over_before_cognitos_domain_has_moved() -> None:
    world = with_both().primary(Verdict.SICK)
    world.latches[DOMAIN].works = False
    world.run(8)
    assert users(world) is Side.STANDBY
    assert moving(world)
    world.latches[DOMAIN].works = True
    world.run(2)
    assert not moving(world)
    assert world.kinds[-1] is Kind.MOVE_CONFIRMED


@pytest.mark.parametrize("latch", [RECORDS, DOMAIN])
def test_a_switch_out_of_reach_once_it_is_thrown_delays_no_confirmation(latch: LatchName) -> None:
    world = with_both().primary(Verdict.SICK).route_53_fails()

    def break_off(thrown: bool) -> None:
        world.latches[latch].works = not thrown

    world.latches[latch].on_set = break_off
    world.run(6)
    assert world.latches[latch].thrown
    assert not world.latches[latch].works
    assert active(world) is Side.STANDBY
    assert not moving(world)


def test_a_switch_out_of_reach_before_its_check_has_followed_is_told_as_such() -> None:
    world = with_both().primary(Verdict.SICK).route_53_fails()
    world.spreads = False
    world.run(3)
    world.latches[DOMAIN].works = False
    assert (
        "The latch of the domain is set, and not seen to have moved anybody yet: Its check says False. Whether the "
        "latch of the domain still is as it was set is not known: S3 answered SlowDown"
    ) in world.run()


def test_a_latch_that_is_not_attached_neither_moves_nor_delays_anybody() -> None:
    world = with_both()
    for latch in world.latches.values():
        latch.attached = False
    world.run(8)
    world.primary(Verdict.SICK).route_53_fails()
    world.run(6)
    assert users(world) is Side.PRIMARY
    assert moving(world)
    world.all_works().run(3)
    assert active(world) is Side.STANDBY


def test_a_silent_name_server_holds_up_the_latchs_confirmation_for_two_minutes() -> None:
    world = with_both().primary(Verdict.SICK).route_53_fails()
    world.servers.silent.add("ns-1.example.net")
    world.run(10)
    assert moving(world)
    world.run(8)
    assert active(world) is Side.STANDBY


def test_a_failback_in_steps_releases_the_records_latch_first_and_the_domains_last() -> None:
    world = failed_over().primary(Verdict.HEALTHY)
    world.run(5)
    assert world.request("failback", reason="well again", token="t")["done"]
    world.spreads = False
    world.run(2)
    assert world.latches[RECORDS].sets[-1] is False
    assert world.weights == (0, 255)
    world.spreads = True
    world.run(3)
    assert world.weights == (26, 229)
    assert world.latches[DOMAIN].thrown
    world.run(20)
    assert world.weights == (255, 0)
    assert not world.latches[DOMAIN].thrown
    assert active(world) is Side.PRIMARY
    assert not moving(world)


def test_a_latch_that_is_not_attached_follows_a_failback_in_steps_and_can_be_attached_again() -> None:
    world = with_both()
    for latch in world.latches.values():
        latch.attached = False
    world.run(7)
    world.primary(Verdict.SICK).run(6)
    assert world.latches[DOMAIN].thrown
    world.primary(Verdict.HEALTHY).run(5)
    assert world.request("failback", reason="well again", token="t")["done"]
    world.run(24)
    assert (active(world), world.weights) == (Side.PRIMARY, (255, 0))
    assert not moving(world)
    assert not any(latch.thrown for latch in world.latches.values())


def test_until_the_last_step_nobody_who_uses_cognitos_domain_moves() -> None:
    world = failed_over().primary(Verdict.HEALTHY)
    world.run(5)
    world.request("failback", reason="well again", token="t")
    seen: list[tuple[tuple[int, int], bool]] = []
    for _ in range(26):
        world.run(1)
        seen.append((world.weights, world.latches[DOMAIN].thrown))
    assert all(thrown for weights, thrown in seen if weights != (255, 0))
    assert seen[-1] == ((255, 0), False)


def test_a_failback_in_one_sets_every_lever_at_once() -> None:
    world = failed_over().primary(Verdict.HEALTHY)
    world.run(5)
    world.request("failback", reason="well again", token="t", pace="in-one")
    world.run(1)
    assert [latch.thrown for latch in world.latches.values()] == [False, False]
    assert world.weights == (255, 0)


def test_a_failback_by_the_latch_alone_moves_users_whose_weights_never_left() -> None:
    world = with_both().primary(Verdict.SICK).route_53_fails()
    world.run(6)
    world.primary(Verdict.HEALTHY).run(5)
    world.request("failback", reason="well again", token="t", pace="in-one")
    world.run(4)
    assert users(world) is Side.PRIMARY
    assert active(world) is Side.PRIMARY
    assert world.state.trailing is None


def test_a_sick_target_at_a_step_throws_the_latches_again() -> None:
    world = failed_over().primary(Verdict.HEALTHY)
    world.run(5)
    world.request("failback", reason="well again", token="t")
    world.run(5)
    assert world.weights == (26, 229)
    world.primary(Verdict.SICK).run(8)
    assert world.weights == (0, 255)
    assert world.latches[RECORDS].thrown
    assert active(world) is Side.STANDBY
    assert not moving(world)


def test_a_sick_standby_brings_everything_back_in_one_step() -> None:
    world = failed_over().primary(Verdict.HEALTHY)
    world.run(120)
    world.standby(Verdict.SICK).run(6)
    assert users(world) is Side.PRIMARY
    assert [latch.thrown for latch in world.latches.values()] == [False, False]
    assert active(world) is Side.PRIMARY


def test_a_move_withdrawn_before_a_latch_was_set_sets_none() -> None:
    world = with_both().primary(Verdict.SICK).route_53_fails()
    for latch in world.latches.values():
        latch.works = False
    world.run(4)
    world.primary(Verdict.HEALTHY).all_works().run(3)
    for latch in world.latches.values():
        latch.works = True
    world.run(10)
    assert users(world) is Side.PRIMARY
    assert True not in [thrown for latch in world.latches.values() for thrown in latch.sets]
    assert not moving(world)


def test_a_latch_that_somebody_throws_is_taken_as_a_persons_hand() -> None:
    world = with_both()
    world.latches[RECORDS].thrown = True
    world.latches[DOMAIN].thrown = True
    world.run(8)
    assert world.state.hold
    assert active(world) is Side.STANDBY
    assert world.weights == (255, 0)
    assert "somebody else set a latch" in world.said(Kind.HELD)
    assert world.latches[RECORDS].sets == []


def test_of_two_names_on_two_sides_neither_is_moved() -> None:
    world = with_both()
    world.latches[DOMAIN].thrown = True
    world.run(8)
    assert world.state.hold
    assert active(world) is Side.PRIMARY


def test_a_latch_that_cannot_be_read_for_five_minutes_is_told_once_and_bars_no_move() -> None:
    world = with_both()
    world.latches[RECORDS].works = False
    world.run(30)
    assert world.kinds == []
    world.run(30)
    assert world.kinds == [Kind.LATCH_PROBLEM]
    assert "has not been read for 5 min" in world.said(Kind.LATCH_PROBLEM)
    world.primary(Verdict.SICK).run(6)
    assert active(world) is Side.STANDBY


def test_a_latch_that_is_read_again_is_told_only_to_whom_its_trouble_was_told() -> None:
    world = with_both()
    for rounds, kinds in ((30, []), (60, [Kind.LATCH_PROBLEM, Kind.LATCH_MENDED])):
        world.latches[DOMAIN].works = False
        world.run(rounds)
        world.latches[DOMAIN].works = True
        world.run(12)
        assert world.kinds == kinds


def test_a_controller_that_forgot_everything_finds_the_latches_as_they_are() -> None:
    world = failed_over()
    world.memory.lose_state()
    world.new_process()
    world.run(2)
    assert active(world) is Side.STANDBY
    assert world.state.hold is None
    assert world.state.latches[RECORDS].thrown


def test_cognitos_domain_alone_moves_without_any_records() -> None:
    world = World(
        None,
        latches=(DOMAIN,),
        domain_name="",
        primary_target="",
        standby_target="",
        managed_login_domain="login.example.com",
        domain_latch_check_id="a1b2",
        latch_bucket="latch-us-east-1",
    ).settle()
    world.primary(Verdict.SICK).run(5)
    assert world.latches[DOMAIN].thrown
    assert active(world) is Side.STANDBY
    assert "presumed" in world.said(Kind.MOVE_CONFIRMED)
    world.primary(Verdict.HEALTHY).run(5)
    world.request("failback", reason="well again", token="t")
    world.run(3)
    assert not world.latches[DOMAIN].thrown
    assert active(world) is Side.PRIMARY


def test_status_tells_how_each_latch_stands() -> None:
    world = failed_over()
    status = world.request("status")["status"]
    assert status["latches"]["records"]["thrown"]
    assert status["latches"]["domain"]["attached"]
    assert status["latches"]["domain"]["seen_to_follow_at"]


@pytest.mark.parametrize("latch", [RECORDS, DOMAIN])
def test_an_abort_before_the_weights_moved_releases_the_latches(latch: LatchName) -> None:
    world = with_both().route_53_fails()
    world.spreads = False
    world.request("failover", reason="drill", token="t")
    world.run(1)
    assert world.latches[latch].thrown
    world.request("abort", reason="not now", token="a")
    world.spreads = True
    world.all_works().run(4)
    assert not world.latches[latch].thrown
    assert users(world) is Side.PRIMARY
    assert not moving(world)


@pytest.mark.parametrize("latch", [RECORDS, DOMAIN])
def test_a_latch_that_somebody_sets_during_a_move_ends_it_and_is_left_as_found(latch: LatchName) -> None:
    world = with_both().primary(Verdict.SICK).route_53_fails()
    world.spreads = False
    world.run(4)
    world.latches[latch].thrown = False
    world.run(2)
    assert not moving(world)
    assert not world.latches[latch].thrown
    assert f"somebody else released the latch of the {latch}" in world.said(Kind.MOVE_OVERTAKEN)
