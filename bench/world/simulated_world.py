"""What is true, as nobody in the simulation but the oracle knows it."""

from dataclasses import dataclass, field

from bench.world.random_source import RandomSource
from bench.world.region_health import HEALTHY, RegionHealth, compute_lost_share
from bench.world.step_function import StepFunction
from cognito_failover.common.region import Instant, PerRole, RegionRole

TTL_SECONDS = 60
"""How long a resolver may keep an answer, for every policy: what AWS advises for records that fail over (Route 53
Developer Guide, "Best practices for Amazon Route 53 DNS") and what alias records to an API Gateway or load balancer
have."""

SIGN_INS_PER_SECOND = 10.0
"""How many users sign in. Everything lost is in proportion to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPlaneHealth:
    """How Route 53 takes changes.

    Attributes
    ----------
    up
        Whether it answers at all.
    throttled
        Share of its calls refused for their number.

    """

    is_available: bool = True
    throttle_rate: float = 0.0


HEALTHY_CONTROL_PLANE = ControlPlaneHealth()


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedWorld:
    """One seed of one scenario.

    Attributes
    ----------
    chance
        The draws of this seed.
    end
        When the simulation stops, in seconds from its start.
    onset
        When what the scenario is about begins; times to detect and to move are counted from it.
    regions
        How each side's sign-in does.
    control_plane
        How Route 53 takes changes. Its data plane never fails (100 % in its service level agreement).
    observer_online
        Whether the standby Region's own way out to the world works. Inside the Region all goes on.
    path_to_primary
        Whether the way from the standby Region to the primary works, if that to third Regions does.
    canary_accepted
        Whether the canary's password is right.

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
        """Return the share of sign-ins lost on a side if all users are there."""
        return compute_lost_share(self.regions[role].value_at(moment))

    def find_next_change(self, moment: Instant) -> Instant:
        """Return when anything next changes."""
        return min(
            self.regions.primary.find_next_change(moment),
            self.regions.standby.find_next_change(moment),
            self.control_plane.find_next_change(moment),
            self.observer_online.find_next_change(moment),
            self.path_to_primary.find_next_change(moment),
            self.canary_accepted.find_next_change(moment),
        )

    def is_deterministic(self, moment: Instant) -> bool:
        """Whether every attempt to sign in, anywhere, has one possible outcome until the next change."""
        return (
            self.regions.primary.value_at(moment).is_deterministic
            and self.regions.standby.value_at(moment).is_deterministic
        )
