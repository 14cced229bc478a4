"""Events of one outage share an incident id."""

from dataclasses import replace
from typing import Any

import pytest

from cognito_failover.common.region import PerRole, RegionRole, route_all_to
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.failure_detector import Suspicion
from cognito_failover.core.incident import assign_incident, get_incident_start
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.state import ControllerState, Hold, LatchState, PendingWeightSync, SavedRecords
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import ControllerHarness
from tests.support.drill_requests import request_drill

NOW = 1_800_000_000.0
SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY


def list_kinds_and_incidents(world: ControllerHarness) -> list[tuple[EventKind, str]]:
    return [(event.kind, event.incident_id) for event in world.notifier.events]


def test_outage_is_one_incident_until_users_return() -> None:
    world = ControllerHarness(recovery_rounds=4).settle()
    world.set_primary(SICK).run(5)
    world.set_primary(HEALTHY).run(6)
    world.request("failback", reason="well again", token="b1")
    world.run(20)

    kinds, incidents = zip(*list_kinds_and_incidents(world), strict=True)
    assert (kinds[0], kinds[-1]) == (EventKind.SUSPECTED, EventKind.MOVE_CONFIRMED)
    assert EventKind.REGION_RECOVERED in kinds
    assert len(set(incidents)) == 1
    assert incidents[0]


def test_next_failure_is_a_new_incident() -> None:
    world = ControllerHarness().settle()
    world.set_standby(SICK).run(4)
    world.set_standby(HEALTHY).run(40)
    world.set_standby(SICK).run(4)

    first, recovered, second = (incident for _, incident in list_kinds_and_incidents(world))
    assert first == recovered
    assert second not in {"", first}


def test_manual_action_without_outage_has_no_incident() -> None:
    world = ControllerHarness().settle()
    world.request("pause", reason="maintenance", minutes=5)
    world.request("resume", reason="over")
    world.run(1)

    assert list_kinds_and_incidents(world) == [(EventKind.PAUSED, ""), (EventKind.RESUMED, "")]


def test_restart_keeps_incident() -> None:
    world = ControllerHarness().settle()
    world.set_primary(SICK).run(2)
    world.restart()
    world.run(3)

    assert len({incident for _, incident in list_kinds_and_incidents(world)}) == 1


def get_incident(world: ControllerHarness, kind: EventKind) -> str:
    """Return the incident id of the last event of a kind."""
    return [incident for event_kind, incident in list_kinds_and_incidents(world) if event_kind is kind][-1]


def test_real_failure_during_drill_is_its_own_incident() -> None:
    world = ControllerHarness(recovery_rounds=6).settle()
    request_drill(world, hold_seconds=600)
    world.run(8)
    assert world.user_location is RegionRole.STANDBY
    world.set_primary(SICK).run(4)
    world.set_standby(SICK).run(4)

    assert get_incident(world, EventKind.DRILL_ENDED) == get_incident(world, EventKind.DRILL_STARTED)
    assert get_incident(world, EventKind.BLOCKED) not in {"", get_incident(world, EventKind.DRILL_STARTED)}


def test_drill_and_its_moves_are_one_incident() -> None:
    world = ControllerHarness(recovery_rounds=6).settle()
    request_drill(world, "simulated-outage")
    world.run(80)

    assert get_incident(world, EventKind.DRILL_ENDED)
    assert {incident for _, incident in list_kinds_and_incidents(world)} == {get_incident(world, EventKind.DRILL_ENDED)}


def test_failing_sign_in_after_standby_warning_is_a_new_incident() -> None:
    world = ControllerHarness(recovery_rounds=6).settle()
    world.set_standby(SICK).run(4)
    world.set_primary(SICK).run(4)

    assert get_incident(world, EventKind.BLOCKED) not in {"", get_incident(world, EventKind.REGION_DEGRADED)}


def test_move_after_blocked_move_keeps_incident() -> None:
    world = ControllerHarness(recovery_rounds=6).settle()
    world.set_standby(SICK).run(4)
    world.set_primary(SICK).run(4)
    world.set_standby(HEALTHY).run(2)

    assert get_incident(world, EventKind.MOVE_DECIDED) == get_incident(world, EventKind.BLOCKED)


def test_failing_standby_after_failover_is_a_new_incident() -> None:
    world = ControllerHarness(recovery_rounds=6, cool_down_seconds=200).settle()
    world.set_primary(SICK).run(6)
    first = get_incident(world, EventKind.MOVE_CONFIRMED)
    world.set_primary(HEALTHY).run(20)
    world.set_standby(SICK).run(6)

    assert first
    assert get_incident(world, EventKind.MOVE_DECIDED) not in {"", first}


def test_incident_start_is_read_from_id_and_zero_for_other_ids() -> None:
    assert get_incident_start("incident-1800000010") == 1_800_000_010.0
    assert get_incident_start("of another version") == 0.0


def make_normal_state(**changes: Any) -> ControllerState:
    usual: dict[str, Any] = {
        "created_at": NOW - 9_000,
        "active_role": RegionRole.PRIMARY,
        "active_since": NOW - 9_000,
        "weights": route_all_to(RegionRole.PRIMARY),
        "records": SavedRecords(read_at=NOW),
    }
    return ControllerState(**{**usual, **changes})


def make_event(kind: EventKind = EventKind.REGION_DEGRADED) -> Event:
    return Event(kind=kind, at=NOW, message="Something happened.")


@pytest.mark.parametrize(
    "problem",
    [
        {"hold": Hold(since=NOW, reason="edited")},
        {"pending_weight_sync": PendingWeightSync()},
        {"active_role": RegionRole.STANDBY},
        {"suspicion": Suspicion(role=RegionRole.PRIMARY, score=1)},
        {"blocked_by": "cool-down"},
        {"degraded_verdicts": PerRole(primary=None, standby=SICK)},
        {"latches": {SteeredName.DOMAIN: LatchState(is_thrown=False, problem="S3 is silent")}},
        {"records": SavedRecords(read_at=NOW, problem="two pairs")},
        {"records": SavedRecords(read_at=NOW, read_error="Throttling")},
    ],
    ids=lambda problem: next(iter(problem)),
)
def test_incident_lasts_until_everything_is_normal(problem: dict[str, Any]) -> None:
    after, (event,) = assign_incident(make_normal_state(**problem), [make_event()])
    assert after.incident_id == event.incident_id == "incident-1800000000"
    normal_state, _ = assign_incident(replace(make_normal_state(), incident_id=after.incident_id), [])
    assert normal_state.incident_id == ""


@pytest.mark.parametrize(
    ("kind", "starts_incident"),
    [(EventKind.BLOCKED, True), (EventKind.WOULD_MOVE, True), (EventKind.REGION_DEGRADED, False)],
)
def test_only_sign_in_failure_starts_incident_within_another(kind: EventKind, starts_incident: bool) -> None:
    suspicion = Suspicion(role=RegionRole.PRIMARY, score=9, rounds=3, sick_rounds=3, since=NOW - 20)
    state = make_normal_state(incident_id="incident-1799999000", suspicion=suspicion)
    _, (event,) = assign_incident(state, [make_event(kind)])
    assert event.incident_id == ("incident-1800000000" if starts_incident else state.incident_id)


def test_unreadable_incident_id_is_replaced_by_next_incident() -> None:
    world = ControllerHarness(recovery_rounds=6).settle()
    world.set_standby(SICK).run(4)
    world.patch_state(incident_id="of another version")
    world.set_primary(SICK).run(4)

    assert get_incident(world, EventKind.BLOCKED).startswith("incident-")


def test_repeated_event_has_same_id() -> None:
    first = Event(kind=EventKind.PAUSED, at=1.0, message="Paused.")
    assert first.id == Event(kind=EventKind.PAUSED, at=1.0, message="Paused.", incident_id="later").id
    assert first.id != Event(kind=EventKind.PAUSED, at=2.0, message="Paused.").id
    assert first.id.startswith("paused-")
