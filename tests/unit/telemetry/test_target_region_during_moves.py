"""Where clients that choose the Region are sent, through whole moves, compared with where traffic goes."""

import pytest

from cognito_failover.common.latch_name import LatchName
from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.verdict import Verdict
from cognito_failover.telemetry.decided_region import find_decided_role
from tests.support.controller_harness import ControllerHarness

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY
PRIMARY, STANDBY = RegionRole.PRIMARY, RegionRole.STANDBY


class TargetRegionTracker:
    """Notes every change of the decided side, and what the world was like then.

    Attributes
    ----------
    sides
        The decided side after each round in which it changed; None while it wasn't known.
    weights
        The records' weights at each of these moments.
    told_in_that_round
        Whether anything was told in that round, as each event says where to go.

    """

    def __init__(self, world: ControllerHarness) -> None:
        self.world = world
        self._previous_role = find_decided_role(world.state)
        self.target_roles: list[RegionRole | None] = []
        self.weights: list[tuple[int, int]] = []
        self.had_events: list[bool] = []

    def run_rounds(self, rounds: int) -> None:
        for _ in range(rounds):
            told = len(self.world.notifier.events)
            self.world.run()
            self._record_change(self.world.state, told=len(self.world.notifier.events) > told)

    def _record_change(self, state: ControllerState, *, told: bool) -> None:
        if (side := find_decided_role(state)) is not self._previous_role:
            self.target_roles.append(side)
            self.weights.append(self.world.weights)
            self.had_events.append(told)
        self._previous_role = side


def make_served_world(role: RegionRole, *latches: LatchName) -> TargetRegionTracker:
    weights = (255, 0) if role is PRIMARY else (0, 255)
    return TargetRegionTracker(ControllerHarness(weights=weights, latches=latches).settle())


def request_failback(of: TargetRegionTracker) -> TargetRegionTracker:
    assert of.world.request("failback", reason="the primary is well", token="back")["done"]
    return of


def test_failover_moves_clients_with_records() -> None:
    followed = make_served_world(PRIMARY)
    followed.world.set_primary(SICK)
    followed.run_rounds(8)
    assert followed.target_roles == [STANDBY]
    assert followed.weights == [(0, 255)]


def test_failover_without_working_lever_keeps_clients() -> None:
    followed = make_served_world(PRIMARY)
    followed.world.set_primary(SICK).fail_route_53()
    followed.run_rounds(8)
    assert followed.world.state.move
    assert followed.target_roles == []
    followed.world.restore_all()
    followed.run_rounds(1)
    assert followed.target_roles == [STANDBY]


def test_latch_moves_clients_while_control_plane_is_down() -> None:
    followed = make_served_world(PRIMARY, LatchName.RECORDS)
    followed.world.set_primary(SICK).fail_route_53()
    followed.run_rounds(8)
    assert followed.target_roles == [STANDBY]
    assert followed.world.user_location is STANDBY


def test_stepped_failback_moves_clients_at_last_step() -> None:
    followed = request_failback(make_served_world(STANDBY))
    followed.run_rounds(40)
    assert followed.target_roles == [PRIMARY]
    assert followed.weights == [(255, 0)]


def test_rolled_back_failback_never_moves_clients() -> None:
    followed = request_failback(make_served_world(STANDBY))
    followed.run_rounds(3)
    followed.world.set_primary(SICK)
    followed.run_rounds(20)
    assert EventKind.MOVE_ROLLING_BACK in followed.world.event_kinds
    assert followed.target_roles == []


def test_external_edit_during_move_sends_clients_to_actual_role() -> None:
    followed = make_served_world(PRIMARY)
    followed.world.propagates_changes = False
    followed.world.name_servers.freeze("ns-1.example.net")
    followed.world.set_primary(SICK)
    while followed.target_roles != [STANDBY]:
        followed.run_rounds(1)
    followed.world.edit_weights(255, 0)
    followed.world.name_servers.stale_records.clear()
    followed.run_rounds(4)
    assert EventKind.MOVE_SUPERSEDED in followed.world.event_kinds
    assert followed.target_roles == [STANDBY, None, PRIMARY]


@pytest.mark.parametrize("latches", [(), (LatchName.RECORDS, LatchName.DOMAIN)])
def test_every_target_change_has_an_event_in_same_round(latches: tuple[LatchName, ...]) -> None:
    followed = make_served_world(PRIMARY, *latches)
    followed.world.set_primary(SICK)
    followed.run_rounds(8)
    followed.world.set_primary(HEALTHY)
    followed.run_rounds(40)
    request_failback(followed).run_rounds(60)
    assert followed.target_roles == [STANDBY, PRIMARY]
    assert followed.had_events == [True, True]
