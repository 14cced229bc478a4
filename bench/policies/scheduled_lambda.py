"""A quick script: one login a minute, a failover after three failures, and a manual failback.

Source: EventBridge's maximum rate of one a minute (EventBridge Scheduler User Guide, "Schedule types"). The rest is the
usual shape of such functions: any exception counts as a failure, and the state of the other Region is not checked.
"""

from bench.policies.scheduled_login import list_failing_logins
from bench.simulation_result import SimulatedMove, SimulationResult
from bench.world.human import compute_failback_time
from bench.world.name_servers import PropagationPlane, SimulatedNameServers
from bench.world.simulated_world import SimulatedWorld
from bench.world.simulated_zone import CALLS_PER_SECOND
from bench.world.step_function import FOREVER
from cognito_failover.common.region import Instant, RegionRole

FAILURE_THRESHOLD = 3


def simulate(world: SimulatedWorld) -> SimulationResult:
    """Change the records after three failures. Retry every minute while Route 53 accepts no change."""
    name_servers = SimulatedNameServers(world.rng)
    moves: list[SimulatedMove] = []
    suspected: list[Instant] = []
    since = 0.0
    while since < FOREVER:
        decided_at, back_at = FOREVER, FOREVER
        for at, failures in list_failing_logins(world, since):
            if failures == 1:
                suspected.append(at)
                decided_at = FOREVER
            if failures >= FAILURE_THRESHOLD:
                decided_at = min(decided_at, at)
                if accepts_change(world, at):
                    name_servers.publish(1.0, at, PropagationPlane.CONTROL)
                    moves.append(SimulatedMove(decided_at=decided_at, destination=RegionRole.STANDBY))
                    back_at = compute_failback_time(world, at)
                    break
        if back_at < FOREVER:
            name_servers.publish(0.0, back_at, PropagationPlane.CONTROL)
            moves.append(SimulatedMove(decided_at=back_at, destination=RegionRole.PRIMARY, is_automatic=False))
        since = back_at
    return SimulationResult(
        suspected_at=tuple(suspected), moves=tuple(moves), answers=name_servers.list_share_changes()
    )


def accepts_change(world: SimulatedWorld, moment: Instant) -> bool:
    """Return whether Route 53 accepts a record change."""
    plane = world.control_plane.value_at(moment)
    call_number = int(CALLS_PER_SECOND * moment)
    return plane.is_available and world.rng.uniform("control plane", call_number) >= plane.throttle_rate
