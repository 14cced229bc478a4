"""Keycloak's setup: Route 53 fails over, and an alarm's Lambda latches the failover until a person undoes it.

Source: Keycloak's guides "Deploy an AWS Route 53 loadbalancer" and "Deploy an AWS Route 53 Failover Lambda": a check
every 30 s, threshold 1, on both records; an alarm on HealthCheckStatus with a period of 60 s and one evaluation; the
Lambda changes the check's path to one that does not exist.
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
"""Time from the end of a period to the Lambda's call, through CloudWatch and SNS; assumed."""

RETRY_DELAYS_SECONDS = (0.0, 60.0, 180.0)
"""Times of Lambda's attempts at a failed asynchronous call: a retry after one minute, another after two more (Lambda
Developer Guide, "How Lambda handles errors and retries with asynchronous invocation")."""


def simulate(world: SimulatedWorld) -> SimulationResult:
    """Simulate failover records with the latched check of the primary."""
    checks = PerRole(
        primary=simulate_health_check(
            world, RegionRole.PRIMARY, interval_seconds=INTERVAL_SECONDS, threshold=THRESHOLD
        ),
        standby=simulate_health_check(
            world, RegionRole.STANDBY, interval_seconds=INTERVAL_SECONDS, threshold=THRESHOLD
        ),
    )
    latched, manual_changes = _build_latched_check(world, checks.primary)
    return health_checks.simulate_failover_records(
        world, PerRole(primary=latched, standby=checks.standby), manual_changes
    )


def _build_latched_check(
    world: SimulatedWorld, check: StepFunction[bool]
) -> tuple[StepFunction[bool], frozenset[Instant]]:
    """Return the primary's check with the Lambda's changes, and the times at which a person changes it back."""
    changes: list[tuple[Instant, bool]] = []
    manual_changes: set[Instant] = set()
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
        manual_changes.add(released_at)
        unhealthy_at = _find_next_unhealthy(check, released_at)
    return StepFunction(True, changes), frozenset(manual_changes)


def _find_next_unhealthy(check: StepFunction[bool], since: Instant) -> Instant:
    return next((at for at, healthy in check.iterate_changes() if at > since and not healthy), FOREVER)


def _find_latch_time(world: SimulatedWorld, unhealthy_at: Instant) -> Instant:
    """Return when the Lambda changes the check. FOREVER if Route 53's control plane accepts no change."""
    alarm_at = math.ceil(unhealthy_at / ALARM_PERIOD_SECONDS) * ALARM_PERIOD_SECONDS + ALARM_SECONDS
    attempts = (alarm_at + delay for delay in RETRY_DELAYS_SECONDS)
    return next((at for at in attempts if world.control_plane.value_at(at).is_available), FOREVER)
