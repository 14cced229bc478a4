"""When the answers of name servers and resolvers had moved, and how sign-ins fared. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.common.text import format_iso_millis
from cognito_failover.reports.document import Propagation, SignInSummary
from cognito_failover.timeline.sample import AnswerCounts, RoundSample, UserView

HALF_SHARE, MOST_SHARE = 0.5, 0.95

type ServerSelector = Callable[[UserView], Mapping[str, AnswerCounts]]
"""Which servers of a look are meant."""


def select_name_servers(user_view: UserView) -> Mapping[str, AnswerCounts]:
    """Return the authoritative ones."""
    return user_view.name_servers


def select_resolvers(user_view: UserView) -> Mapping[str, AnswerCounts]:
    """Return the public ones."""
    return user_view.resolvers


def measure_propagation(
    samples: Sequence[RoundSample], select_servers: ServerSelector, role: RegionRole, *, decided_at: Instant
) -> Propagation:
    """Return how the answers moved to a side.

    Parameters
    ----------
    samples
        The timeline from the decision on, until the next one.
    servers
        Whose answers.
    side
        Where users were to go.
    decided_at
        When that was decided.

    """
    counts_over_time = [(each.user_view.at, select_servers(each.user_view)) for each in samples if each.user_view]
    shares = [
        (at, share)
        for at, tallies in counts_over_time
        if (share := compute_role_share(tallies.values(), role)) is not None
    ]
    half_at, most_at = _find_settled_at(shares, HALF_SHARE), _find_settled_at(shares, MOST_SHARE)
    return Propagation(
        servers=sorted({server for _, tallies in counts_over_time for server in tallies}),
        answers=sum(tally.total for _, tallies in counts_over_time for tally in tallies.values()),
        missing=sum(tally.missing for _, tallies in counts_over_time for tally in tallies.values()),
        half_at=None if half_at is None else format_iso_millis(half_at),
        most_at=None if most_at is None else format_iso_millis(most_at),
        half_seconds=None if half_at is None else round(half_at - decided_at, 1),
        most_seconds=None if most_at is None else round(most_at - decided_at, 1),
    )


def compute_role_share(answer_counts: Iterable[AnswerCounts], role: RegionRole) -> float | None:
    """Return the share of the answers of one moment that lead to a side, 0 to 1; None where none was given."""
    counted = tuple(answer_counts)
    total = sum(tally.total for tally in counted)
    return sum(tally.count_for(role) for tally in counted) / total if total else None


def _find_settled_at(shares: Sequence[tuple[Instant, float]], threshold: float) -> Instant | None:
    """Return the first moment from which on no share is smaller."""
    settled_at: Instant | None = None
    for at, share in reversed(shares):
        if share < threshold:
            break
        settled_at = at
    return settled_at


def summarize_sign_ins(samples: Iterable[RoundSample]) -> SignInSummary:
    """Return how sign-ins through the domain fared."""
    attempts = [each.user_view.sign_in for each in samples if each.user_view and each.user_view.sign_in]
    conclusive = [each for each in attempts if each.ok is not None]
    failed = [each.at for each in conclusive if not each.ok]
    succeeded_at = [each.at for each in conclusive if each.ok and failed and each.at > failed[-1]]
    return SignInSummary(
        tried=len(conclusive),
        failed=len(failed),
        unclear=len(attempts) - len(conclusive),
        first_failed_at=format_iso_millis(failed[0]) if failed else None,
        last_failed_at=format_iso_millis(failed[-1]) if failed else None,
        recovered_at=format_iso_millis(succeeded_at[0]) if succeeded_at else None,
        codes=dict(Counter(each.code for each in attempts if each.code).most_common()),
    )
