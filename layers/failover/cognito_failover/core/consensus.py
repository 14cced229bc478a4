"""The verdicts that the observers agree on."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cognito_failover.common.region import Instant, PerRole, RegionRole
from cognito_failover.core.verdict import SERVING_VERDICTS, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionConsensus:
    """The verdict on one Region that the observers agree on.

    Attributes
    ----------
    verdict
        UNKNOWN if no majority agrees, or without a recent observation.
    observed_at
        The oldest of the agreeing observations; None without agreement.
    detail
        A sentence for people.
    looks
        When each of the agreeing observers looked. Empty without agreement.
    is_new
        Whether a majority has looked since the last round that counted. A look counts once, however many rounds see it.

    """

    verdict: Verdict
    observed_at: Instant | None
    detail: str
    looks: Mapping[str, Instant] = field(default_factory=dict)
    is_new: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Consensus:
    """The consensus on both Regions.

    Attributes
    ----------
    roles
        The agreed verdict on each Region.
    is_isolated
        Whether the controller may be isolated: no observer reached a third Region, or only one of several observers
        reports.

    """

    roles: PerRole[RegionConsensus]
    is_isolated: bool

    def is_serving(self, role: RegionRole) -> bool:
        """Return whether the Region is known to serve users."""
        return self.roles[role].verdict in SERVING_VERDICTS
