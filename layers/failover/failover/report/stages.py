"""The stages of a move, each with what it took and what it should take at most. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from failover.decision.announcement import Announcement, Kind
from failover.decision.carry import rest_seconds
from failover.decision.move import Move
from failover.region import Instant
from failover.report.document import Stage
from failover.settings import Settings
from failover.timetext import timestamp
from failover.timing import ACTING_SECONDS

SPREADING_SECONDS = 60.0
"""In which Route 53 usually brings a change to all its name servers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A stage that was reached: its name, when, and what is promised of it."""

    name: str
    at: Instant
    meaning: str
    objective_seconds: float | None = None


def stages_of(
    move: Move,
    history: tuple[Announcement, ...],
    settings: Settings,
    *,
    most_at: Instant | None = None,
    back_at: Instant | None = None,
    ttl_seconds: int,
) -> list[Stage]:
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
            *_decision(move, settings),
            *_told(move, history, settings, ttl_seconds=ttl_seconds),
            *_outside(settings, most_at=most_at, back_at=back_at, ttl_seconds=ttl_seconds),
        ],
        key=lambda stage: stage.at,
    )
    stages, before = list[Stage](), move.suspected_at
    for stage in reached:
        took = max(0.0, stage.at - before)
        stages.append(
            Stage(
                name=stage.name,
                at=timestamp(stage.at),
                after_seconds=round(stage.at - move.suspected_at, 1),
                took_seconds=round(took, 1),
                objective_seconds=stage.objective_seconds,
                met=None if stage.objective_seconds is None else took <= stage.objective_seconds,
                meaning=stage.meaning,
            )
        )
        before = stage.at
    return stages


def _decision(move: Move, settings: Settings) -> Iterator[Reached]:
    if not move.automatic:
        yield Reached(name="asked for", at=move.decided_at, meaning="A person asked for the move, and it was accepted.")
        return
    further_rounds = settings.suspect_rounds - 1
    a_round_seconds = max(float(settings.suspect_interval_seconds), settings.probe_deadline_seconds)
    yield Reached(
        name="first sick round",
        at=move.suspected_at,
        meaning="The first round that found the serving Region sick.",
    )
    yield Reached(
        name="decided",
        at=move.decided_at,
        objective_seconds=further_rounds * a_round_seconds + settings.probe_deadline_seconds,
        meaning=f"Enough rounds agreed: {further_rounds} more of {a_round_seconds:g} s each, and the last probes.",
    )


def _told(move: Move, history: tuple[Announcement, ...], settings: Settings, *, ttl_seconds: int) -> Iterator[Reached]:
    if move.first_submitted_at is not None:
        # What the controller decides it does in the same round; what a person asks for may wait for the next one.
        waiting_seconds = 0 if move.automatic else settings.round_interval_seconds
        yield Reached(
            name="taken",
            at=move.first_submitted_at,
            objective_seconds=waiting_seconds + ACTING_SECONDS,
            meaning="Route 53 took the first change, or a latch that moves users was set.",
        )
    if move.there_at is not None:
        yield Reached(
            name="seen there",
            at=move.there_at,
            objective_seconds=SPREADING_SECONDS,
            meaning="The lever alone had moved users, as seen from outside; they stay for a while.",
        )
    # A lever's test rests before its way back, as between two steps, which the first round after that begins.
    until_turned_seconds = rest_seconds(ttl_seconds, settings) + settings.round_interval_seconds
    turning_seconds = 0 if move.there_at is None else until_turned_seconds
    for told in history:
        if told.move is None or told.move.id != move.id:
            continue
        match told.kind:
            case Kind.STEP_CONFIRMED:
                yield Reached(
                    name=f"{told.move.steps[0]} % confirmed",
                    at=told.at,
                    objective_seconds=SPREADING_SECONDS,
                    meaning="A step of the move was seen at the name servers.",
                )
            case Kind.MOVE_CONFIRMED:
                yield Reached(
                    name="confirmed",
                    at=told.at,
                    # The steps of a cautious move wait for each other, for as long as a recovery is believed.
                    objective_seconds=None if move.in_steps else turning_seconds + SPREADING_SECONDS,
                    meaning=f"Every name server answers with {settings.regions[told.move.destination]} only.",
                )
            case Kind.MOVE_REVERTING:
                yield Reached(
                    name="turned round", at=told.at, meaning="The move was turned back to where it came from."
                )
            case Kind.MOVE_WITHDRAWN:
                yield Reached(name="withdrawn", at=told.at, meaning="The move was given up before it moved anybody.")
            case Kind.MOVE_OVERTAKEN:
                yield Reached(
                    name="overtaken", at=told.at, meaning="Somebody else changed the records; they were left."
                )
            case _:
                pass


def _outside(
    settings: Settings, *, most_at: Instant | None, back_at: Instant | None, ttl_seconds: int
) -> Iterator[Reached]:
    # Both are seen once a round.
    objective_seconds = float(ttl_seconds + settings.round_interval_seconds)
    if most_at is not None:
        yield Reached(
            name="resolvers moved",
            at=most_at,
            objective_seconds=objective_seconds,
            meaning=f"95 % of the public resolvers' answers had moved; they may keep an old one for {ttl_seconds} s.",
        )
    if back_at is not None:
        yield Reached(
            name="sign-in works again",
            at=back_at,
            objective_seconds=objective_seconds,
            meaning="The first good sign-in through the domain after the last that failed.",
        )
