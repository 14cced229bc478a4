"""The stages of a move, each with what it took and what it should take at most. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from cognito_failover.common.region import Instant
from cognito_failover.common.text import format_iso_millis
from cognito_failover.common.time_budget import LEVER_BUDGET_SECONDS
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.move import Move
from cognito_failover.core.move.lifecycle import compute_bake_seconds
from cognito_failover.reports.document import MoveStage
from cognito_failover.settings.controller import Settings

DNS_PROPAGATION_SECONDS = 60.0
"""In which Route 53 usually brings a change to all its name servers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageReached:
    """A stage that was reached: its name, when, and what is promised of it."""

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
    """Return what a move reached, in order of time.

    Parameters
    ----------
    move
        As it was told last.
    history
        What was told, oldest first.
    settings
        What the objectives are made of.
    most_at
        When 95 % of the public resolvers' answers had moved, if they had.
    back_at
        When sign-ins succeeded again, if any had failed.
    ttl_seconds
        How long a resolver may keep an answer.

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
            name="asked for", at=move.decided_at, meaning="A person asked for the move, and it was accepted."
        )
        return
    remaining_rounds = settings.suspect_rounds - 1
    round_seconds = max(float(settings.suspect_interval_seconds), settings.probe_deadline_seconds)
    yield StageReached(
        name="first sick round",
        at=move.suspected_at,
        meaning="The first round that found the serving Region sick.",
    )
    yield StageReached(
        name="decided",
        at=move.decided_at,
        objective_seconds=remaining_rounds * round_seconds + settings.probe_deadline_seconds,
        meaning=f"Enough rounds agreed: {remaining_rounds} more of {round_seconds:g} s each, and the last probes.",
    )


def _list_event_stages(
    move: Move, history: tuple[Event, ...], settings: Settings, *, ttl_seconds: int
) -> Iterator[StageReached]:
    if move.first_submitted_at is not None:
        # What the controller decides it does in the same round; what a person asks for may wait for the next one.
        waiting_seconds = 0 if move.is_automatic else settings.round_interval_seconds
        yield StageReached(
            name="taken",
            at=move.first_submitted_at,
            objective_seconds=waiting_seconds + LEVER_BUDGET_SECONDS,
            meaning="Route 53 took the first change, or a latch that moves users was set.",
        )
    if move.arrived_at is not None:
        yield StageReached(
            name="seen there",
            at=move.arrived_at,
            objective_seconds=DNS_PROPAGATION_SECONDS,
            meaning="The lever alone had moved users, as seen from outside; they stay for a while.",
        )
    # A lever's test rests before its way back, as between two steps, which the first round after that begins.
    turn_after_seconds = compute_bake_seconds(ttl_seconds, settings) + settings.round_interval_seconds
    turning_seconds = 0 if move.arrived_at is None else turn_after_seconds
    for told in history:
        if told.move is None or told.move.id != move.id:
            continue
        match told.kind:
            case EventKind.STEP_CONFIRMED:
                yield StageReached(
                    name=f"{told.move.steps[0]} % confirmed",
                    at=told.at,
                    objective_seconds=DNS_PROPAGATION_SECONDS,
                    meaning="A step of the move was seen at the name servers.",
                )
            case EventKind.MOVE_CONFIRMED:
                yield StageReached(
                    name="confirmed",
                    at=told.at,
                    # The steps of a cautious move wait for each other, for as long as a recovery is believed.
                    objective_seconds=None if move.is_stepped else turning_seconds + DNS_PROPAGATION_SECONDS,
                    meaning=f"Every name server answers with {settings.regions[told.move.destination]} only.",
                )
            case EventKind.MOVE_ROLLING_BACK:
                yield StageReached(
                    name="turned round", at=told.at, meaning="The move was turned back to where it came from."
                )
            case EventKind.MOVE_CANCELLED:
                yield StageReached(
                    name="withdrawn", at=told.at, meaning="The move was given up before it moved anybody."
                )
            case EventKind.MOVE_SUPERSEDED:
                yield StageReached(
                    name="superseded", at=told.at, meaning="Somebody else changed the records; they were left."
                )
            case _:
                pass


def _list_user_view_stages(
    settings: Settings, *, most_at: Instant | None, recovered_at: Instant | None, ttl_seconds: int
) -> Iterator[StageReached]:
    # Both are seen once a round.
    objective_seconds = float(ttl_seconds + settings.round_interval_seconds)
    if most_at is not None:
        yield StageReached(
            name="resolvers moved",
            at=most_at,
            objective_seconds=objective_seconds,
            meaning=f"95 % of the public resolvers' answers had moved; they may keep an old one for {ttl_seconds} s.",
        )
    if recovered_at is not None:
        yield StageReached(
            name="sign-in works again",
            at=recovered_at,
            objective_seconds=objective_seconds,
            meaning="The first good sign-in through the domain after the last that failed.",
        )
