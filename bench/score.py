"""The score of one policy in one simulated world."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from bench.simulation_result import SimulatedMove, SimulationResult
from bench.world.simulated_world import SimulatedWorld
from bench.world.users import count_sign_ins, find_time_of_share
from cognito_failover.common.region import Instant, RegionRole

MIN_IMPROVEMENT = 0.01
"""A move is useful if the new Region loses less than the old one by more than this share of sign-ins."""

EVALUATION_SECONDS = 300.0
"""A move is judged by both Regions' losses during this time after its first changed answer. With a shorter time, a
flapping primary would count as healthy whenever it happened to be up."""

FLAP_SECONDS = 300.0
"""An automatic move less than this long after another automatic move is a flap."""

MIN_OUTAGE_SHARE, MIN_OUTAGE_SECONDS = 0.2, 120.0
"""A major outage costs this share of the sign-ins for this long, while the standby could serve them."""

_FULL_SHARE = 1.0 - 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyScore:
    """The score of one policy in one world. Times are in seconds from the onset, None if the event never happened.

    Attributes
    ----------
    lost, attempted
        Numbers of sign-ins.
    detected, decided
        First suspicion; decision of the first automatic move to the standby that was carried out.
    authoritative
        All name servers answered with the standby.
    half_of_users, most_users
        50 % and 95 % of the users were on the standby.
    wrong_moves
        Automatic moves to a Region that was no better in the next five minutes; for a failback: that was worse.
    flaps
        Automatic moves reversed automatically within five minutes.
    missed
        Major outages during which users were never moved.

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
    """Return the score of a policy's result."""
    totals = count_sign_ins(world, result.answers)
    to_standby = [
        move.decided_at for move in result.moves if move.is_automatic and move.destination is RegionRole.STANDBY
    ]
    return PolicyScore(
        lost=totals.lost,
        attempted=totals.attempted,
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
    """Return whether a move was wrong, judged from the moment its first answer changed."""
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
    """Return the share of sign-ins that a Region would lose during the evaluation time."""
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
    """Yield the answer in force at the start, and then every answer."""
    initial_share = 0.0
    for at, share in result.answers:
        if at <= start:
            initial_share = share
    yield start, initial_share
    yield from result.answers


def find_major_outages(world: SimulatedWorld) -> Iterator[tuple[Instant, Instant]]:
    """Yield start and end of each period in which the standby could have served many sign-ins that the primary lost."""
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
