"""The decided Region through whole moves, compared with the routing."""

import pytest

from cognito_failover.common.region import RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.verdict import Verdict
from cognito_failover.telemetry.decided_region import find_decided_role
from tests.support.controller_harness import ControllerHarness

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY
PRIMARY, STANDBY = RegionRole.PRIMARY, RegionRole.STANDBY


class DecidedRegionTracker:
    """Records every change of the decided Region, and the routing at that time.

    Attributes
    ----------
    decided_roles
        The decided Region after each change; None while it was unknown.
    weights
        The records' weights after each change.
    had_events
        Whether the round of each change had an event, because each event names the decided Region.

    """

    def __init__(self, world: ControllerHarness) -> None:
        self.world = world
        self._previous_role = find_decided_role(world.state)
        self.decided_roles: list[RegionRole | None] = []
        self.weights: list[tuple[int, int]] = []
        self.had_events: list[bool] = []

    def run_rounds(self, rounds: int) -> None:
        for _ in range(rounds):
            event_count = len(self.world.notifier.events)
            self.world.run()
            self._record_change(self.world.state, has_event=len(self.world.notifier.events) > event_count)

    def _record_change(self, state: ControllerState, *, has_event: bool) -> None:
        if (role := find_decided_role(state)) is not self._previous_role:
            self.decided_roles.append(role)
            self.weights.append(self.world.weights)
            self.had_events.append(has_event)
        self._previous_role = role


def make_tracker(role: RegionRole, *latches: SteeredName) -> DecidedRegionTracker:
    weights = (255, 0) if role is PRIMARY else (0, 255)
    return DecidedRegionTracker(ControllerHarness(weights=weights, latches=latches).settle())


def request_failback(tracker: DecidedRegionTracker) -> DecidedRegionTracker:
    assert tracker.world.request("failback", reason="the primary is well", token="back")["done"]
    return tracker


def test_failover_moves_clients_with_records() -> None:
    tracker = make_tracker(PRIMARY)
    tracker.world.set_primary(SICK)
    tracker.run_rounds(8)
    assert tracker.decided_roles == [STANDBY]
    assert tracker.weights == [(0, 255)]


def test_failover_without_working_lever_keeps_clients() -> None:
    tracker = make_tracker(PRIMARY)
    tracker.world.set_primary(SICK).fail_route_53()
    tracker.run_rounds(8)
    assert tracker.world.state.move
    assert tracker.decided_roles == []
    tracker.world.restore_all()
    tracker.run_rounds(1)
    assert tracker.decided_roles == [STANDBY]


def test_latch_moves_clients_while_control_plane_is_down() -> None:
    tracker = make_tracker(PRIMARY, SteeredName.RECORDS)
    tracker.world.set_primary(SICK).fail_route_53()
    tracker.run_rounds(8)
    assert tracker.decided_roles == [STANDBY]
    assert tracker.world.user_location is STANDBY


def test_stepped_failback_moves_clients_at_last_step() -> None:
    tracker = request_failback(make_tracker(STANDBY))
    tracker.run_rounds(40)
    assert tracker.decided_roles == [PRIMARY]
    assert tracker.weights == [(255, 0)]


def test_rolled_back_failback_never_moves_clients() -> None:
    tracker = request_failback(make_tracker(STANDBY))
    tracker.run_rounds(3)
    tracker.world.set_primary(SICK)
    tracker.run_rounds(20)
    assert EventKind.MOVE_ROLLING_BACK in tracker.world.event_kinds
    assert tracker.decided_roles == []


def test_external_change_during_a_move_sends_clients_to_its_region() -> None:
    tracker = make_tracker(PRIMARY)
    tracker.world.propagates_changes = False
    tracker.world.name_servers.freeze("ns-1.example.net")
    tracker.world.set_primary(SICK)
    while tracker.decided_roles != [STANDBY]:
        tracker.run_rounds(1)
    tracker.world.edit_weights(255, 0)
    tracker.world.name_servers.stale_records.clear()
    tracker.run_rounds(4)
    assert EventKind.MOVE_SUPERSEDED in tracker.world.event_kinds
    assert tracker.decided_roles == [STANDBY, None, PRIMARY]


@pytest.mark.parametrize("latches", [(), (SteeredName.RECORDS, SteeredName.DOMAIN)])
def test_every_change_has_an_event_in_the_same_round(latches: tuple[SteeredName, ...]) -> None:
    tracker = make_tracker(PRIMARY, *latches)
    tracker.world.set_primary(SICK)
    tracker.run_rounds(8)
    tracker.world.set_primary(HEALTHY)
    tracker.run_rounds(40)
    request_failback(tracker).run_rounds(60)
    assert tracker.decided_roles == [STANDBY, PRIMARY]
    assert tracker.had_events == [True, True]
