"""How well a policy did in one world."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from bench.simulation_result import SimulatedMove, SimulationResult
from bench.world.simulated_world import SimulatedWorld
from bench.world.users import count_sign_ins, find_time_of_share
from cognito_failover.common.region import Instant, RegionRole

MIN_IMPROVEMENT = 0.01
"""Share of the sign-ins by which a side must be better for a move to it to be for something."""

EVALUATION_SECONDS = 300.0
"""A move is judged by how both sides did for so long after its first answer: shorter, and a primary that comes and goes
would count as well whenever it happened to be up."""

FLAP_SECONDS = 300.0
"""An automatic move that takes back another one made less than this long ago is a flap."""

MIN_OUTAGE_SHARE, MIN_OUTAGE_SECONDS = 0.2, 120.0
"""An outage that may not be missed costs this share of the sign-ins, for this long, that the standby could take."""

_FULL_SHARE = 1.0 - 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyScore:
    """What one policy came to in one world. Times are in seconds from the onset; None for what never happened.

    Attributes
    ----------
    lost, attempted
        Sign-ins.
    detected, decided
        First sign of trouble seen; first automatic move to the standby decided, of those that were carried out.
    authoritative
        All name servers answered with the standby.
    half_of_users, most_users
        50 and 95 % of the users were on the standby.
    wrong_moves
        Automatic moves to a side that was no better in the five minutes after; back to the primary: that was worse.
    flaps
        Automatic moves taken back automatically within five minutes.
    missed
        Outages worth moving for during which users were never moved.

    """

    lost: float
    attempted: float
    detected: float | None
    decided: float | None
    authoritative: float | None
    half_of_users: float | None
    most_users: float | None
    wrong_moves: int
    flaps: int
    missed: int


def compute_score(world: SimulatedWorld, result: SimulationResult) -> PolicyScore:
    """Judge what a policy did."""
    counted = count_sign_ins(world, result.answers)
    to_standby = [
        move.decided_at for move in result.moves if move.is_automatic and move.destination is RegionRole.STANDBY
    ]
    return PolicyScore(
        lost=counted.lost,
        attempted=counted.attempted,
        detected=_find_first_delay(world, result.suspected_at),
        decided=_find_first_delay(world, to_standby),
        authoritative=_find_first_delay(world, [at for at, share in result.answers if share >= _FULL_SHARE]),
        half_of_users=_compute_reach_delay(world, result, 0.5),
        most_users=_compute_reach_delay(world, result, 0.95),
        wrong_moves=sum(_is_wrong(world, result, move) for move in result.moves if move.is_automatic),
        flaps=_count_flaps(result),
        missed=_count_missed(world, result),
    )


def _find_first_delay(world: SimulatedWorld, times: list[Instant] | tuple[Instant, ...]) -> float | None:
    return next((at - world.onset for at in times if world.onset <= at < world.end), None)


def _compute_reach_delay(world: SimulatedWorld, result: SimulationResult, share: float) -> float | None:
    at = find_time_of_share(result.answers, share, world.onset, world.end)
    return None if at is None else at - world.onset


def _is_wrong(world: SimulatedWorld, result: SimulationResult, move: SimulatedMove) -> bool:
    """Judge a move by what followed when the first answer had changed, not by what was hoped."""
    at = _find_effective_time(result, move)
    if at is None or at >= world.end:
        return False
    on_primary, on_standby = (
        _compute_mean_lost(world, RegionRole.PRIMARY, at),
        _compute_mean_lost(world, RegionRole.STANDBY, at),
    )
    if move.destination is RegionRole.PRIMARY:
        return on_primary > on_standby + MIN_IMPROVEMENT
    return on_standby > on_primary - MIN_IMPROVEMENT


def _compute_mean_lost(world: SimulatedWorld, role: RegionRole, since: Instant) -> float:
    """Return the share of the sign-ins that a side would lose in the next minutes."""
    until = min(since + EVALUATION_SECONDS, world.end)
    changes = [at for at, _ in world.regions[role].iterate_changes() if since < at < until]
    lost_seconds = sum(
        (end - start) * world.compute_lost_share(role, start) for start, end in pairwise((since, *changes, until))
    )
    return lost_seconds / (until - since)


def _find_effective_time(result: SimulationResult, move: SimulatedMove) -> Instant | None:
    before = 0.0
    for at, share in result.answers:
        towards = share > before if move.destination is RegionRole.STANDBY else share < before
        if at >= move.decided_at and towards:
            return at
        before = share
    return None


def _count_flaps(result: SimulationResult) -> int:
    moves = result.moves
    return sum(
        before.is_automatic and after.is_automatic and after.decided_at - before.decided_at < FLAP_SECONDS
        for before, after in pairwise(moves)
    )


def _count_missed(world: SimulatedWorld, result: SimulationResult) -> int:
    return sum(
        not any(start <= at < end and share >= 1 / 2 for at, share in _iterate_answers_from(result, start))
        for start, end in find_major_outages(world)
    )


def _iterate_answers_from(result: SimulationResult, start: Instant) -> Iterator[tuple[Instant, float]]:
    """Give the answers, and what held at the start as if it began then."""
    standing = 0.0
    for at, share in result.answers:
        if at <= start:
            standing = share
    yield start, standing
    yield from result.answers


def find_major_outages(world: SimulatedWorld) -> Iterator[tuple[Instant, Instant]]:
    """Give the stretches in which the standby would have taken many sign-ins that the primary lost."""
    changes = sorted(
        {0.0, *(at for _, region in world.regions for at, _ in region.iterate_changes() if at < world.end)}
    )
    began: Instant | None = None
    for at in (*changes, world.end):
        gain = (
            world.compute_lost_share(RegionRole.PRIMARY, at) - world.compute_lost_share(RegionRole.STANDBY, at)
            if at < world.end
            else 0.0
        )
        if gain >= MIN_OUTAGE_SHARE and began is None:
            began = at
        if gain < MIN_OUTAGE_SHARE and began is not None:
            if at - began >= MIN_OUTAGE_SECONDS:
                yield began, at
            began = None
