"""The timeline is recorded from the cause of a move or drill until resolvers have followed."""

from dataclasses import replace

import pytest

from cognito_failover.core.verdict import Verdict
from cognito_failover.timeline.recording_window import (
    FULL_RESOLUTION_SECONDS,
    REDUCED_INTERVAL_SECONDS,
    find_recording_window,
    get_post_move_seconds,
    get_ttl_seconds,
    should_record,
)
from tests.support.controller_harness import ControllerHarness


def should_record_now(world: ControllerHarness, *, last_at: float | None = None) -> bool:
    return should_record(world.state, world.settings, world.clock.now, last_at=last_at)


def test_normal_operation_is_not_recorded() -> None:
    assert not should_record_now(ControllerHarness().settle())


def test_recording_starts_with_first_sick_round() -> None:
    world = ControllerHarness().settle().set_primary(Verdict.SICK)
    world.run(1)
    assert should_record_now(world)


def test_move_is_recorded_from_cause_until_resolvers_follow() -> None:
    world = ControllerHarness().settle().set_primary(Verdict.SICK)
    world.name_servers.freeze("ns-1.example.net")
    started_at = world.clock.now
    world.run(3)
    window = find_recording_window(world.state, world.settings, world.clock.now)
    assert window
    assert window.since == started_at
    world.name_servers.stale_records.clear()
    world.run(2)
    ended_at = world.state.last_move_ended_at
    assert ended_at
    world.set_primary(Verdict.HEALTHY).wait(ended_at + 179 - world.clock.now)
    assert should_record_now(world)
    world.wait(ended_at + 181 - world.clock.now)
    assert not should_record_now(world)


def test_superseded_move_is_still_recorded() -> None:
    world = ControllerHarness().settle()
    world.propagates_changes = False
    world.request("failover", reason="Drill", token="drill")
    world.run(1)
    world.edit_weights(100, 100)
    world.run(1)
    assert world.state.hold
    assert should_record_now(world)


@pytest.mark.parametrize(("ttl_seconds", "seconds"), [(60, 180), (1, 62), (3600, 900)])
def test_recording_after_a_move_lasts_two_ttls_and_a_minute(ttl_seconds: int, seconds: int) -> None:
    assert get_post_move_seconds(ttl_seconds) == seconds


def test_record_ttl_counts_and_configured_ttl_is_default() -> None:
    world = ControllerHarness(record_ttl_seconds=100).settle()
    assert get_ttl_seconds(world.state, world.settings) == 60
    assert get_ttl_seconds(replace(world.state, records=None), world.settings) == 100


def test_long_degradation_is_recorded_once_a_minute() -> None:
    world = ControllerHarness().settle()
    world.propagates_changes = False
    world.name_servers.freeze("ns-1.example.net")
    world.request("failover", reason="Drill", token="drill")
    world.run(1)
    assert should_record_now(world, last_at=world.clock.now - 5)
    world.wait(FULL_RESOLUTION_SECONDS)
    assert not should_record_now(world, last_at=world.clock.now - REDUCED_INTERVAL_SECONDS + 1)
    assert should_record_now(world, last_at=world.clock.now - REDUCED_INTERVAL_SECONDS)
    assert should_record_now(world, last_at=None)
