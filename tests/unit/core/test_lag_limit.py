"""Effects of a high replication lag: a warning, and a blocked move only if a limit is set."""

from dataclasses import replace
from typing import Any

import pytest

from cognito_failover.common.errors import SettingsError
from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.replication_lag import LagMarker, LagState
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import ControllerHarness
from tests.support.settings import make_settings


def set_lag(world: ControllerHarness, seconds: float, *, at_least: bool = False) -> ControllerHarness:
    """Save a measured replication lag; with ``at_least``, the marker is still missing."""
    saved = world.memory.load()
    assert saved
    now = world.clock.now
    missing = LagState(marker=LagMarker(value=1, written_at=now - seconds, subject="canary"), last_missing_at=now)
    arrived = LagState(lag_seconds=seconds, measured_at=now)
    lag_state = missing if at_least else arrived
    world.memory.save(replace(saved.state, lag_state=lag_state), expected=saved.version)
    world.round_runner.reset()
    return world


def make_world_with_stale_replica(seconds: float = 300, **changes: Any) -> ControllerHarness:
    return set_lag(ControllerHarness(**changes).settle(), seconds)


def test_without_limit_lag_only_warns() -> None:
    world = make_world_with_stale_replica(300)
    world.set_primary(Verdict.SICK).run(4)
    assert world.user_location is RegionRole.STANDBY
    message = world.get_latest_message(EventKind.MOVE_DECIDED)
    assert "The replica was 5 min behind when that was last measured" in message
    assert "WARNING: new users and passwords changed shortly before may be missing there." in message


def test_small_lag_is_reported_without_warning() -> None:
    world = make_world_with_stale_replica(1.2)
    world.set_primary(Verdict.SICK).run(4)
    message = world.get_latest_message(EventKind.MOVE_DECIDED)
    assert "The replica was 1.2 s behind when that was last measured" in message
    assert "WARNING" not in message


def test_unmeasured_lag_is_not_reported() -> None:
    world = ControllerHarness().settle()
    world.set_primary(Verdict.SICK).run(4)
    assert "behind" not in world.get_latest_message(EventKind.MOVE_DECIDED)


def test_lag_over_limit_blocks_with_reason() -> None:
    world = make_world_with_stale_replica(300, max_replication_lag_seconds=120)
    world.set_primary(Verdict.SICK).run(5)
    assert world.user_location is RegionRole.PRIMARY
    assert world.state.blocked_by == "lag-within-limit"
    assert "The replica was 5 min behind" in world.get_latest_message(EventKind.BLOCKED)
    assert "The limit is 2 min (MaxReplicationLagSeconds)." in world.get_latest_message(EventKind.BLOCKED)


def test_missing_marker_counts_as_its_age() -> None:
    world = set_lag(ControllerHarness(max_replication_lag_seconds=120).settle(), 121, at_least=True)
    world.set_primary(Verdict.SICK).run(5)
    assert world.state.blocked_by == "lag-within-limit"
    assert "more than 2 min 1 s behind" in world.get_latest_message(EventKind.BLOCKED)


@pytest.mark.parametrize("seconds", [5, 120])
def test_lag_at_limit_does_not_block(seconds: float) -> None:
    world = make_world_with_stale_replica(seconds, max_replication_lag_seconds=120)
    world.set_primary(Verdict.SICK).run(4)
    assert world.user_location is RegionRole.STANDBY


def test_unmeasured_lag_does_not_block() -> None:
    world = ControllerHarness(max_replication_lag_seconds=120).settle()
    world.set_primary(Verdict.SICK).run(4)
    assert world.user_location is RegionRole.STANDBY


def test_manual_move_over_limit_is_refused_by_name_and_may_override() -> None:
    world = make_world_with_stale_replica(300, max_replication_lag_seconds=120)
    refused = world.invoke_operator("failover", reason="drill", token="t")
    assert refused["refused_by"] == "lag-within-limit"
    assert refused["message"].endswith('To move anyway, repeat with "override": ["lag-within-limit"].')

    assert world.invoke_operator("failover", reason="I know", token="t", override=["lag-within-limit"])["done"]
    assert world.zone.weight_history == [(0, 255)]


def test_manual_move_reports_lag_after_reason() -> None:
    answer = make_world_with_stale_replica(1.2).request("failover", reason="drill", token="t", requested_by="Aiko")
    assert answer["message"].startswith("Traffic moves to us-east-1, requested by Aiko: drill (The replica was 1.2 s")


def test_failback_ignores_lag() -> None:
    world = ControllerHarness(max_replication_lag_seconds=120).settle()
    assert world.invoke_operator("failover", reason="drill", token="there")["done"]
    set_lag(world, 300)
    answer = world.invoke_operator("failback", reason="drill", token="back", mode="all-at-once")
    assert answer["done"]
    assert "behind" not in answer["message"]
    assert world.user_location is RegionRole.PRIMARY


def test_started_move_ignores_later_lag() -> None:
    world = ControllerHarness(max_replication_lag_seconds=120).settle()
    world.name_servers.freeze("ns-1.example.net")
    world.request("failover", reason="drill", token="there")
    set_lag(world, 300)
    world.name_servers.stale_records.clear()
    world.run(3)
    assert world.user_location is RegionRole.STANDBY


@pytest.mark.parametrize(("limit", "interval"), [(19, 10), (39, 20), (86_401, 10), (-1, 10)])
def test_lag_limit_outside_range_is_rejected(limit: int, interval: int) -> None:
    least = 2 * interval
    with pytest.raises(SettingsError, match=f"MAX_REPLICATION_LAG_SECONDS is {limit}; it must be from {least} "):
        make_settings(max_replication_lag_seconds=limit, round_interval_seconds=interval)


@pytest.mark.parametrize("limit", [0, 20, 86_400])
def test_zero_and_lag_limits_within_range_are_accepted(limit: int) -> None:
    assert make_settings(max_replication_lag_seconds=limit).max_replication_lag_seconds == limit


def test_status_shows_lag_and_measurement_time() -> None:
    world = make_world_with_stale_replica(1.25)
    shown = world.invoke_operator("status")["status"]["replication_lag"]
    assert shown == {"lag_seconds": 1.2, "at_least": False, "measured_at": "2027-01-15T08:01:20.000Z", "last_error": ""}


def test_status_shows_why_lag_is_unmeasured() -> None:
    world = ControllerHarness().settle()
    saved = world.memory.load()
    assert saved
    world.memory.save(replace(saved.state, lag_state=LagState(problem="It may not.")), expected=saved.version)
    shown = world.invoke_operator("status")["status"]["replication_lag"]
    assert shown == {"lag_seconds": None, "at_least": False, "measured_at": None, "last_error": "It may not."}
