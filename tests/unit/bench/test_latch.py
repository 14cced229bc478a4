"""The latch in the simulation: checkers find it out, name servers follow, with no call to the control plane."""

import pytest

from bench.policies.controller import DEFAULT, Controller, play
from bench.world.chance import Chance
from bench.world.latch import LOOK_SECONDS, SimulatedLatch
from bench.world.name_servers import SERVERS, NameServers, Plane
from bench.world.timeline import during
from bench.world.world import ControlPlane, World
from bench.world.zone import SimulatedZone
from failover.errors import LeverUnavailableError
from failover.levers.lever import Sight
from failover.region import Side
from tests.unit.bench.worlds import ONSET, outage, world

SIGHT = Sight(record_sets=(), name_servers=())
DOWN = during(ControlPlane(), (ONSET, 1e9, ControlPlane(up=False)))


class Clock:
    def __init__(self) -> None:
        self.now = ONSET

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


def latch_in(there: World, servers: NameServers, clock: Clock) -> SimulatedLatch:
    zone = SimulatedZone("example.com", world=there, servers=servers, clock=clock, wait=clock.wait)
    return SimulatedLatch(zone=zone, servers=servers, chance=there.chance, clock=clock, wait=clock.wait)


def followed_seconds(servers: NameServers, share: float, since: float) -> float:
    return next(at - since for at, answered in servers.steps() if at > since and answered == share)


def test_thrown_it_sends_everybody_to_the_standby_and_released_back_while_the_control_plane_is_down() -> None:
    servers, clock = NameServers(Chance(1)), Clock()
    latch = latch_in(world(control_plane=DOWN), servers, clock)
    latch.set(thrown=True)
    assert 0.75 * LOOK_SECONDS < followed_seconds(servers, 1.0, ONSET) < 3 * LOOK_SECONDS
    assert servers.mean_share(ONSET) == 0.0
    clock.now = released_at = ONSET + 300
    latch.set(thrown=False)
    assert followed_seconds(servers, 0.0, released_at) < 3 * LOOK_SECONDS


def test_it_is_seen_to_have_moved_when_every_name_server_has_followed() -> None:
    servers, clock = NameServers(Chance(1)), Clock()
    latch = latch_in(world(), servers, clock)
    latch.set(thrown=True)
    at_once = latch.answers(SIGHT, Side.STANDBY)
    clock.now += 60
    later = latch.answers(SIGHT, Side.STANDBY)
    assert (at_once.moved, len(at_once.stale), later.moved) == (False, SERVERS, True)
    assert not latch.answers(SIGHT, Side.PRIMARY).moved
    assert latch.keep(thrown=False)


def test_where_it_shows_is_not_told_while_the_control_plane_is_down() -> None:
    latch = latch_in(world(control_plane=DOWN), NameServers(Chance(1)), Clock())
    with pytest.raises(LeverUnavailableError):
        latch.sight()


def test_weights_count_again_once_the_primary_is_healthy() -> None:
    servers = NameServers(Chance(1))
    servers.publish(0.5, 0.0, Plane.CONTROL)
    servers.mark(primary_healthy=False, moment=100.0)
    servers.mark(primary_healthy=True, moment=200.0)
    assert [servers.mean_share(at) for at in (90.0, 190.0, 290.0)] == [0.5, 1.0, 0.5]


def test_with_it_a_controller_moves_users_while_the_control_plane_takes_no_change() -> None:
    played = play(outage(1800, control_plane=DOWN), DEFAULT, latched=True)
    (move,) = played.moves
    assert move.decided_at < ONSET + 60
    assert played.answers[-1][1] == 1.0
    assert played.answers[-1][0] < ONSET + 90


def test_a_person_brings_users_back_in_steps_with_it_too() -> None:
    played = play(outage(600, end=3 * 3600.0), DEFAULT, latched=True)
    _, back = played.moves
    returning = [round(share, 1) for at, share in played.answers if at > back.decided_at]
    assert returning[-1] == 0.0
    assert 0.5 in returning


def test_leaving_out_quiet_time_changes_nothing_with_it_either() -> None:
    def there() -> World:
        return outage(
            40 * 60, end=4 * 3600.0, control_plane=during(ControlPlane(), (ONSET, 5000, ControlPlane(up=False)))
        )

    skipping = Controller(there(), latched=True)
    watching = Controller(there(), latched=True, skip_quiet=False)
    assert skipping.play() == watching.play()
    assert skipping.rounds_made < watching.rounds_made
