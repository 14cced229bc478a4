"""What a policy did in a world."""

from dataclasses import dataclass

from cognito_failover.common.region import Instant, RegionRole


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedMove:
    """One decision that was carried out, at least in part.

    Attributes
    ----------
    decided_at
        When it was made.
    to
        Where it sends all users.
    automatic
        Whether nobody asked for it.

    """

    decided_at: Instant
    destination: RegionRole
    is_automatic: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationResult:
    """All that is needed to judge a policy.

    Attributes
    ----------
    suspected
        When it saw a first sign of trouble, each time.
    moves
        What it decided.
    answers
        From when on which share of the authoritative answers named the standby; the first entry is the beginning.

    """

    suspected_at: tuple[Instant, ...]
    moves: tuple[SimulatedMove, ...]
    answers: tuple[tuple[Instant, float], ...]
