"""What is known of each Region, by the agreement of those who looked."""

from dataclasses import dataclass

from cognito_failover.common.region import Instant, PerRole, RegionRole
from cognito_failover.core.verdict import SERVING_VERDICTS, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionConsensus:
    """What the observers agree on about one Region.

    Attributes
    ----------
    verdict
        UNKNOWN where no majority agrees or nobody has looked lately.
    observed_at
        The oldest of the agreeing observations; None without agreement.
    detail
        A sentence for people.

    """

    verdict: Verdict
    observed_at: Instant | None
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Consensus:
    """What is known of both Regions now.

    Attributes
    ----------
    sides
        The agreed verdict on each.
    cut_off
        The controller may be cut off from the world: no observer reached any third Region, or of several observers
        all but one are silent.

    """

    roles: PerRole[RegionConsensus]
    is_isolated: bool

    def is_serving(self, role: RegionRole) -> bool:
        """Tell whether the Region is known to be able to serve."""
        return self.roles[role].verdict in SERVING_VERDICTS
