"""Keycloak's set-up: Route 53 fails over, and an alarm makes a Lambda latch that until a person undoes it.

Source: Keycloak's guides "Deploy an AWS Route 53 loadbalancer" and "Deploy an AWS Route 53 Failover Lambda": a look
every 30 s, threshold 1, both records checked; an alarm on HealthCheckStatus with a period of 60 s and one evaluation;
the Lambda points the check at a path that isn't there.
"""

import math

from bench.policies import health_checks
from bench.simulation_result import SimulationResult
from bench.world.health_check import simulate_health_check
from bench.world.human import compute_failback_time
from bench.world.simulated_world import SimulatedWorld
from bench.world.step_function import FOREVER, StepFunction
from cognito_failover.common.region import Instant, PerRole, RegionRole

INTERVAL_SECONDS = 30.0
THRESHOLD = 1

ALARM_PERIOD_SECONDS = 60.0

ALARM_SECONDS = 10.0
"""From the end of a period to the Lambda's call, by way of CloudWatch and SNS; assumed."""

RETRY_DELAYS_SECONDS = (0.0, 60.0, 180.0)
"""When Lambda makes an asynchronous call that fails again: after one minute, and two more (Lambda Developer Guide,
"How Lambda handles errors and retries with asynchronous invocation")."""


def simulate(world: SimulatedWorld) -> SimulationResult:
    """Follow the checks, latched."""
    checks = PerRole(
        primary=simulate_health_check(
            world, RegionRole.PRIMARY, interval_seconds=INTERVAL_SECONDS, threshold=THRESHOLD
        ),
        standby=simulate_health_check(
            world, RegionRole.STANDBY, interval_seconds=INTERVAL_SECONDS, threshold=THRESHOLD
        ),
    )
    latched, by_hand_at = _build_latched_check(world, checks.primary)
    return health_checks.simulate_failover_records(world, PerRole(primary=latched, standby=checks.standby), by_hand_at)


def _build_latched_check(
    world: SimulatedWorld, check: StepFunction[bool]
) -> tuple[StepFunction[bool], frozenset[Instant]]:
    """Return the primary's check as the Lambda changes it, and when a person changed it back."""
    changes: list[tuple[Instant, bool]] = []
    by_hand: set[Instant] = set()
    unhealthy_at = _find_next_unhealthy(check, 0.0)
    while unhealthy_at < FOREVER:
        latched_from = _find_latch_time(world, unhealthy_at)
        until = latched_from if latched_from < FOREVER else _find_next_unhealthy(check, unhealthy_at)
        changes += [(at, healthy) for at, healthy in check.iterate_changes() if unhealthy_at <= at < until]
        if latched_from == FOREVER:
            unhealthy_at = until
            continue
        changes.append((latched_from, False))
        released_at = compute_failback_time(world, latched_from)
        if released_at == FOREVER:
            break
        changes.append((released_at, True))
        by_hand.add(released_at)
        unhealthy_at = _find_next_unhealthy(check, released_at)
    return StepFunction(True, changes), frozenset(by_hand)


def _find_next_unhealthy(check: StepFunction[bool], since: Instant) -> Instant:
    return next((at for at, healthy in check.iterate_changes() if at > since and not healthy), FOREVER)


def _find_latch_time(world: SimulatedWorld, unhealthy_at: Instant) -> Instant:
    """Return when the Lambda has changed the check; FOREVER if Route 53's control plane takes no change."""
    alarm_at = math.ceil(unhealthy_at / ALARM_PERIOD_SECONDS) * ALARM_PERIOD_SECONDS + ALARM_SECONDS
    tries = (alarm_at + retry for retry in RETRY_DELAYS_SECONDS)
    return next((at for at in tries if world.control_plane.value_at(at).is_available), FOREVER)
