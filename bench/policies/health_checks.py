"""Route 53 alone: failover records with a health check on each, and immediate failback when the primary recovers.

Source: Route 53 Developer Guide, "Creating Amazon Route 53 health checks" (interval, threshold) and "Active-active and
active-passive failover" (which record answers; with both unhealthy the primary).
"""

from bench.simulation_result import SimulatedMove, SimulationResult
from bench.world.health_check import simulate_health_check
from bench.world.name_servers import PropagationPlane, SimulatedNameServers
from bench.world.simulated_world import SimulatedWorld
from bench.world.step_function import StepFunction
from cognito_failover.common.region import Instant, PerRole, RegionRole

FAST_INTERVAL_SECONDS = 10.0


def simulate(world: SimulatedWorld, *, threshold: int) -> SimulationResult:
    """Simulate failover records with a check every ten seconds."""
    checks = PerRole(
        primary=simulate_health_check(
            world, RegionRole.PRIMARY, interval_seconds=FAST_INTERVAL_SECONDS, threshold=threshold
        ),
        standby=simulate_health_check(
            world, RegionRole.STANDBY, interval_seconds=FAST_INTERVAL_SECONDS, threshold=threshold
        ),
    )
    return simulate_failover_records(world, checks)


def simulate_failover_records(
    world: SimulatedWorld, checks: PerRole[StepFunction[bool]], manual_changes: frozenset[Instant] = frozenset()
) -> SimulationResult:
    """Simulate failover records: they answer with the primary unless only the primary is unhealthy.

    Parameters
    ----------
    world
        The simulated world.
    checks
        The health checks over time.
    manual_changes
        Times at which a person changes the primary's check.

    """
    name_servers = SimulatedNameServers(world.rng)
    role = RegionRole.PRIMARY
    moves: list[SimulatedMove] = []
    for at in sorted({at for _, check in checks for at, _ in check.iterate_changes() if at < world.end}):
        answered = (
            RegionRole.STANDBY
            if checks.standby.value_at(at) and not checks.primary.value_at(at)
            else RegionRole.PRIMARY
        )
        if answered is not role:
            role = answered
            moves.append(SimulatedMove(decided_at=at, destination=role, is_automatic=at not in manual_changes))
            name_servers.publish(float(role is RegionRole.STANDBY), at, PropagationPlane.DATA)
    suspected = tuple(at for at, healthy in checks.primary.iterate_changes() if not healthy)
    return SimulationResult(suspected_at=suspected, moves=tuple(moves), answers=name_servers.list_share_changes())
