"""Totals over all scenarios, and the scenarios in which the controller is outperformed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from bench.policies.all import ORACLE, OURS, POLICIES
from bench.rows import ComparisonRow


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyTotal:
    """The total of one policy over one instance of every scenario.

    Attributes
    ----------
    lost_sign_ins, times_oracle
        The sum of the means, and its multiple of the oracle's sum.
    wrong_moves, flaps, missed
        Sums of the means.

    """

    policy: str
    lost_sign_ins: float
    times_oracle: float
    wrong_moves: float
    flaps: float
    missed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OutperformedScenario:
    """A scenario in which a peer lost significantly fewer sign-ins than the controller.

    Attributes
    ----------
    ours, peer
        The rows of the controller and of the best peer.
    has_no_more_wrong_moves
        Whether the peer made at most as many wrong moves as the controller.

    """

    ours: ComparisonRow
    peer: ComparisonRow
    has_no_more_wrong_moves: bool


FAR_FROM_OPTIMUM_FACTOR = 1.75
"""A loss of this multiple of the oracle's loss is far from the physical limit."""


def compute_totals(rows: Sequence[ComparisonRow]) -> tuple[PolicyTotal, ...]:
    """Return the total of each policy."""
    oracle = sum(row.lost_sign_ins for row in rows if row.policy == ORACLE)

    def compute_total(policy: str) -> PolicyTotal:
        own = [row for row in rows if row.policy == policy]
        lost = sum(row.lost_sign_ins for row in own)
        return PolicyTotal(
            policy=policy,
            lost_sign_ins=lost,
            times_oracle=lost / oracle,
            wrong_moves=sum(row.wrong_moves for row in own),
            flaps=sum(row.flaps for row in own),
            missed=sum(row.missed for row in own),
        )

    return tuple(compute_total(policy) for policy in POLICIES)


def find_outperformed(rows: Sequence[ComparisonRow]) -> Iterator[OutperformedScenario]:
    """Yield each scenario in which a peer lost fewer sign-ins, with the best such peer."""
    for _, of_scenario in groupby(rows, key=lambda row: row.scenario):
        by_policy = {row.policy: row for row in of_scenario}
        ours = by_policy[OURS]
        peers = [row for policy, row in by_policy.items() if policy != ORACLE and not policy.startswith(OURS)]
        best = min(peers, key=lambda row: row.lost_sign_ins)
        if best.lost_sign_ins_high < ours.lost_sign_ins_low:
            yield OutperformedScenario(
                ours=ours, peer=best, has_no_more_wrong_moves=best.wrong_moves <= ours.wrong_moves
            )


def find_far_from_optimum(rows: Sequence[ComparisonRow]) -> Iterator[ComparisonRow]:
    """Yield the controller's rows that are far from the physical limit."""
    for row in rows:
        if row.policy == OURS and row.times_oracle is not None and row.times_oracle >= FAR_FROM_OPTIMUM_FACTOR:
            yield row
