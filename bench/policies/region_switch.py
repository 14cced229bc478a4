"""ARC Region switch, started by an alarm on a canary that logs in once a minute from the standby Region.

Source: ARC Developer Guide, "Region switch": a plan is triggered by CloudWatch alarms, runs in the Region to be
activated, and moves traffic by Route 53 health checks, on the data plane. Failback is a second, manual run.
CloudWatch Synthetics runs a canary at most once a minute, and an alarm over it has a period of at least 60 s.
"""

from bench.policies.scheduled_login import list_failing_logins
from bench.simulation_result import SimulatedMove, SimulationResult
from bench.world.human import compute_failback_time
from bench.world.name_servers import PropagationPlane, SimulatedNameServers
from bench.world.simulated_world import SimulatedWorld
from bench.world.step_function import FOREVER
from cognito_failover.common.region import Instant, RegionRole

ALARM_DATAPOINTS = 2
"""Consecutive failed minutes before the alarm. Assumed: one would move users for a single lost packet."""

ALARM_DELAY_SECONDS = 10.0
"""Time from a failed run to the alarm: delivery of the metric and evaluation of the alarm; assumed."""

PLAN_START_SECONDS = (15.0, 45.0)
"""Time from the alarm to the plan's step that moves traffic. Assumed: AWS gives no figure."""


def simulate(world: SimulatedWorld) -> SimulationResult:
    """Run the plan when the alarm fires."""
    name_servers = SimulatedNameServers(world.rng)
    moves: list[SimulatedMove] = []
    suspected: list[Instant] = []
    since = 0.0
    while since < FOREVER:
        back_at = FOREVER
        for at, failures in list_failing_logins(world, since):
            if failures == 1:
                suspected.append(at)
            if failures == ALARM_DATAPOINTS:
                decided_at = at + ALARM_DELAY_SECONDS
                moved_at = decided_at + world.rng.uniform_between(*PLAN_START_SECONDS, "plan start", len(moves))
                name_servers.publish(1.0, moved_at, PropagationPlane.DATA)
                moves.append(SimulatedMove(decided_at=decided_at, destination=RegionRole.STANDBY))
                back_at = compute_failback_time(world, moved_at)
                break
        if back_at < FOREVER:
            name_servers.publish(0.0, back_at, PropagationPlane.DATA)
            moves.append(SimulatedMove(decided_at=back_at, destination=RegionRole.PRIMARY, is_automatic=False))
        since = back_at
    return SimulationResult(
        suspected_at=tuple(suspected), moves=tuple(moves), answers=name_servers.list_share_changes()
    )
