"""When the timeline is kept: while something happens, and until its last users have been told. Pure."""

from dataclasses import dataclass

from failover.decision.phase import Phase, phase_of
from failover.decision.state import State
from failover.region import Instant
from failover.settings import Settings

CLOSE_SECONDS = 1800.0
"""For so long every round is kept, from what began it on; then one a minute, so that a long trouble costs little."""

FAR_SECONDS = 60.0

LONGEST_AFTERMATH_SECONDS = 900.0

JUST_SECONDS = 120.0
"""How long after its end an aftermath counts as having just ended: two invocations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What is being watched: since when, and whether closely."""

    since: Instant
    closely: bool


def watched(state: State, settings: Settings, now: Instant) -> Watched | None:
    """Return what makes the rounds of this moment worth keeping; None on a quiet day."""
    since = _since(state, settings, now)
    return None if since is None else Watched(since=since, closely=now - since <= CLOSE_SECONDS)


def is_due(state: State, settings: Settings, now: Instant, *, last_at: Instant | None) -> bool:
    """Tell whether this round is to be kept.

    Parameters
    ----------
    state, settings, now
        What is remembered after the round, the policy, and the time.
    last_at
        When one was last kept, as far as this process knows.

    """
    found = watched(state, settings, now)
    if found is None:
        return False
    return found.closely or last_at is None or now - last_at >= FAR_SECONDS


def aftermath_seconds(ttl_seconds: int) -> float:
    """Return how long after its end a move is still watched: two TTLs and a minute, in which resolvers follow."""
    return min(LONGEST_AFTERMATH_SECONDS, 2.0 * ttl_seconds + 60.0)


def ttl_in(state: State, settings: Settings) -> int:
    """Return how long a resolver may keep an answer, as far as the records are known."""
    return (state.surveyed.ttl_seconds if state.surveyed else 0) or settings.record_ttl_seconds


def _since(state: State, settings: Settings, now: Instant) -> Instant | None:
    if state.move:
        return state.move.suspected_at
    if state.drill:
        return state.drill.stage_since
    if phase_of(state, settings, now) is Phase.SUSPECT:
        return state.suspected.since
    drilled_at = state.last_drill.ended_at if state.last_drill else None
    ends = [state.last_move_ended_at, state.hold.since if state.hold else None, drilled_at]
    within = aftermath_seconds(ttl_in(state, settings))
    return max((end for end in ends if end is not None and now - end <= within), default=None)


def completed(state: State, settings: Settings, now: Instant) -> tuple[str, ...]:
    """Return the ids of the move and the drill whose aftermath has just come to its end; mostly there are none.

    "Just" is so long that a controller which was replaced or slow meets it, too: whoever is told twice is told the
    same. The moves of a drill are the drill's.
    """
    ended = [
        (state.last_move_ended_at, state.last_move.id) if state.last_move and not state.last_move.drill else (None, ""),
        (state.last_drill.ended_at, state.last_drill.id) if state.last_drill else (None, ""),
    ]
    aftermath = aftermath_seconds(ttl_in(state, settings))
    return tuple(name for at, name in ended if at is not None and 0 < now - (at + aftermath) <= JUST_SECONDS)
