"""The true state of a simulated world. Of all policies, only the oracle knows it."""

from dataclasses import dataclass, field

from bench.world.random_source import RandomSource
from bench.world.region_health import HEALTHY, RegionHealth, compute_lost_share
from bench.world.step_function import StepFunction
from cognito_failover.common.region import Instant, PerRole, RegionRole

TTL_SECONDS = 60
"""TTL of the records, for every policy. AWS recommends it for failover records (Route 53 Developer Guide, "Best
practices for Amazon Route 53 DNS"), and alias records to an API Gateway or load balancer have it."""

SIGN_INS_PER_SECOND = 10.0
"""Rate of sign-ins. All losses are proportional to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPlaneHealth:
    """The health of Route 53's control plane.

    Attributes
    ----------
    is_available
        Whether it answers.
    throttle_rate
        Share of calls that are throttled.

    """

    is_available: bool = True
    throttle_rate: float = 0.0


HEALTHY_CONTROL_PLANE = ControlPlaneHealth()


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedWorld:
    """One seed of one scenario.

    Attributes
    ----------
    rng
        The random draws of this seed.
    end
        End of the simulation, in seconds from its start.
    onset
        Start of the scenario's incident. Times to detect and to move count from it.
    regions
        The health of sign-in in each Region.
    control_plane
        The health of Route 53's control plane. Its data plane never fails (100 % in its service level agreement).
    observer_online
        Whether the standby Region's network to other Regions works. Calls inside the Region always work.
    path_to_primary
        Whether the network from the standby Region to the primary works while the network to third Regions does.
    canary_accepted
        Whether the canary's password is accepted.

    """

    rng: RandomSource
    end: Instant
    onset: Instant
    regions: PerRole[StepFunction[RegionHealth]] = field(
        default_factory=lambda: PerRole(primary=StepFunction(HEALTHY), standby=StepFunction(HEALTHY))
    )
    control_plane: StepFunction[ControlPlaneHealth] = field(default_factory=lambda: StepFunction(HEALTHY_CONTROL_PLANE))
    observer_online: StepFunction[bool] = field(default_factory=lambda: StepFunction(first=True))
    path_to_primary: StepFunction[bool] = field(default_factory=lambda: StepFunction(first=True))
    canary_accepted: StepFunction[bool] = field(default_factory=lambda: StepFunction(first=True))

    def compute_lost_share(self, role: RegionRole, moment: Instant) -> float:
        """Return the share of sign-ins that a Region loses if all users are there."""
        return compute_lost_share(self.regions[role].value_at(moment))

    def find_next_change(self, moment: Instant) -> Instant:
        """Return the time of the next change of anything."""
        return min(
            self.regions.primary.find_next_change(moment),
            self.regions.standby.find_next_change(moment),
            self.control_plane.find_next_change(moment),
            self.observer_online.find_next_change(moment),
            self.path_to_primary.find_next_change(moment),
            self.canary_accepted.find_next_change(moment),
        )

    def is_deterministic(self, moment: Instant) -> bool:
        """Return whether every sign-in, in both Regions, has only one possible outcome until the next change."""
        return (
            self.regions.primary.value_at(moment).is_deterministic
            and self.regions.standby.value_at(moment).is_deterministic
        )
