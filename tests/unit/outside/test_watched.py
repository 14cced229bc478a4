"""The timeline is kept while something happens and until the last users have followed, and on no other day."""

from dataclasses import replace

import pytest

from failover.outside.watched import CLOSE_SECONDS, FAR_SECONDS, aftermath_seconds, is_due, ttl_in, watched
from failover.probe.verdict import Verdict
from tests.support.world import World


def due(world: World, *, last_at: float | None = None) -> bool:
    return is_due(world.state, world.settings, world.clock.now, last_at=last_at)


def test_a_quiet_day_is_not_kept() -> None:
    assert not due(World().settle())


def test_it_begins_with_the_first_sick_round() -> None:
    world = World().settle().primary(Verdict.SICK)
    world.run(1)
    assert due(world)


def test_a_move_is_watched_from_its_cause_until_resolvers_have_followed() -> None:
    world = World().settle().primary(Verdict.SICK)
    world.servers.hold_back("ns-1.example.net")
    began_at = world.clock.now
    world.run(3)
    found = watched(world.state, world.settings, world.clock.now)
    assert found
    assert found.since == began_at
    world.servers.behind.clear()
    world.run(2)
    ended_at = world.state.last_move_ended_at
    assert ended_at
    world.primary(Verdict.HEALTHY).wait(ended_at + 179 - world.clock.now)
    assert due(world)
    world.wait(ended_at + 181 - world.clock.now)
    assert not due(world)


def test_a_move_that_a_person_overtook_is_watched_on() -> None:
    world = World().settle()
    world.spreads = False
    world.request("failover", reason="Drill", token="drill")
    world.run(1)
    world.someone_sets(100, 100)
    world.run(1)
    assert world.state.hold
    assert due(world)


@pytest.mark.parametrize(("ttl_seconds", "seconds"), [(60, 180), (1, 62), (3600, 900)])
def test_the_aftermath_is_two_ttls_and_a_minute_within_a_bound(ttl_seconds: int, seconds: int) -> None:
    assert aftermath_seconds(ttl_seconds) == seconds


def test_the_records_own_ttl_counts_and_without_records_read_the_configured_one() -> None:
    world = World(record_ttl_seconds=100).settle()
    assert ttl_in(world.state, world.settings) == 60
    assert ttl_in(replace(world.state, surveyed=None), world.settings) == 100


def test_a_long_trouble_is_kept_once_a_minute() -> None:
    world = World().settle()
    world.spreads = False
    world.servers.hold_back("ns-1.example.net")
    world.request("failover", reason="Drill", token="drill")
    world.run(1)
    assert due(world, last_at=world.clock.now - 5)
    world.wait(CLOSE_SECONDS)
    assert not due(world, last_at=world.clock.now - FAR_SECONDS + 1)
    assert due(world, last_at=world.clock.now - FAR_SECONDS)
    assert due(world, last_at=None)
