"""How well a policy did in one world."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from bench.played import Moved, Played
from bench.world.users import reached, sign_ins
from bench.world.world import World
from failover.region import Instant, Side

NOTICEABLE = 0.01
"""Share of the sign-ins by which a side must be better for a move to it to be for something."""

JUDGED_SECONDS = 300.0
"""A move is judged by how both sides did for so long after its first answer: shorter, and a primary that comes and goes
would count as well whenever it happened to be up."""

FLAP_SECONDS = 300.0
"""An automatic move that takes back another one made less than this long ago is a flap."""

WORTH_MOVING, WORTH_SECONDS = 0.2, 120.0
"""An outage that may not be missed costs this share of the sign-ins, for this long, that the standby could take."""

_ALL = 1.0 - 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
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


def score(world: World, played: Played) -> Score:
    """Judge what a policy did."""
    counted = sign_ins(world, played.answers)
    to_standby = [move.decided_at for move in played.moves if move.automatic and move.to is Side.STANDBY]
    return Score(
        lost=counted.lost,
        attempted=counted.attempted,
        detected=_first_after(world, played.suspected),
        decided=_first_after(world, to_standby),
        authoritative=_first_after(world, [at for at, share in played.answers if share >= _ALL]),
        half_of_users=_reached(world, played, 0.5),
        most_users=_reached(world, played, 0.95),
        wrong_moves=sum(_is_wrong(world, played, move) for move in played.moves if move.automatic),
        flaps=_flaps(played),
        missed=_missed(world, played),
    )


def _first_after(world: World, moments: list[Instant] | tuple[Instant, ...]) -> float | None:
    return next((at - world.onset for at in moments if world.onset <= at < world.end), None)


def _reached(world: World, played: Played, share: float) -> float | None:
    at = reached(played.answers, share, world.onset, world.end)
    return None if at is None else at - world.onset


def _is_wrong(world: World, played: Played, move: Moved) -> bool:
    """Judge a move by what followed when the first answer had changed, not by what was hoped."""
    at = _took_effect(played, move)
    if at is None or at >= world.end:
        return False
    on_primary, on_standby = _mean_lost(world, Side.PRIMARY, at), _mean_lost(world, Side.STANDBY, at)
    if move.to is Side.PRIMARY:
        return on_primary > on_standby + NOTICEABLE
    return on_standby > on_primary - NOTICEABLE


def _mean_lost(world: World, side: Side, since: Instant) -> float:
    """Return the share of the sign-ins that a side would lose in the next minutes."""
    until = min(since + JUDGED_SECONDS, world.end)
    changes = [at for at, _ in world.regions[side].changes() if since < at < until]
    lost_seconds = sum(
        (end - start) * world.lost_share(side, start) for start, end in pairwise((since, *changes, until))
    )
    return lost_seconds / (until - since)


def _took_effect(played: Played, move: Moved) -> Instant | None:
    before = 0.0
    for at, share in played.answers:
        towards = share > before if move.to is Side.STANDBY else share < before
        if at >= move.decided_at and towards:
            return at
        before = share
    return None


def _flaps(played: Played) -> int:
    moves = played.moves
    return sum(
        before.automatic and after.automatic and after.decided_at - before.decided_at < FLAP_SECONDS
        for before, after in pairwise(moves)
    )


def _missed(world: World, played: Played) -> int:
    return sum(
        not any(start <= at < end and share >= 1 / 2 for at, share in _with_standing(played, start))
        for start, end in worth_moving(world)
    )


def _with_standing(played: Played, start: Instant) -> Iterator[tuple[Instant, float]]:
    """Give the answers, and what held at the start as if it began then."""
    standing = 0.0
    for at, share in played.answers:
        if at <= start:
            standing = share
    yield start, standing
    yield from played.answers


def worth_moving(world: World) -> Iterator[tuple[Instant, Instant]]:
    """Give the stretches in which the standby would have taken many sign-ins that the primary lost."""
    changes = sorted({0.0, *(at for _, region in world.regions for at, _ in region.changes() if at < world.end)})
    began: Instant | None = None
    for at in (*changes, world.end):
        gain = world.lost_share(Side.PRIMARY, at) - world.lost_share(Side.STANDBY, at) if at < world.end else 0.0
        if gain >= WORTH_MOVING and began is None:
            began = at
        if gain < WORTH_MOVING and began is not None:
            if at - began >= WORTH_SECONDS:
                yield began, at
            began = None
