"""Builds the report's document from what the ledger knows. Pure."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from failover.decision.announcement import Announcement, Kind
from failover.decision.drill import Drill
from failover.decision.move import Move
from failover.outside.fingerprint import fingerprint
from failover.outside.sample import Sample
from failover.outside.watched import aftermath_seconds
from failover.region import Instant, Side
from failover.report.arrival import arrival, name_servers, resolvers, sign_ins
from failover.report.document import (
    FORMAT,
    Configuration,
    Document,
    DrillReport,
    Entry,
    MoveReport,
    Refusal,
)
from failover.report.material import (
    LEAD_SECONDS,
    Material,
    UnknownReportError,
    drill_in,
    end_of,
    end_of_drill,
    moves_in,
)
from failover.report.moments import moment_of
from failover.report.stages import stages_of
from failover.settings import Settings
from failover.timetext import span, timestamp

REFUSALS = frozenset(
    {
        Kind.BLOCKED,
        Kind.WOULD_MOVE,
        Kind.HELD,
        Kind.MOVE_WITHDRAWN,
        Kind.MOVE_OVERTAKEN,
        Kind.LEVER_PROBLEM,
        Kind.DRILL_ABORTED,
        Kind.DRILL_REFUSED,
        Kind.REFUSED,
    }
)
"""The kinds that tell of something that did not happen, or could not."""


def build(material: Material, settings: Settings, *, versions: Mapping[str, str], now: Instant) -> Document:
    """Return the report.

    Parameters
    ----------
    material
        What the ledger knows.
    settings
        The policy, as it is now.
    versions
        Of the software.
    now
        When the report is written.

    Raises
    ------
    UnknownReportError
        If the material knows of no move of this id.

    """
    moves, drill = moves_in(material.history, material.id), drill_in(material.history, material.id)
    if not moves and drill is None:
        raise UnknownReportError(
            f"The history knows of no move and no drill {material.id!r} in its last 400 days; ask the operator for the "
            f"history."
        )
    causes = [*(move.suspected_at for move in moves), *([drill.started_at] if drill else [])]
    began_at = min(causes) - LEAD_SECONDS
    last_end = end_of_drill(drill, material.history) if drill else end_of(moves[-1], material.history)
    over_at = _over_at(material, moves, last_end, settings)
    until = min(over_at, now)
    own = {material.id, *(move.id for move in moves)}
    meanwhile = (min(causes), last_end.at if last_end else math.inf)
    history = tuple(
        told
        for told in material.history
        if began_at <= told.at <= until and (meanwhile[0] <= told.at <= meanwhile[1] or not _is_of_another(told, own))
    )
    samples = tuple(each for each in material.samples if began_at <= each.at <= until)
    ends = [*(move.decided_at for move in moves[1:]), math.inf]
    reports = [
        _move_report(move, material, samples, settings, until=end) for move, end in zip(moves, ends, strict=False)
    ]
    return Document(
        format=FORMAT,
        id=material.id,
        title=_title_of_drill(drill, settings) if drill else _title(moves[0], settings),
        summary=_summary_of_drill(drill, last_end) if drill else _summary(moves[0], last_end, settings),
        written_at=timestamp(now),
        complete=now >= over_at,
        domain=settings.sign_in_name,
        user_pool_id=settings.user_pool_id,
        primary=settings.primary_region,
        standby=settings.standby_region,
        began_at=timestamp(began_at),
        until=timestamp(until),
        drill=_drill_report(drill) if drill else None,
        moves=reports,
        sign_ins=sign_ins(samples),
        refusals=list(_refusals(history)),
        history=[_entry(told) for told in history],
        moments=[moment_of(each, settings) for each in samples],
        configuration=_configuration(settings, samples),
        versions=dict(versions),
    )


def _move_report(
    move: Move, material: Material, samples: tuple[Sample, ...], settings: Settings, *, until: Instant
) -> MoveReport:
    end = end_of(move, material.history)
    # By when they looked outside: the look of the round that decided a move is of that move.
    since = tuple(each for each in samples if each.outside and move.decided_at <= each.outside.at < until)
    of_name_servers = arrival(since, name_servers, move.destination, decided_at=move.decided_at)
    of_resolvers = arrival(since, resolvers, move.destination, decided_at=move.decided_at)
    begun = move.first_submitted_at is not None
    return MoveReport(
        id=move.id,
        source=settings.regions[move.source],
        target=settings.regions[move.target],
        ended_on=settings.regions[_ended_on(move, end)] if end and end.kind is not Kind.MOVE_OVERTAKEN else None,
        outcome=outcome_of(move, end),
        lever=move.levers[0] if len(move.levers) == 1 else None,
        automatic=move.automatic,
        requested_by=move.requested_by,
        reason=move.reason,
        overridden=list(move.overridden),
        began_at=timestamp(move.suspected_at),
        decided_at=timestamp(move.decided_at),
        ended_at=timestamp(end.at) if end else None,
        stages=stages_of(
            move,
            material.history,
            settings,
            most_at=_instant(of_resolvers.most_at) if begun else None,
            back_at=_instant(sign_ins(since).back_at),
            ttl_seconds=_ttl_seconds(move, settings),
        ),
        name_servers=of_name_servers,
        resolvers=of_resolvers,
    )


def outcome_of(move: Move, end: Announcement | None) -> str:
    """Return what came of a move, in a word."""
    if end is None:
        return "under-way"
    if end.kind is Kind.MOVE_CONFIRMED:
        if move.there_at is not None and not move.turned_back:
            return "returned"
        return "reverted" if move.reverting else "confirmed"
    return end.kind.removeprefix("move-")


def _ended_on(move: Move, end: Announcement) -> Side:
    return move.source if end.kind is Kind.MOVE_WITHDRAWN else move.destination


def _title(move: Move, settings: Settings) -> str:
    what = "Failover" if move.target is Side.STANDBY else "Failback"
    return f"{what} of {settings.sign_in_name} to {settings.regions[move.target]}"


def _title_of_drill(drill: Drill, settings: Settings) -> str:
    return f"Drill ({drill.kind}) of {settings.sign_in_name}"


def _summary_of_drill(drill: Drill, end: Announcement | None) -> str:
    asked = f"Asked for by {drill.requested_by}: {drill.reason.rstrip('.')}."
    return f"{asked} It is on." if end is None else f"{asked} {end.sentence}"


def _drill_report(drill: Drill) -> DrillReport:
    return DrillReport(
        id=drill.id,
        kind=drill.kind.value,
        requested_by=drill.requested_by,
        reason=drill.reason,
        started_at=timestamp(drill.started_at),
        ended_at=None if drill.ended_at is None else timestamp(drill.ended_at),
        hold_seconds=drill.hold_seconds,
        outcome=drill.outcome.value if drill.outcome else "",
        aborted=drill.aborted,
        tried=drill.tried,
        failed=drill.failed,
    )


def _summary(move: Move, end: Announcement | None, settings: Settings) -> str:
    by = "The controller decided it by itself" if move.automatic else f"Asked for by {move.requested_by}"
    if end is None:
        return f"{by}. It is under way from {settings.regions[move.source]}."
    took = span(max(0.0, end.at - move.suspected_at))
    return f"{by}. It ended after {took}: {end.sentence}"


def _over_at(material: Material, moves: tuple[Move, ...], end: Announcement | None, settings: Settings) -> Instant:
    """Return when there is nothing left to report: after the aftermath, or where a move of another one is decided."""
    if end is None:
        return math.inf
    ttl_seconds = max((_ttl_seconds(move, settings) for move in moves), default=0)
    aftermath = end.at + (aftermath_seconds(ttl_seconds) if moves else 0.0)
    own = {move.id for move in moves}
    since = max((move.decided_at for move in moves), default=end.at)
    later = [
        told.at
        for told in material.history
        if told.kind is Kind.MOVE_DECIDED and told.move and told.move.id not in own and told.at > since
    ]
    return min([aftermath, *later])


def _is_of_another(told: Announcement, own: set[str]) -> bool:
    """Tell whether something is of another move or drill: before this one and after it, that would only confuse."""
    ids = {each.id for each in (told.move, told.drill) if each}
    return bool(ids) and not ids & own


def _refusals(history: tuple[Announcement, ...]) -> Iterator[Refusal]:
    for told in history:
        if told.kind in REFUSALS:
            yield Refusal(at=timestamp(told.at), kind=told.kind.value, why=told.sentence, rule=told.rule)


def _entry(told: Announcement) -> Entry:
    return Entry(
        at=timestamp(told.at), kind=told.kind.value, sentence=told.sentence, move=told.move.id if told.move else ""
    )


def _configuration(settings: Settings, samples: tuple[Sample, ...]) -> Configuration:
    in_force = dict.fromkeys(each.configuration for each in samples if each.configuration)
    return Configuration(
        fingerprint=fingerprint(settings),
        in_force=list(in_force),
        settings={each.metadata["env"]: _plain(getattr(settings, each.name)) for each in fields(settings)},
    )


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _ttl_seconds(move: Move, settings: Settings) -> int:
    """Return the TTL of the records that the move changed; without any, that of the beacons."""
    found = [each["TTL"] for each in move.progress.intent.after if "TTL" in each] if move.progress else []
    return max(found, default=settings.record_ttl_seconds)


def _instant(at: str | None) -> Instant | None:
    return None if at is None else datetime.fromisoformat(at).timestamp()
