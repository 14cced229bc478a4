"""Worlds just before the minute in which processes are interleaved."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cognito_failover.common.region import RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.verdict import Verdict
from tests.interleavings.processes import Process, World
from tests.support.controller_harness import ControllerHarness


def build_world(*, latches: tuple[SteeredName, ...] = (SteeredName.RECORDS,), **changes: Any) -> World:
    """Return a world whose controller has run for three minutes."""
    world = World(base=ControllerHarness(latches=latches, recovery_rounds=6, **changes))
    return run_minutes(world, 3)


def run_minutes(world: World, minutes: int) -> World:
    """Run a controller that is never suspended."""
    for _ in range(minutes):
        next_minute_at = world.now + 60.0
        Process(f"before-{world.now:.0f}", world).run_invocation()
        world.now = max(world.now, next_minute_at)
    return world


def request(world: World, action: str, **fields: Any) -> World:
    """Accept a request while no controller runs."""
    answer = Process("before-operator", world).request(action, **fields)
    assert answer["done"], answer
    return world


def build_outage() -> World:
    """Return a world whose primary has just become sick."""
    world = build_world()
    world.verdicts[RegionRole.PRIMARY] = Verdict.SICK
    return world


def build_outage_without_latch() -> World:
    """Return a world without a latch whose primary has just become sick."""
    world = build_world(latches=())
    world.verdicts[RegionRole.PRIMARY] = Verdict.SICK
    return world


def build_weight_sync() -> World:
    """Return a world whose latch has moved users, and whose weights are still to be synced."""
    world = build_outage()
    world.is_route_53_down = True
    run_minutes(world, 2)
    world.is_route_53_down = False
    return world


def build_failed_over() -> World:
    """Return a world whose users are on the standby, and whose primary has recovered."""
    world = run_minutes(build_outage(), 2)
    world.verdicts[RegionRole.PRIMARY] = Verdict.HEALTHY
    return run_minutes(world, 2)


def build_failback() -> World:
    """Return a world in which a person has requested a failback at once."""
    return request(build_failed_over(), "failback", reason="well again", token="back", mode="all-at-once")


def build_failback_in_steps() -> World:
    """Return a world in which a person has requested a failback in steps."""
    return request(build_failed_over(), "failback", reason="well again", token="back")


def build_failover_request() -> World:
    """Return a world in which a person has requested a failover."""
    return request(build_world(), "failover", reason="maintenance", token="out")


def build_drill() -> World:
    """Return a world in which a person has requested a drill."""
    fields = {"reason": "monthly", "token": "drill", "hold_seconds": 20, "mode": "all-at-once"}
    return request(build_world(), "drill", kind="switchover", **fields)


def build_lever_test() -> World:
    """Return a world in which a person has requested a lever test."""
    return request(build_world(), "drill", kind="lever-test", reason="monthly", token="drill")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A world, and what must be true in the end whichever process runs when.

    Attributes
    ----------
    build
        Returns the world.
    role
        Where the users must be in the end.
    moves
        The maximum number of decided moves.
    changes
        The maximum number of times that the location of the users changes.

    """

    build: Callable[[], World]
    role: RegionRole
    moves: int
    changes: int


PRIMARY, STANDBY = RegionRole.PRIMARY, RegionRole.STANDBY
SCENARIOS = {
    "outage": Scenario(build=build_outage, role=STANDBY, moves=1, changes=1),
    "outage-without-latch": Scenario(build=build_outage_without_latch, role=STANDBY, moves=1, changes=1),
    "failover-request": Scenario(build=build_failover_request, role=STANDBY, moves=0, changes=1),
    "failback": Scenario(build=build_failback, role=PRIMARY, moves=0, changes=1),
    "failback-in-steps": Scenario(build=build_failback_in_steps, role=PRIMARY, moves=0, changes=3),
    "weight-sync": Scenario(build=build_weight_sync, role=STANDBY, moves=0, changes=0),
    "drill": Scenario(build=build_drill, role=PRIMARY, moves=1, changes=2),
    "lever-test": Scenario(build=build_lever_test, role=PRIMARY, moves=2, changes=4),
}
