"""A real outage has precedence over a drill: each row of the table in docs/drills.md is one scenario."""

from collections.abc import Callable
from typing import Any

import pytest

from cognito_failover.common.region import RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.drill import DrillOutcome, DrillStage
from cognito_failover.core.model.event import EventKind, EventSeverity
from cognito_failover.core.verdict import Verdict
from cognito_failover.notifications.message import compose_message
from tests.support.controller_harness import ControllerHarness
from tests.support.drill_requests import get_ended_drill, request_drill
from tests.unit.docs.pages import ROOT, read_table

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY
SIMULATING = "simulating"
MOVING_OUT_UNCHANGED = "moving out, nothing changed yet"
MOVING_OUT = "moving out"
LEVER_TEST_ON_STANDBY = "lever test, on the standby"
ON_STANDBY = "on the standby"
MOVING_BACK = "moving back"
MOVING_BACK_COMPLETELY = "moving back, at 100 %"
ANY_STAGE = "any stage"
ANY_STAGE_BETWEEN_MOVES = "any stage without a move"

type OutageScenario = Callable[[], None]
ROWS: dict[tuple[str, str], OutageScenario] = {}


def register_row(stage: str, real: str) -> Callable[[OutageScenario], OutageScenario]:
    def register(scenario: OutageScenario) -> OutageScenario:
        ROWS[stage, real] = scenario
        return scenario

    return register


def make_settled_world(**changes: Any) -> ControllerHarness:
    return ControllerHarness(recovery_rounds=6, **changes).settle()


def start_simulated_outage() -> ControllerHarness:
    world = make_settled_world()
    request_drill(world, "simulated-outage", rounds=5)
    world.run(2)
    assert world.state.drill
    assert world.state.active_suspicion.sick_rounds == 2
    return world


def start_outbound_move(world: ControllerHarness | None = None, kind: str = "switchover") -> ControllerHarness:
    """Start a move that Route 53 accepts and a name server delays."""
    world = world or make_settled_world()
    world.name_servers.freeze("ns-1.example.net")
    request_drill(world, kind)
    world.run(1)
    assert world.state.move
    assert world.state.move.is_started
    return world


def start_lever_test_on_standby() -> ControllerHarness:
    world = make_settled_world(latches=tuple(SteeredName))
    request_drill(world, "lever-test")
    world.run(2)
    assert world.weights == (0, 255)
    assert world.state.move
    assert world.state.move.arrived_at
    return world


def start_hold_on_standby(hold_seconds: int = 600) -> ControllerHarness:
    world = make_settled_world()
    request_drill(world, hold_seconds=hold_seconds)
    world.run(2)
    assert world.state.drill
    assert world.state.drill.stage is DrillStage.ON_STANDBY
    assert world.user_location is RegionRole.STANDBY
    return world


def start_return_move(percent: int) -> ControllerHarness:
    world = make_settled_world()
    request_drill(world, hold_seconds=0, mode="stepped")
    for _ in range(60):
        move = world.state.move
        if move and move.target is RegionRole.PRIMARY and move.steps[0] == percent:
            return world
        if move and move.target is RegionRole.PRIMARY and move.steps[0] == 50:  # keeps the last step in progress
            world.name_servers.freeze("ns-1.example.net")
        world.run(1)
    raise AssertionError(f"the return move never reaches {percent} %")


@register_row(SIMULATING, "the primary is sick in one round")
def primary_becomes_sick_during_simulated_outage() -> None:
    world = start_simulated_outage()
    world.set_primary(SICK).run(1)
    assert get_ended_drill(world).outcome is DrillOutcome.INTERRUPTED
    assert world.state.active_suspicion.sick_rounds == 1, "only real sick rounds count"
    world.set_primary(HEALTHY).run(3)
    assert world.zone.weight_history == []


@register_row(SIMULATING, "the standby does not serve, or no witness answers")
def calm_ends_during_simulated_outage() -> None:
    world = start_simulated_outage()
    world.set_standby(Verdict.NOT_READY).run(1)
    assert get_ended_drill(world).outcome is DrillOutcome.INTERRUPTED
    cut_off = start_simulated_outage()
    cut_off.prober.is_witness_reachable = False
    cut_off.run(1)
    assert get_ended_drill(cut_off).outcome is DrillOutcome.INTERRUPTED
    assert world.zone.weight_history == cut_off.zone.weight_history == []
    assert not cut_off.state.active_suspicion.is_active


@register_row(MOVING_OUT_UNCHANGED, "the standby does not serve for `SuspectRounds` rounds")
def standby_fails_before_any_change() -> None:
    world = make_settled_world().fail_route_53()
    request_drill(world)
    world.run(1)
    world.set_standby(Verdict.NOT_READY).run(4)
    assert get_ended_drill(world).outcome is DrillOutcome.ABORTED
    assert world.state.move is None
    assert EventKind.MOVE_CANCELLED in world.event_kinds
    assert world.zone.weight_history == []


@register_row(MOVING_OUT, "the primary is sick for `SuspectRounds` rounds")
def primary_dies_during_outbound_move() -> None:
    world = start_outbound_move()
    world.set_primary(SICK).run(3)
    assert get_ended_drill(world).outcome is DrillOutcome.INTERRUPTED
    world.name_servers.stale_records.clear()
    world.set_primary(HEALTHY).run(40)
    assert (world.user_location, world.state.active_role) == (RegionRole.STANDBY, RegionRole.STANDBY)
    assert world.state.automatic_move_times == ()


@register_row(MOVING_OUT, "the standby falls sick, the primary serves")
def standby_fails_during_outbound_move() -> None:
    world = start_outbound_move()
    world.set_standby(SICK).run(4)
    world.name_servers.stale_records.clear()
    world.run(3)
    assert get_ended_drill(world).outcome is DrillOutcome.ABORTED
    assert world.zone.weight_history == [(0, 255), (255, 0)]
    assert world.state.automatic_move_times == ()


@register_row(LEVER_TEST_ON_STANDBY, "the primary is sick for `SuspectRounds` rounds")
def primary_dies_during_lever_test() -> None:
    world = start_lever_test_on_standby()
    world.set_primary(SICK).run(6)
    assert get_ended_drill(world).outcome is DrillOutcome.INTERRUPTED
    assert world.state.move is None
    assert world.weights == (0, 255)
    assert all(latch.thrown for latch in world.latches.values())
    assert world.state.active_role is RegionRole.STANDBY


@register_row(LEVER_TEST_ON_STANDBY, "the standby falls sick, the primary serves")
def standby_fails_during_lever_test() -> None:
    world = start_lever_test_on_standby()
    world.set_standby(SICK).run(6)
    assert get_ended_drill(world).outcome is DrillOutcome.ABORTED
    assert world.weights == (255, 0)
    assert not any(latch.thrown for latch in world.latches.values())


@register_row(ON_STANDBY, "the primary is sick for `SuspectRounds` rounds")
def primary_dies_while_users_on_standby() -> None:
    world = start_hold_on_standby(hold_seconds=30)
    world.set_primary(SICK).run(3)
    assert get_ended_drill(world).outcome is DrillOutcome.INTERRUPTED
    world.set_primary(HEALTHY).run(60)
    assert world.zone.weight_history == [(0, 255)]
    assert "They do not return automatically." in world.get_latest_message(EventKind.DRILL_ENDED)


@register_row(ON_STANDBY, "the standby falls sick, the primary serves")
def standby_fails_while_users_on_standby() -> None:
    world = start_hold_on_standby()
    world.set_standby(SICK).run(5)
    assert get_ended_drill(world).outcome is DrillOutcome.ABORTED
    assert world.zone.weight_history == [(0, 255), (255, 0)]
    assert world.state.automatic_move_times == ()
    assert world.state.cool_down_until == 0.0


@register_row(ON_STANDBY, "both are sick")
def both_sick_while_users_on_standby() -> None:
    world = start_hold_on_standby()
    world.set_primary(SICK).set_standby(SICK).run(10)
    assert get_ended_drill(world).outcome is DrillOutcome.INTERRUPTED
    assert world.zone.weight_history == [(0, 255)]
    assert world.state.blocked_by == "target-healthy"


@register_row(MOVING_BACK, "the primary falls sick at 10 or 50 %")
def primary_becomes_sick_during_return_move() -> None:
    for world in (start_return_move(10), start_return_move(50)):
        world.set_primary(SICK).run(8)
        assert get_ended_drill(world).outcome is DrillOutcome.INTERRUPTED
        assert world.user_location is RegionRole.STANDBY
        assert world.state.active_role is RegionRole.STANDBY


@register_row(MOVING_BACK_COMPLETELY, "the primary falls sick")
def primary_becomes_sick_at_end_of_return_move() -> None:
    world = start_return_move(100)
    world.set_primary(SICK).run(1)
    world.name_servers.stale_records.clear()
    world.run(8)
    assert get_ended_drill(world).outcome is DrillOutcome.SUCCEEDED
    assert world.user_location is RegionRole.STANDBY
    assert len(world.state.automatic_move_times) == 1


@register_row(ANY_STAGE, "an external change of the records or a latch")
def records_changed_externally() -> None:
    for world in (start_simulated_outage(), start_outbound_move(), start_hold_on_standby()):
        world.name_servers.stale_records.clear()
        world.edit_weights(128, 127)
        world.wait(60).run(3)
        assert get_ended_drill(world).outcome is DrillOutcome.INTERRUPTED
        assert world.state.hold
        assert world.weights == (128, 127)


@register_row(ANY_STAGE_BETWEEN_MOVES, "a person or automation moves users")
def operator_moves_users() -> None:
    world = start_hold_on_standby()
    world.request("failback", reason="enough", token="mine", mode="all-at-once")
    world.run(3)
    assert get_ended_drill(world).outcome is DrillOutcome.INTERRUPTED
    assert world.user_location is RegionRole.PRIMARY
    simulated = start_simulated_outage()
    simulated.request("failover", reason="now", token="mine")
    simulated.run(3)
    assert get_ended_drill(simulated).outcome is DrillOutcome.INTERRUPTED
    assert simulated.user_location is RegionRole.STANDBY


@pytest.mark.parametrize("scenario", ROWS.values(), ids=lambda scenario: scenario.__name__)
def test_real_outage_takes_precedence(scenario: OutageScenario) -> None:
    scenario()


def test_every_documented_row_is_tested() -> None:
    rows = read_table(ROOT / "docs" / "drills.md", "stage", "real event", "result")
    assert [(stage, real) for stage, real, _ in rows] == list(ROWS)


def test_faster_automation_moves_drill_users_off_sick_standby() -> None:
    world = ControllerHarness(suspect_rounds=2, recovery_rounds=3).settle()
    request_drill(world, hold_seconds=600)
    world.run(2)
    world.set_standby(SICK).run(5)
    assert get_ended_drill(world).outcome is DrillOutcome.INTERRUPTED
    assert world.user_location is RegionRole.PRIMARY
    assert len(world.state.automatic_move_times) == 1


@pytest.mark.parametrize("kind", ["switchover", "lever-test"])
def test_outage_on_the_way_is_reported_as_real_from_then_on(kind: str) -> None:
    world = start_outbound_move(kind=kind)
    drill_incident = world.notifier.events[-1].incident_id
    world.notifier.events.clear()
    world.set_primary(SICK).run(4)
    world.name_servers.stale_records.clear()
    world.run(5)
    assert world.user_location is RegionRole.STANDBY
    real = world.notifier.events[world.event_kinds.index(EventKind.DRILL_ENDED) + 1 :]
    assert {event.drill_id for event in real} == {""}
    by_kind = {event.kind: event for event in real}
    assert by_kind[EventKind.REGION_DEGRADED].severity is EventSeverity.CRITICAL
    assert by_kind[EventKind.MOVE_CONFIRMED].severity is EventSeverity.WARNING
    assert by_kind[EventKind.REGION_DEGRADED].incident_id != drill_incident, "who has muted the drill is notified"


def test_move_under_way_when_its_drill_ends_is_written_as_real() -> None:
    world = start_outbound_move()
    world.notifier.events.clear()
    world.set_primary(SICK).run(4)
    world.name_servers.stale_records.clear()
    world.run(2)
    messages = {event.kind: compose_message(event, world.settings, world.state) for event in world.notifier.events}
    confirmed, ended = messages[EventKind.MOVE_CONFIRMED], messages[EventKind.DRILL_ENDED]
    assert "DRILL" not in f"{confirmed.subject} {confirmed.body}"
    assert all("Users move because of it, not of an outage" not in message.body for message in (confirmed, ended))
