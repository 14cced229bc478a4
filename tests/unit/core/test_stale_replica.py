"""What follows from a replica that is far behind: a warning, and a bar only where a limit is set."""

from dataclasses import replace
from typing import Any

import pytest

from failover.decision.announcement import Kind
from failover.decision.freshness import Freshness, Marker
from failover.errors import SettingsError
from failover.probe.verdict import Verdict
from failover.region import Side
from tests.support.settings import settings
from tests.support.world import World


def behind(world: World, seconds: float, *, at_least: bool = False) -> World:
    """Let the replica have been behind when that was last measured."""
    saved = world.memory.load()
    assert saved
    now = world.clock.now
    on_its_way = Freshness(marker=Marker(value=1, written_at=now - seconds, subject="canary"), unseen_at=now)
    arrived = Freshness(lag_seconds=seconds, measured_at=now)
    freshness = on_its_way if at_least else arrived
    world.memory.save(replace(saved.state, freshness=freshness), expected=saved.version)
    world.rounds.begin()
    return world


def stale(seconds: float = 300, **changes: Any) -> World:
    return behind(World(**changes).settle(), seconds)


def test_without_a_limit_no_lag_keeps_users_from_moving_but_they_are_warned() -> None:
    world = stale(300)
    world.primary(Verdict.SICK).run(4)
    assert world.users is Side.STANDBY
    said = world.said(Kind.MOVE_DECIDED)
    assert "The replica was 5 min behind when that was last measured" in said
    assert "WARNING: new users and passwords changed shortly before may be missing there." in said


def test_a_small_lag_is_told_without_a_warning() -> None:
    world = stale(1.2)
    world.primary(Verdict.SICK).run(4)
    said = world.said(Kind.MOVE_DECIDED)
    assert "The replica was 1.2 s behind when that was last measured" in said
    assert "WARNING" not in said


def test_what_was_never_measured_is_not_told() -> None:
    world = World().settle()
    world.primary(Verdict.SICK).run(4)
    assert "behind" not in world.said(Kind.MOVE_DECIDED)


def test_beyond_the_limit_users_stay_and_the_rule_says_why() -> None:
    world = stale(300, max_replication_lag_seconds=120)
    world.primary(Verdict.SICK).run(5)
    assert world.users is Side.PRIMARY
    assert world.state.blocked_by == "replica-fresh"
    assert "The replica was 5 min behind" in world.said(Kind.BLOCKED)
    assert "The limit that was set is 2 min (MaxReplicationLagSeconds)." in world.said(Kind.BLOCKED)


def test_a_marker_that_has_not_arrived_counts_as_far_behind_as_it_is_late() -> None:
    world = behind(World(max_replication_lag_seconds=120).settle(), 121, at_least=True)
    world.primary(Verdict.SICK).run(5)
    assert world.state.blocked_by == "replica-fresh"
    assert "more than 2 min 1 s behind" in world.said(Kind.BLOCKED)


@pytest.mark.parametrize("seconds", [5, 120])
def test_up_to_the_limit_users_move(seconds: float) -> None:
    world = stale(seconds, max_replication_lag_seconds=120)
    world.primary(Verdict.SICK).run(4)
    assert world.users is Side.STANDBY


def test_what_was_never_measured_bars_nobody() -> None:
    world = World(max_replication_lag_seconds=120).settle()
    world.primary(Verdict.SICK).run(4)
    assert world.users is Side.STANDBY


def test_by_hand_it_is_refused_too_and_overridden_by_name() -> None:
    world = stale(300, max_replication_lag_seconds=120)
    refused = world.ask("failover", reason="drill", token="t")
    assert refused["refused_by"] == "replica-fresh"
    assert refused["message"].endswith('To move all the same, repeat with "override": ["replica-fresh"].')

    assert world.ask("failover", reason="I know", token="t", override=["replica-fresh"])["done"]
    assert world.zone.traffic == [(0, 255)]


def test_a_move_by_hand_tells_of_the_lag_after_the_reason() -> None:
    answer = stale(1.2).request("failover", reason="drill", token="t", requested_by="Aiko")
    assert answer["message"].startswith("Traffic moves to us-east-1, asked for by Aiko: drill (The replica was 1.2 s")


def test_the_way_back_is_open_however_far_behind_the_replica_is() -> None:
    world = World(max_replication_lag_seconds=120).settle()
    assert world.ask("failover", reason="drill", token="there")["done"]
    behind(world, 300)
    answer = world.ask("failback", reason="drill", token="back", pace="in-one")
    assert answer["done"]
    assert "behind" not in answer["message"]
    assert world.users is Side.PRIMARY


def test_a_move_under_way_goes_on_whatever_is_measured_meanwhile() -> None:
    world = World(max_replication_lag_seconds=120).settle()
    world.servers.hold_back("ns-1.example.net")
    world.request("failover", reason="drill", token="there")
    behind(world, 300)
    world.servers.behind.clear()
    world.run(3)
    assert world.users is Side.STANDBY


@pytest.mark.parametrize(("limit", "interval"), [(19, 10), (39, 20), (86_401, 10), (-1, 10)])
def test_a_limit_that_can_not_be_measured_is_refused(limit: int, interval: int) -> None:
    least = 2 * interval
    with pytest.raises(SettingsError, match=f"MAX_REPLICATION_LAG_SECONDS is {limit}; it must be from {least} "):
        settings(max_replication_lag_seconds=limit, round_interval_seconds=interval)


@pytest.mark.parametrize("limit", [0, 20, 86_400])
def test_no_limit_and_every_limit_that_can_be_measured_is_taken(limit: int) -> None:
    assert settings(max_replication_lag_seconds=limit).max_replication_lag_seconds == limit


def test_the_status_says_how_far_behind_it_was_and_when() -> None:
    world = stale(1.25)
    shown = world.ask("status")["status"]["freshness"]
    assert shown == {"lag_seconds": 1.2, "at_least": False, "measured_at": "2027-01-15T08:01:20.000Z", "trouble": ""}


def test_the_status_says_that_it_was_not_measured_and_why() -> None:
    world = World().settle()
    saved = world.memory.load()
    assert saved
    world.memory.save(replace(saved.state, freshness=Freshness(trouble="It may not.")), expected=saved.version)
    shown = world.ask("status")["status"]["freshness"]
    assert shown == {"lag_seconds": None, "at_least": False, "measured_at": None, "trouble": "It may not."}
