"""What is true, as nobody in the simulation but the oracle knows it."""

from dataclasses import dataclass, field

from bench.world.chance import Chance
from bench.world.health import WELL, Health, lost_share
from bench.world.timeline import Timeline
from failover.region import Instant, PerSide, Side

TTL_SECONDS = 60
"""How long a resolver may keep an answer, for every policy: what AWS advises for records that fail over (Route 53
Developer Guide, "Best practices for Amazon Route 53 DNS") and what alias records to an API Gateway or load balancer
have."""

SIGN_INS_PER_SECOND = 10.0
"""How many users sign in. Everything lost is in proportion to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPlane:
    """How Route 53 takes changes.

    Attributes
    ----------
    up
        Whether it answers at all.
    throttled
        Share of its calls refused for their number.

    """

    up: bool = True
    throttled: float = 0.0


IN_ORDER = ControlPlane()


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
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

    chance: Chance
    end: Instant
    onset: Instant
    regions: PerSide[Timeline[Health]] = field(
        default_factory=lambda: PerSide(primary=Timeline(WELL), standby=Timeline(WELL))
    )
    control_plane: Timeline[ControlPlane] = field(default_factory=lambda: Timeline(IN_ORDER))
    observer_online: Timeline[bool] = field(default_factory=lambda: Timeline(first=True))
    path_to_primary: Timeline[bool] = field(default_factory=lambda: Timeline(first=True))
    canary_accepted: Timeline[bool] = field(default_factory=lambda: Timeline(first=True))

    def lost_share(self, side: Side, moment: Instant) -> float:
        """Return the share of sign-ins lost on a side if all users are there."""
        return lost_share(self.regions[side].at(moment))

    def next_change(self, moment: Instant) -> Instant:
        """Return when anything next changes."""
        return min(
            self.regions.primary.next_change(moment),
            self.regions.standby.next_change(moment),
            self.control_plane.next_change(moment),
            self.observer_online.next_change(moment),
            self.path_to_primary.next_change(moment),
            self.canary_accepted.next_change(moment),
        )

    def certain(self, moment: Instant) -> bool:
        """Whether every attempt to sign in, anywhere, has one possible outcome until the next change."""
        return self.regions.primary.at(moment).certain and self.regions.standby.at(moment).certain
