"""When the timeline is recorded: from the cause of a move or drill until resolvers have followed. Pure."""

from dataclasses import dataclass

from cognito_failover.common.region import Instant
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.phase import Phase, get_phase
from cognito_failover.settings.controller import Settings

FULL_RESOLUTION_SECONDS = 1800.0
"""How long after the cause every round is recorded. Then one a minute, so that a long outage costs little."""

REDUCED_INTERVAL_SECONDS = 60.0

MAX_POST_MOVE_SECONDS = 900.0

RECENTLY_ENDED_SECONDS = 120.0
"""How long after its end a recording counts as recently ended: two invocations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingWindow:
    """A time in which rounds are recorded: its start, and whether every round is recorded."""

    since: Instant
    is_full_resolution: bool


def find_recording_window(state: ControllerState, settings: Settings, now: Instant) -> RecordingWindow | None:
    """Return the current recording window; None in normal operation."""
    since = _find_start(state, settings, now)
    return (
        None
        if since is None
        else RecordingWindow(since=since, is_full_resolution=now - since <= FULL_RESOLUTION_SECONDS)
    )


def should_record(state: ControllerState, settings: Settings, now: Instant, *, last_at: Instant | None) -> bool:
    """Return whether to record this round.

    Parameters
    ----------
    state, settings, now
        The state after the round, the settings, and the time.
    last_at
        When this process last recorded a round.

    """
    window = find_recording_window(state, settings, now)
    if window is None:
        return False
    return window.is_full_resolution or last_at is None or now - last_at >= REDUCED_INTERVAL_SECONDS


def get_post_move_seconds(ttl_seconds: int) -> float:
    """Return how long to record after the end of a move: two TTLs and a minute, in which resolvers follow."""
    return min(MAX_POST_MOVE_SECONDS, 2.0 * ttl_seconds + 60.0)


def get_ttl_seconds(state: ControllerState, settings: Settings) -> int:
    """Return how long a resolver may cache an answer: the records' TTL, or the configured one if it is unknown."""
    return (state.records.ttl_seconds if state.records else 0) or settings.record_ttl_seconds


def _find_start(state: ControllerState, settings: Settings, now: Instant) -> Instant | None:
    if state.move:
        return state.move.suspected_at
    if state.drill:
        return state.drill.stage_since
    if get_phase(state, settings, now) is Phase.SUSPECT:
        return state.active_suspicion.since
    drill_ended_at = state.last_drill.ended_at if state.last_drill else None
    ends = [state.last_move_ended_at, state.hold.since if state.hold else None, drill_ended_at]
    post_move_seconds = get_post_move_seconds(get_ttl_seconds(state, settings))
    return max((end for end in ends if end is not None and now - end <= post_move_seconds), default=None)


def list_finished_report_ids(state: ControllerState, settings: Settings, now: Instant) -> tuple[str, ...]:
    """Return the ids of the move and the drill whose recording ended within `RECENTLY_ENDED_SECONDS`; usually none.

    That is long enough for a replaced or slow controller. A repeat has the same id. The moves of a drill are part of
    the drill's report.
    """
    candidates = [
        (state.last_move_ended_at, state.last_move.id)
        if state.last_move and not state.last_move.drill_id
        else (None, ""),
        (state.last_drill.ended_at, state.last_drill.id) if state.last_drill else (None, ""),
    ]
    post_move_seconds = get_post_move_seconds(get_ttl_seconds(state, settings))
    return tuple(
        report_id
        for at, report_id in candidates
        if at is not None and 0 < now - (at + post_move_seconds) <= RECENTLY_ENDED_SECONDS
    )
