"""The result of simulating a policy in a world."""

from dataclasses import dataclass

from cognito_failover.common.region import Instant, RegionRole


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedMove:
    """A decision that was carried out, at least in part.

    Attributes
    ----------
    decided_at
        The time of the decision.
    destination
        The Region that all users are sent to.
    is_automatic
        Whether the policy decided without a person.

    """

    decided_at: Instant
    destination: RegionRole
    is_automatic: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationResult:
    """The data that a score is computed from.

    Attributes
    ----------
    suspected_at
        The time of each suspicion.
    moves
        The moves.
    answers
        Steps of the share of authoritative answers that name the standby: start time and share, in order of time.

    """

    suspected_at: tuple[Instant, ...]
    moves: tuple[SimulatedMove, ...]
    answers: tuple[tuple[Instant, float], ...]
