"""When the answers of name servers and resolvers had moved, and how sign-ins fared. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from failover.outside.sample import Outside, Sample, Tally
from failover.region import Instant, Side
from failover.report.document import Arrival, SignIns
from failover.timetext import timestamp

HALF, MOST = 0.5, 0.95

type Servers = Callable[[Outside], Mapping[str, Tally]]
"""Which servers of a look are meant."""


def name_servers(outside: Outside) -> Mapping[str, Tally]:
    """Return the authoritative ones."""
    return outside.name_servers


def resolvers(outside: Outside) -> Mapping[str, Tally]:
    """Return the public ones."""
    return outside.resolvers


def arrival(samples: Sequence[Sample], servers: Servers, side: Side, *, decided_at: Instant) -> Arrival:
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
    looks = [(each.outside.at, servers(each.outside)) for each in samples if each.outside]
    shares = [(at, share) for at, tallies in looks if (share := share_of(tallies.values(), side)) is not None]
    half_at, most_at = _for_good(shares, HALF), _for_good(shares, MOST)
    return Arrival(
        servers=sorted({server for _, tallies in looks for server in tallies}),
        answers=sum(tally.given for _, tallies in looks for tally in tallies.values()),
        missing=sum(tally.missing for _, tallies in looks for tally in tallies.values()),
        half_at=None if half_at is None else timestamp(half_at),
        most_at=None if most_at is None else timestamp(most_at),
        half_seconds=None if half_at is None else round(half_at - decided_at, 1),
        most_seconds=None if most_at is None else round(most_at - decided_at, 1),
    )


def share_of(tallies: Iterable[Tally], side: Side) -> float | None:
    """Return the share of the answers of one moment that lead to a side, 0 to 1; None where none was given."""
    counted = tuple(tallies)
    given = sum(tally.given for tally in counted)
    return sum(tally.to(side) for tally in counted) / given if given else None


def _for_good(shares: Sequence[tuple[Instant, float]], least: float) -> Instant | None:
    """Return the first moment from which on no share is smaller."""
    found: Instant | None = None
    for at, share in reversed(shares):
        if share < least:
            break
        found = at
    return found


def sign_ins(samples: Iterable[Sample]) -> SignIns:
    """Return how sign-ins through the domain fared."""
    made = [each.outside.sign_in for each in samples if each.outside and each.outside.sign_in]
    told = [each for each in made if each.ok is not None]
    failed = [each.at for each in told if not each.ok]
    back = [each.at for each in told if each.ok and failed and each.at > failed[-1]]
    return SignIns(
        tried=len(told),
        failed=len(failed),
        unclear=len(made) - len(told),
        first_failed_at=timestamp(failed[0]) if failed else None,
        last_failed_at=timestamp(failed[-1]) if failed else None,
        back_at=timestamp(back[0]) if back else None,
        codes=dict(Counter(each.code for each in made if each.code).most_common()),
    )
