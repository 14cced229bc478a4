"""The stages of a move, each with its duration and its objective. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from cognito_failover.common.region import Instant
from cognito_failover.common.text import format_iso_millis
from cognito_failover.common.time_budget import LEVER_BUDGET_SECONDS
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.move import Move, MoveMode
from cognito_failover.core.move.lifecycle import compute_bake_seconds
from cognito_failover.reports.document import MoveStage
from cognito_failover.settings.controller import Settings

DNS_PROPAGATION_SECONDS = 60.0
"""How long Route 53 usually needs to bring a change to all its name servers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageReached:
    """A stage that a move reached, with its time, its meaning and its objective."""

    name: str
    at: Instant
    meaning: str
    objective_seconds: float | None = None


def build_stages(
    move: Move,
    history: tuple[Event, ...],
    settings: Settings,
    *,
    most_at: Instant | None = None,
    recovered_at: Instant | None = None,
    ttl_seconds: int,
) -> list[MoveStage]:
    """Return the stages of a move, in order of time.

    Parameters
    ----------
    move
        The move, as its last event has it.
    history
        The events, oldest first.
    settings
        The settings, from which the objectives follow.
    most_at
        When 95 % of the public resolvers' answers had moved, if they had.
    recovered_at
        When sign-ins succeeded again, if any had failed.
    ttl_seconds
        How long a resolver may cache an answer.

    """
    reached = sorted(
        [
            *_list_decision_stages(move, settings),
            *_list_event_stages(move, history, settings, ttl_seconds=ttl_seconds),
            *_list_user_view_stages(settings, most_at=most_at, recovered_at=recovered_at, ttl_seconds=ttl_seconds),
        ],
        key=lambda stage: stage.at,
    )
    stages, previous_at = list[MoveStage](), move.suspected_at
    for stage in reached:
        took_seconds = max(0.0, stage.at - previous_at)
        stages.append(
            MoveStage(
                name=stage.name,
                at=format_iso_millis(stage.at),
                after_seconds=round(stage.at - move.suspected_at, 1),
                took_seconds=round(took_seconds, 1),
                objective_seconds=stage.objective_seconds,
                met=None if stage.objective_seconds is None else took_seconds <= stage.objective_seconds,
                meaning=stage.meaning,
            )
        )
        previous_at = stage.at
    return stages


def _list_decision_stages(move: Move, settings: Settings) -> Iterator[StageReached]:
    if not move.is_automatic:
        yield StageReached(
            name="requested", at=move.decided_at, meaning="A person requested the move, and no rule blocked it."
        )
        return
    remaining_rounds = settings.suspect_rounds - 1
    round_seconds = max(float(settings.suspect_interval_seconds), settings.probe_deadline_seconds)
    yield StageReached(
        name="first sick round",
        at=move.suspected_at,
        meaning="The first round in which the active Region was sick.",
    )
    yield StageReached(
        name="decided",
        at=move.decided_at,
        objective_seconds=remaining_rounds * round_seconds + settings.probe_deadline_seconds,
        meaning=f"Enough rounds agreed: {remaining_rounds} more of {round_seconds:g} s each, and one probe.",
    )


def _list_event_stages(
    move: Move, history: tuple[Event, ...], settings: Settings, *, ttl_seconds: int
) -> Iterator[StageReached]:
    if move.first_submitted_at is not None:
        # An automatic move starts in the round that decides it. A requested move may wait for the next round.
        waiting_seconds = 0 if move.is_automatic else settings.round_interval_seconds
        yield StageReached(
            name="accepted",
            at=move.first_submitted_at,
            objective_seconds=waiting_seconds + LEVER_BUDGET_SECONDS,
            meaning="Route 53 accepted the first change, or a latch was set.",
        )
    if move.arrived_at is not None:
        yield StageReached(
            name="in effect",
            at=move.arrived_at,
            objective_seconds=DNS_PROPAGATION_SECONDS,
            meaning="The tested lever alone has moved users, as DNS shows. They stay for the bake time.",
        )
    # A step and the way back of a lever test follow after the bake time, in the next round.
    bake_seconds = compute_bake_seconds(ttl_seconds, settings) + settings.round_interval_seconds
    wait_seconds = 0 if move.arrived_at is None else bake_seconds
    step_wait_seconds = 0.0
    for event in history:
        if event.move is None or event.move.id != move.id:
            continue
        match event.kind:
            case EventKind.STEP_CONFIRMED:
                yield StageReached(
                    name=f"{event.move.steps[0]} % confirmed",
                    at=event.at,
                    objective_seconds=step_wait_seconds + DNS_PROPAGATION_SECONDS,
                    meaning="The name servers answer with the weights of this step.",
                )
                step_wait_seconds = bake_seconds
            case EventKind.MOVE_CONFIRMED:
                yield StageReached(
                    name="confirmed",
                    at=event.at,
                    # Stepped moves wait between steps.
                    objective_seconds=None if _was_stepped(move, history) else wait_seconds + DNS_PROPAGATION_SECONDS,
                    meaning=f"Every name server answers with {settings.regions[event.move.destination]} only.",
                )
            case EventKind.MOVE_ROLLING_BACK:
                yield StageReached(
                    name="rolled back", at=event.at, meaning="Users started to return to the Region they came from."
                )
            case EventKind.MOVE_CANCELLED:
                yield StageReached(name="cancelled", at=event.at, meaning="The move ended before it moved users.")
            case EventKind.MOVE_SUPERSEDED:
                yield StageReached(
                    name="superseded", at=event.at, meaning="An external change ended the move. It was left as it was."
                )
            case _:
                pass


def _was_stepped(move: Move, history: tuple[Event, ...]) -> bool:
    """Return whether the move went in steps, also if it was rolled back later."""
    modes = [event.move.mode for event in history if event.move and event.move.id == move.id]
    forward_modes = [mode for mode in (*modes, move.mode) if mode is not MoveMode.ROLLBACK]
    return bool(forward_modes) and forward_modes[-1] is MoveMode.STEPPED


def _list_user_view_stages(
    settings: Settings, *, most_at: Instant | None, recovered_at: Instant | None, ttl_seconds: int
) -> Iterator[StageReached]:
    # Both are sampled once a round.
    objective_seconds = float(ttl_seconds + settings.round_interval_seconds)
    if most_at is not None:
        yield StageReached(
            name="resolvers moved",
            at=most_at,
            objective_seconds=objective_seconds,
            meaning=f"95 % of the public resolvers' answers have moved. They may cache an old one for {ttl_seconds} s.",
        )
    if recovered_at is not None:
        yield StageReached(
            name="sign-in works again",
            at=recovered_at,
            objective_seconds=objective_seconds,
            meaning="The first good sign-in through the domain after the last failed one.",
        )
