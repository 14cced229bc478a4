"""The oracle: it knows the future and is delayed only by propagation and caches. Its loss is the physical limit."""

from bench.simulation_result import SimulatedMove, SimulationResult
from bench.world.name_servers import SERVERS, PropagationPlane, SimulatedNameServers, compute_delay_seconds
from bench.world.simulated_world import SimulatedWorld
from bench.world.users import count_sign_ins
from cognito_failover.common.region import RegionRole

ROUNDING_ERROR = 1e-9
"""A smaller difference of lost shares is a rounding error."""


def simulate(world: SimulatedWorld) -> SimulationResult:
    """Return the better of two results: stay or fail back while both Regions are equally healthy."""
    results = (_simulate(world, fails_back=False), _simulate(world, fails_back=True))
    return min(results, key=lambda result: count_sign_ins(world, result.answers).lost)


def _simulate(world: SimulatedWorld, *, fails_back: bool) -> SimulationResult:
    """Move users whenever the other Region is better, on the faster plane for each server."""
    name_servers = SimulatedNameServers(world.rng)
    role = RegionRole.PRIMARY
    moves: list[SimulatedMove] = []
    changes = {at for _, region in world.regions for at, _ in region.iterate_changes()}
    for at in sorted(change for change in {0.0, *changes} if change < world.end):
        # An incident that ends before the first name server has the change is not worth a move.
        arrives_at = at + _compute_min_delay_seconds(world, change=len(moves))
        gain = min(_compute_gain(world, role, at), _compute_gain(world, role, arrives_at))
        can_fail_back = fails_back and role is RegionRole.STANDBY and gain > -ROUNDING_ERROR
        if gain > ROUNDING_ERROR or can_fail_back:
            role = role.opposite
            moves.append(SimulatedMove(decided_at=at, destination=role))
            name_servers.publish(float(role is RegionRole.STANDBY), at, PropagationPlane.CONTROL, PropagationPlane.DATA)
    return SimulationResult(
        suspected_at=tuple(move.decided_at for move in moves),
        moves=tuple(moves),
        answers=name_servers.list_share_changes(),
    )


def _compute_gain(world: SimulatedWorld, role: RegionRole, at: float) -> float:
    """Return how much smaller the share of lost sign-ins is in the other Region."""
    return world.compute_lost_share(role, at) - world.compute_lost_share(role.opposite, at)


def _compute_min_delay_seconds(world: SimulatedWorld, change: int) -> float:
    return min(
        compute_delay_seconds(world.rng, plane, change, server)
        for plane in PropagationPlane
        for server in range(SERVERS)
    )
