"""What a person decides holds until it is fulfilled, withdrawn or too old: abort, pause, override, request."""

import pytest

from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import ControllerHarness
from tests.support.drill_requests import request_drill

SICK, HEALTHY, UNKNOWN = Verdict.SICK, Verdict.HEALTHY, Verdict.UNKNOWN
STEPS = [(26, 229), (128, 127), (255, 0)]
HOUR_ROUNDS = 360


def start_unstarted_failover() -> ControllerHarness:
    """Return a world whose automatic failover is decided, while Route 53's control plane is out of reach."""
    world = ControllerHarness().settle().set_primary(SICK)
    world.fail_route_53(calls="zone.list_record_sets").run(4)
    assert world.state.move
    assert not world.state.move.is_started
    return world


def is_moving(world: ControllerHarness) -> bool:
    return world.state.move is not None


def count_decisions(world: ControllerHarness) -> int:
    return world.event_kinds.count(EventKind.MOVE_DECIDED)


@pytest.mark.parametrize("verdicts", [[SICK], [SICK, SICK, SICK, SICK, HEALTHY, HEALTHY, HEALTHY, HEALTHY]])
def test_aborted_automatic_failover_waits_for_acknowledgement(verdicts: list[Verdict]) -> None:
    world = start_unstarted_failover()
    assert world.request("abort", reason="the canary lies", token="a", requested_by="Aiko")["done"]
    world.restore_all()
    for number in range(HOUR_ROUNDS):
        world.set_primary(verdicts[number % len(verdicts)]).run(1)
    assert (count_decisions(world), world.zone.weight_history) == (1, [])
    assert "Aiko aborted the move" in world.get_latest_message(EventKind.AUTOMATION_HELD)
    assert world.request("acknowledge", reason="it is down", requested_by="Aiko")["done"]
    world.set_primary(SICK).run(4)
    assert world.zone.weight_history == [(0, 255)]


def test_aborted_started_failover_is_not_begun_again() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.name_servers.freeze("ns-1.example.net")
    world.run(4)
    world.set_primary(UNKNOWN).run(1)
    assert world.request("abort", reason="a mistake", token="a")["done"]
    world.name_servers.stale_records.clear()
    world.run(3)
    assert world.zone.weight_history == [(0, 255), (255, 0)]
    world.set_primary(SICK).run(HOUR_ROUNDS)
    assert count_decisions(world) == 1
    assert world.state.hold


def test_aborted_manual_failover_of_a_sick_region_is_not_begun_again() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.run(1)
    assert world.request("failover", reason="it looks bad", token="f")["done"]
    assert world.request("abort", reason="it does not", token="a")["done"]
    world.run(HOUR_ROUNDS)
    assert (count_decisions(world), world.zone.weight_history) == (1, [])


def test_aborted_manual_move_of_healthy_regions_leaves_automation_on() -> None:
    world = ControllerHarness().settle()
    world.request("failover", reason="maintenance", token="f")
    world.request("abort", reason="not today", token="a")
    assert world.state.hold is None
    world.set_primary(SICK).run(4)
    assert world.zone.weight_history == [(0, 255)]


def test_abort_keeps_the_reason_of_an_earlier_hold() -> None:
    world = ControllerHarness().settle()
    world.edit_weights(155, 100)
    world.run(7)
    world.set_primary(SICK)
    world.request("failover", reason="go", token="f")
    world.run(1)
    world.fail_route_53().run(1)
    world.patch_state(move=None)
    world.request("failover", reason="go", token="g")
    assert world.request("abort", reason="stop", token="a")["done"]
    assert world.state.hold
    assert "Before that: the records were changed externally" in world.state.hold.reason


@pytest.mark.parametrize("calls", ["zone.list_record_sets", "zone.submit"])
def test_pause_withdraws_an_automatic_move_that_has_not_begun(calls: str) -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.fail_route_53(calls=calls).run(4)
    assert world.state.move
    answer = world.request("pause", reason="we look first", minutes=600, requested_by="Aiko")
    assert "paused automation until" in answer["message"]
    world.restore_all().run(HOUR_ROUNDS)
    assert world.user_location is RegionRole.PRIMARY
    assert not is_moving(world)
    assert world.zone.weight_history == []
    assert world.user_location is RegionRole.PRIMARY
    assert {EventKind.PAUSED, EventKind.MOVE_CANCELLED} <= set(world.event_kinds)
    assert count_decisions(world) == 1


def test_withdrawn_move_is_named_in_the_answer_to_the_pause() -> None:
    world = start_unstarted_failover()
    answer = world.request("pause", reason="we look first", minutes=60, requested_by="Aiko")
    assert "is cancelled before it moved users: automation is paused by Aiko." in answer["message"]
    assert "continues to its end" not in answer["message"]


def test_pause_leaves_a_manual_move_and_a_drill() -> None:
    world = ControllerHarness().settle().fail_route_53()
    world.request("failover", reason="maintenance", token="f")
    world.request("pause", reason="maintenance", minutes=60)
    world.run(2)
    world.restore_all().run(2)
    assert world.user_location is RegionRole.STANDBY
    drilled = ControllerHarness().settle()
    request_drill(drilled)
    drilled.request("pause", reason="maintenance", minutes=60)
    drilled.run(2)
    assert drilled.user_location is RegionRole.STANDBY


def test_shorter_pause_does_not_end_a_longer_one() -> None:
    world = ControllerHarness().settle()
    world.request("pause", reason="migration", minutes=240, requested_by="Aiko")
    answer = world.request("pause", reason="deploy", minutes=5, requested_by="Bo")
    assert answer["done"]
    assert "The longer pause by Aiko until 2027-01-15T12:01:20Z stays" in answer["message"]
    world.set_primary(SICK).run(HOUR_ROUNDS)
    assert world.zone.weight_history == []


def test_longer_pause_replaces_a_shorter_one_and_resume_ends_it() -> None:
    world = ControllerHarness().settle()
    world.request("pause", reason="deploy", minutes=5)
    world.request("pause", reason="migration", minutes=240)
    world.set_primary(SICK).run(60)
    assert world.zone.weight_history == []
    world.request("resume", reason="done")
    world.request("pause", reason="deploy", minutes=1)
    world.run(10)
    assert world.zone.weight_history == [(0, 255)]


@pytest.mark.parametrize("verdict", [SICK, UNKNOWN, Verdict.CANARY_BROKEN, Verdict.THROTTLED])
@pytest.mark.parametrize("mode", ["stepped", "all-at-once"])
def test_override_of_target_health_holds_for_the_whole_move(verdict: Verdict, mode: str) -> None:
    world = ControllerHarness(weights=(0, 255)).settle().set_primary(verdict)
    world.run(3)
    answer = world.request("failback", reason="I know", token="b", override=["target-healthy"], mode=mode)
    assert answer["done"], answer
    world.run(40)
    assert world.zone.weight_history == (STEPS if mode == "stepped" else STEPS[-1:])
    assert world.state.active_role is RegionRole.PRIMARY
    assert world.state.hold
    assert EventKind.MOVE_ROLLING_BACK not in world.event_kinds


def test_overridden_steps_still_obey_an_abort() -> None:
    world = ControllerHarness(weights=(0, 255)).settle().set_primary(SICK)
    world.run(3)
    world.request("failback", reason="I know", token="b", override=["target-healthy"])
    world.run(3)
    assert world.request("abort", reason="I was wrong", token="a")["done"]
    world.run(5)
    assert world.zone.weight_history == [STEPS[0], (0, 255)]


def test_overridden_steps_become_one_when_the_source_falls_sick() -> None:
    world = ControllerHarness(weights=(0, 255)).settle().set_primary(UNKNOWN)
    world.run(3)
    world.request("failback", reason="I know", token="b", override=["target-healthy"])
    world.run(3)
    world.set_standby(SICK).run(4)
    assert world.zone.weight_history == [STEPS[0], STEPS[-1]]


@pytest.mark.parametrize("calls", ["zone.list_record_sets", "zone.submit"])
@pytest.mark.parametrize("action", ["failover", "failback"])
def test_request_that_no_lever_has_taken_for_an_hour_is_withdrawn(calls: str, action: str) -> None:
    source = (255, 0) if action == "failover" else (0, 255)
    world = ControllerHarness(weights=source).settle()
    world.fail_route_53(calls=calls)
    world.request(action, reason="maintenance", token="f", **({"mode": "all-at-once"} if action == "failback" else {}))
    world.run(HOUR_ROUNDS - 1)
    assert world.state.move
    world.run(3)
    world.restore_all().run(5)
    assert not is_moving(world)
    assert world.zone.weight_history == []
    assert EventKind.MOVE_CANCELLED in world.event_kinds


@pytest.mark.parametrize("is_automatic", [True, False])
def test_move_is_not_made_after_a_week_without_rounds(*, is_automatic: bool) -> None:
    world = ControllerHarness().settle()
    if is_automatic:
        world.set_primary(SICK)
    world.fail_route_53(calls="zone.list_record_sets")
    if not is_automatic:
        world.request("failover", reason="maintenance", token="f")
    world.run(4)
    assert world.state.move
    world.restore_all().wait(7 * 86_400)
    world.set_primary(UNKNOWN if is_automatic else HEALTHY).run(3)
    assert not is_moving(world)
    assert world.zone.weight_history == []


def test_restored_table_does_not_replay_an_old_request() -> None:
    world = ControllerHarness().settle()
    world.request("failover", reason="maintenance", token="f")
    restore = world.memory.snapshot()
    world.run(2)
    world.request("failback", reason="done", token="b", mode="all-at-once")
    world.run(2)
    history = list(world.zone.weight_history)
    world.wait(7 * 86_400)
    restore()
    world.restart()
    world.run(20)
    assert world.zone.weight_history == history
    assert world.user_location is RegionRole.PRIMARY


def test_due_automatic_move_is_tried_for_hours() -> None:
    world = start_unstarted_failover()
    world.run(3 * HOUR_ROUNDS)
    assert count_decisions(world) == 1
    world.restore_all().run(1)
    assert world.user_location is RegionRole.STANDBY


@pytest.mark.parametrize("count", [25, 100, 190])
def test_token_never_acts_again_within_a_day_after_many_requests(count: int) -> None:
    world = ControllerHarness().settle()
    world.request("failover", reason="drill", token="first")
    world.run(2)
    world.request("failback", reason="over", token="second", mode="all-at-once")
    world.run(2)
    for number in range(count):
        world.request("pause", reason="busy", minutes=1, token=f"t{number}")
    world.wait(80_000)
    answer = world.request("failover", reason="drill", token="first")
    assert "Already done at 2027-01-15T08:01:20Z; nothing was done again." in answer["message"]
    assert (world.state.move, len(world.zone.weight_history)) == (None, 2)


def test_tokens_are_forgotten_after_a_day() -> None:
    world = ControllerHarness().settle()
    for number in range(30):
        world.request("pause", reason="busy", minutes=1, token=f"t{number}")
    world.wait(86_401)
    world.request("pause", reason="busy", minutes=1, token="new")
    tokens = [completed.token for completed in world.state.completed_requests]
    assert tokens == ["new", *(f"t{number}" for number in range(29, 10, -1))]


def test_acknowledgement_names_what_it_ends() -> None:
    world = ControllerHarness().settle()
    world.edit_weights(155, 100)
    world.run(7)
    assert world.state.hold
    answer = world.request("acknowledge", reason="it was me", hold=world.state.hold.id, requested_by="Aiko")
    assert answer["done"]
    assert "Aiko acknowledged hold-18000001" in answer["message"]
    assert "(the records were changed externally: they were" in answer["message"]


def test_acknowledgement_of_another_hold_ends_none() -> None:
    world = ControllerHarness().settle()
    world.edit_weights(155, 100)
    world.run(7)
    read = world.state.hold
    assert read
    world.edit_weights(100, 155)
    world.run(7)
    answer = world.request("acknowledge", reason="as I read", hold=read.id)
    assert answer["refused_by"] == "acknowledge"
    assert f"{read.id} is over. The present one is hold-" in answer["message"]
    assert world.state.hold
    assert world.state.hold != read


@pytest.mark.parametrize("is_on_hold", [True, False])
def test_acknowledgement_during_a_move_ends_only_what_there_is(*, is_on_hold: bool) -> None:
    world = start_unstarted_failover()
    if is_on_hold:
        world.request("abort", reason="wait", token="a")
        world.request("failover", reason="now", token="f")
    answer = world.request("acknowledge", reason="habit")
    assert " continues." in answer["message"]
    assert (EventKind.ACKNOWLEDGED in world.event_kinds) is False, "no round has sent it"
    world.run(1)
    assert (EventKind.ACKNOWLEDGED in world.event_kinds) is is_on_hold
    assert len(world.state.automatic_move_times) == (not is_on_hold)
