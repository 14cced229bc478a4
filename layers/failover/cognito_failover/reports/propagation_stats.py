"""When DNS answers moved to the new Region, and the summary of sign-ins. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.common.text import format_iso_millis
from cognito_failover.core.model.location import AnswerCounts
from cognito_failover.reports.document import Propagation, SignInSummary
from cognito_failover.timeline.sample import RoundSample, UserView

HALF_SHARE, MOST_SHARE = 0.5, 0.95

type ServerSelector = Callable[[UserView], Mapping[str, AnswerCounts]]
"""Selects the servers of a view."""


def select_name_servers(user_view: UserView) -> Mapping[str, AnswerCounts]:
    """Return the answers of the authoritative name servers."""
    return user_view.name_servers


def select_resolvers(user_view: UserView) -> Mapping[str, AnswerCounts]:
    """Return the answers of the public resolvers."""
    return user_view.resolvers


def measure_propagation(
    samples: Sequence[RoundSample], select_servers: ServerSelector, role: RegionRole, *, decided_at: Instant
) -> Propagation:
    """Return how the answers moved to a Region.

    Parameters
    ----------
    samples
        The timeline from this decision to the next.
    select_servers
        Selects the servers.
    role
        The Region that users move to.
    decided_at
        The time of the decision.

    """
    counts_over_time = [
        (sample.user_view.at, select_servers(sample.user_view)) for sample in samples if sample.user_view
    ]
    shares = [
        (at, share)
        for at, counts_by_server in counts_over_time
        if (share := compute_role_share(counts_by_server.values(), role)) is not None
    ]
    half_at, most_at = _find_settled_at(shares, HALF_SHARE), _find_settled_at(shares, MOST_SHARE)
    all_counts = [counts for _, counts_by_server in counts_over_time for counts in counts_by_server.values()]
    return Propagation(
        servers=sorted({server for _, counts_by_server in counts_over_time for server in counts_by_server}),
        answers=sum(counts.total for counts in all_counts),
        missing=sum(counts.missing for counts in all_counts),
        half_at=None if half_at is None else format_iso_millis(half_at),
        most_at=None if most_at is None else format_iso_millis(most_at),
        half_seconds=None if half_at is None else round(half_at - decided_at, 1),
        most_seconds=None if most_at is None else round(most_at - decided_at, 1),
    )


def compute_role_share(answer_counts: Iterable[AnswerCounts], role: RegionRole) -> float | None:
    """Return the share of one sample's answers that lead to a Region, 0 to 1; None without answers."""
    all_counts = tuple(answer_counts)
    total = sum(counts.total for counts in all_counts)
    return sum(counts.count_for(role) for counts in all_counts) / total if total else None


def _find_settled_at(shares: Sequence[tuple[Instant, float]], threshold: float) -> Instant | None:
    """Return the time from which no share is below the threshold; None if the last one is."""
    settled_at: Instant | None = None
    for at, share in reversed(shares):
        if share < threshold:
            break
        settled_at = at
    return settled_at


def summarize_sign_ins(samples: Iterable[RoundSample]) -> SignInSummary:
    """Return the summary of sign-ins through the domain."""
    attempts = [sample.user_view.sign_in for sample in samples if sample.user_view and sample.user_view.sign_in]
    conclusive = [attempt for attempt in attempts if attempt.ok is not None]
    failed_at = [attempt.at for attempt in conclusive if not attempt.ok]
    recovered_at = [attempt.at for attempt in conclusive if attempt.ok and failed_at and attempt.at > failed_at[-1]]
    return SignInSummary(
        tried=len(conclusive),
        failed=len(failed_at),
        unclear=len(attempts) - len(conclusive),
        first_failed_at=format_iso_millis(failed_at[0]) if failed_at else None,
        last_failed_at=format_iso_millis(failed_at[-1]) if failed_at else None,
        recovered_at=format_iso_millis(recovered_at[0]) if recovered_at else None,
        codes=dict(Counter(attempt.code for attempt in attempts if attempt.code).most_common()),
    )
