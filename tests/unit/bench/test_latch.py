"""The simulated latch: it moves users without the control plane."""

import pytest

from bench.policies.controller import DEFAULT_SETTINGS, SimulatedController, simulate
from bench.world.latch import CHECK_INTERVAL_SECONDS, SimulatedLatch
from bench.world.name_servers import SERVERS, PropagationPlane, SimulatedNameServers
from bench.world.random_source import RandomSource
from bench.world.simulated_world import ControlPlaneHealth, SimulatedWorld
from bench.world.simulated_zone import SimulatedZone
from bench.world.step_function import with_episodes
from cognito_failover.common.errors import LeverUnavailableError
from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.records import DnsWatch
from tests.unit.bench.simulated_worlds import ONSET, make_outage, make_world

EMPTY_DNS_WATCH = DnsWatch(record_sets=(), name_servers=())
DOWN = with_episodes(ControlPlaneHealth(), (ONSET, 1e9, ControlPlaneHealth(is_available=False)))


class LatchTestClock:
    def __init__(self) -> None:
        self.now = ONSET

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


def make_latch(
    simulated_world: SimulatedWorld, name_servers: SimulatedNameServers, clock: LatchTestClock
) -> SimulatedLatch:
    zone = SimulatedZone("example.com", world=simulated_world, name_servers=name_servers, clock=clock, wait=clock.wait)
    return SimulatedLatch(zone=zone, name_servers=name_servers, rng=simulated_world.rng, clock=clock, wait=clock.wait)


def find_propagation_seconds(name_servers: SimulatedNameServers, share: float, since: float) -> float:
    return next(at - since for at, answered in name_servers.list_share_changes() if at > since and answered == share)


def test_latch_moves_users_out_and_back_without_control_plane() -> None:
    servers, clock = SimulatedNameServers(RandomSource(1)), LatchTestClock()
    latch = make_latch(make_world(control_plane=DOWN), servers, clock)
    latch.set(thrown=True)
    assert 0.75 * CHECK_INTERVAL_SECONDS < find_propagation_seconds(servers, 1.0, ONSET) < 3 * CHECK_INTERVAL_SECONDS
    assert servers.compute_mean_share(ONSET) == 0.0
    clock.now = released_at = ONSET + 300
    latch.set(thrown=False)
    assert find_propagation_seconds(servers, 0.0, released_at) < 3 * CHECK_INTERVAL_SECONDS


def test_latch_is_confirmed_when_all_name_servers_follow() -> None:
    servers, clock = SimulatedNameServers(RandomSource(1)), LatchTestClock()
    latch = make_latch(make_world(), servers, clock)
    latch.set(thrown=True)
    first = latch.confirm(EMPTY_DNS_WATCH, RegionRole.STANDBY)
    clock.now += 60
    later = latch.confirm(EMPTY_DNS_WATCH, RegionRole.STANDBY)
    assert (first.moved, len(first.stale), later.moved) == (False, SERVERS, True)
    assert not latch.confirm(EMPTY_DNS_WATCH, RegionRole.PRIMARY).moved
    assert latch.refresh(thrown=False)


def test_finding_state_record_fails_without_control_plane() -> None:
    latch = make_latch(make_world(control_plane=DOWN), SimulatedNameServers(RandomSource(1)), LatchTestClock())
    with pytest.raises(LeverUnavailableError):
        latch.find_state_record()


def test_weights_count_again_when_the_primary_is_healthy() -> None:
    servers = SimulatedNameServers(RandomSource(1))
    servers.publish(0.5, 0.0, PropagationPlane.CONTROL)
    servers.publish_health(primary_healthy=False, moment=100.0)
    servers.publish_health(primary_healthy=True, moment=200.0)
    assert [servers.compute_mean_share(at) for at in (90.0, 190.0, 290.0)] == [0.5, 1.0, 0.5]


def test_controller_with_latch_moves_users_without_control_plane() -> None:
    result = simulate(make_outage(1800, control_plane=DOWN), DEFAULT_SETTINGS, has_latch=True)
    (move,) = result.moves
    assert move.decided_at < ONSET + 60
    assert result.answers[-1][1] == 1.0
    assert result.answers[-1][0] < ONSET + 90


def test_person_fails_back_in_steps_with_latch() -> None:
    result = simulate(make_outage(600, end=3 * 3600.0), DEFAULT_SETTINGS, has_latch=True)
    _, back = result.moves
    returning = [round(share, 1) for at, share in result.answers if at > back.decided_at]
    assert returning[-1] == 0.0
    assert 0.5 in returning


def test_skipping_idle_time_with_latch_changes_nothing() -> None:
    def make_world() -> SimulatedWorld:
        return make_outage(
            40 * 60,
            end=4 * 3600.0,
            control_plane=with_episodes(ControlPlaneHealth(), (ONSET, 5000, ControlPlaneHealth(is_available=False))),
        )

    skipping = SimulatedController(make_world(), has_latch=True)
    full = SimulatedController(make_world(), has_latch=True, skip_idle=False)
    assert skipping.simulate() == full.simulate()
    assert skipping.round_count < full.round_count
