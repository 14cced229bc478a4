"""Builds the document of a report from the data of the ledger. Pure."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.common.text import format_duration, format_iso_millis, format_iso_utc
from cognito_failover.core.model.drill import Drill
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.move import Move
from cognito_failover.reports.document import (
    FORMAT,
    Document,
    DrillReport,
    HistoryEntry,
    MoveReport,
    RefusalEntry,
    ReportConfiguration,
    SignInSummary,
)
from cognito_failover.reports.propagation_stats import (
    measure_propagation,
    select_name_servers,
    select_resolvers,
    summarize_sign_ins,
)
from cognito_failover.reports.samples import to_timeline_sample
from cognito_failover.reports.source_data import (
    LEAD_SECONDS,
    ReportInput,
    UnknownReportError,
    find_drill,
    find_drill_end,
    find_move_end,
    find_moves,
)
from cognito_failover.reports.stages import build_stages
from cognito_failover.settings.controller import Settings
from cognito_failover.timeline.recording_window import get_post_move_seconds
from cognito_failover.timeline.sample import RoundSample, compute_fingerprint

REFUSAL_KINDS = frozenset(
    {
        EventKind.BLOCKED,
        EventKind.WOULD_MOVE,
        EventKind.AUTOMATION_HELD,
        EventKind.MOVE_CANCELLED,
        EventKind.MOVE_SUPERSEDED,
        EventKind.LEVER_PROBLEM,
        EventKind.DRILL_ABORTED,
        EventKind.DRILL_REFUSED,
        EventKind.REFUSED,
    }
)
"""Kinds of events about something that did not or could not happen."""


def build_document(
    report_input: ReportInput, settings: Settings, *, versions: Mapping[str, str], now: Instant
) -> Document:
    """Return the report.

    Parameters
    ----------
    report_input
        The data of the ledger.
    settings
        The current settings.
    versions
        The versions of the software.
    now
        The current time.

    Raises
    ------
    UnknownReportError
        If the history has no move or drill with this id.

    """
    moves, drill = find_moves(report_input.history, report_input.id), find_drill(report_input.history, report_input.id)
    if not moves and drill is None:
        raise UnknownReportError(
            f"The history of the last 400 days has no move or drill {report_input.id!r}. To see the ids, run "
            f"failoverctl history."
        )
    causes = [*(move.suspected_at for move in moves), *([drill.started_at] if drill else [])]
    starts_at = min(causes) - LEAD_SECONDS
    last_end = find_drill_end(drill, report_input.history) if drill else find_move_end(moves[-1], report_input.history)
    complete_at = _compute_complete_at(report_input, moves, last_end, settings)
    until = min(complete_at, now)
    own_ids = {report_input.id, *(move.id for move in moves)}
    active_period = (min(causes), last_end.at if last_end else math.inf)
    history = tuple(
        event
        for event in report_input.history
        if starts_at <= event.at <= until
        and (active_period[0] <= event.at <= active_period[1] or not _is_unrelated(event, own_ids))
    )
    samples = tuple(sample for sample in report_input.samples if starts_at <= sample.at <= until)
    ends = [*(move.decided_at for move in moves[1:]), math.inf]
    reports = [
        _build_move_report(move, report_input, samples, settings, until=end)
        for move, end in zip(moves, ends, strict=False)
    ]
    return Document(
        format=FORMAT,
        id=report_input.id,
        title=_format_drill_title(drill, settings) if drill else _format_move_title(moves[0], settings),
        summary=" ".join(
            (
                _format_drill_summary(drill, last_end) if drill else _format_move_summary(moves[0], last_end, settings),
                *_format_figures(summarize_sign_ins(samples)),
                *_explain_early_end(report_input.history, own_ids, last_end, complete_at, until=until),
            )
        ),
        written_at=format_iso_millis(now),
        complete=now >= complete_at,
        domain=settings.sign_in_name,
        user_pool_id=settings.user_pool_id,
        primary=settings.primary_region,
        standby=settings.standby_region,
        began_at=format_iso_millis(starts_at),
        until=format_iso_millis(until),
        drill=_build_drill_report(drill) if drill else None,
        moves=reports,
        sign_ins=summarize_sign_ins(samples),
        refusals=list(_list_refusals(history)),
        history=[_to_history_entry(event) for event in history],
        samples=[to_timeline_sample(sample, settings) for sample in samples],
        configuration=_build_configuration(settings, samples),
        versions=dict(versions),
    )


def _build_move_report(
    move: Move, report_input: ReportInput, samples: tuple[RoundSample, ...], settings: Settings, *, until: Instant
) -> MoveReport:
    end = find_move_end(move, report_input.history)
    # The view of the round that decided a move belongs to that move, because it is taken after the round.
    move_samples = tuple(
        sample for sample in samples if sample.user_view and move.decided_at <= sample.user_view.at < until
    )
    name_server_propagation = measure_propagation(
        move_samples, select_name_servers, move.destination, decided_at=move.decided_at
    )
    resolver_propagation = measure_propagation(
        move_samples, select_resolvers, move.destination, decided_at=move.decided_at
    )
    is_started = move.first_submitted_at is not None
    return MoveReport(
        id=move.id,
        source=settings.regions[move.source],
        target=settings.regions[move.target],
        ended_on=settings.regions[_find_final_role(move, end)]
        if end and end.kind is not EventKind.MOVE_SUPERSEDED
        else None,
        outcome=classify_outcome(move, end),
        lever=move.levers[0] if len(move.levers) == 1 else None,
        automatic=move.is_automatic,
        requested_by=move.requested_by,
        reason=move.reason,
        overridden=list(move.overridden_rules),
        began_at=format_iso_millis(move.suspected_at),
        decided_at=format_iso_millis(move.decided_at),
        ended_at=format_iso_millis(end.at) if end else None,
        stages=build_stages(
            move,
            report_input.history,
            settings,
            most_at=_parse_instant(resolver_propagation.most_at) if is_started else None,
            recovered_at=_parse_instant(summarize_sign_ins(move_samples).recovered_at),
            ttl_seconds=_find_ttl_seconds(move, settings),
        ),
        name_servers=name_server_propagation,
        resolvers=resolver_propagation,
    )


def classify_outcome(move: Move, end: Event | None) -> str:
    """Return the outcome of a move; see `MoveReport.outcome`."""
    if end is None:
        return "under-way"
    if end.kind is EventKind.MOVE_CONFIRMED:
        if move.arrived_at is not None and not move.rollback_reason:
            return "returned"
        return "rolled-back" if move.is_rolling_back else "confirmed"
    return end.kind.removeprefix("move-")


def _find_final_role(move: Move, end: Event) -> RegionRole:
    return move.source if end.kind is EventKind.MOVE_CANCELLED else move.destination


def _format_move_title(move: Move, settings: Settings) -> str:
    move_type = "Failover" if move.target is RegionRole.STANDBY else "Failback"
    return f"{move_type} of {settings.sign_in_name} to {settings.regions[move.target]}"


def _format_drill_title(drill: Drill, settings: Settings) -> str:
    return f"Drill ({drill.kind}) of {settings.sign_in_name}"


def _format_drill_summary(drill: Drill, end: Event | None) -> str:
    request_text = f"Requested by {drill.requested_by}: {drill.reason.rstrip('.')}."
    return f"{request_text} It is running." if end is None else f"{request_text} {end.message}"


def _build_drill_report(drill: Drill) -> DrillReport:
    return DrillReport(
        id=drill.id,
        kind=drill.kind.value,
        requested_by=drill.requested_by,
        reason=drill.reason,
        started_at=format_iso_millis(drill.started_at),
        ended_at=None if drill.ended_at is None else format_iso_millis(drill.ended_at),
        hold_seconds=drill.hold_seconds,
        outcome=drill.outcome.value if drill.outcome else "",
        abort_reason=drill.abort_reason,
        tried=drill.sign_in_count,
        failed=drill.failed_sign_in_count,
    )


def _format_move_summary(move: Move, end: Event | None, settings: Settings) -> str:
    initiator_text = "Decided by the controller" if move.is_automatic else f"Requested by {move.requested_by}"
    if end is None:
        return f"{initiator_text}. The move from {settings.regions[move.source]} is in progress."
    duration = format_duration(max(0.0, end.at - move.suspected_at))
    return f"{initiator_text}. It ended after {duration}: {end.message}"


def _format_figures(sign_ins: SignInSummary) -> Iterator[str]:
    """Yield how many sign-ins failed and for how long; nothing without a sign-in."""
    first_failed_at = _parse_instant(sign_ins.first_failed_at)
    if first_failed_at is None:
        if sign_ins.tried:
            yield f"None of {sign_ins.tried} sign-ins through the domain failed."
        return
    recovered_at = _parse_instant(sign_ins.recovered_at)
    duration_text = (
        "and none that succeeded later is recorded"
        if recovered_at is None
        else f"in {format_duration(recovered_at - first_failed_at)}"
    )
    yield f"{sign_ins.failed} of {sign_ins.tried} sign-ins through the domain failed, {duration_text}."


def _explain_early_end(
    history: tuple[Event, ...], own_ids: set[str], end: Event | None, complete_at: Instant, *, until: Instant
) -> Iterator[str]:
    """Yield which later move ended the recording before all resolvers had followed; nothing if none did."""
    for event in history:
        is_later = event.kind is EventKind.MOVE_DECIDED and event.move and event.move.id not in own_ids
        if is_later and end and event.move and event.at == complete_at <= until:
            yield (
                f"The recording ends at {format_iso_utc(event.at)}, when the move {event.move.id} was decided. Its "
                f"report continues."
            )
            return


def _compute_complete_at(
    report_input: ReportInput, moves: tuple[Move, ...], end: Event | None, settings: Settings
) -> Instant:
    """Return when the recording ends: after the time in which resolvers follow, or at the decision of another move."""
    if end is None:
        return math.inf
    ttl_seconds = max((_find_ttl_seconds(move, settings) for move in moves), default=0)
    observed_until = end.at + (get_post_move_seconds(ttl_seconds) if moves else 0.0)
    own_ids = {move.id for move in moves}
    since = max((move.decided_at for move in moves), default=end.at)
    later = [
        event.at
        for event in report_input.history
        if event.kind is EventKind.MOVE_DECIDED and event.move and event.move.id not in own_ids and event.at > since
    ]
    return min([observed_until, *later])


def _is_unrelated(event: Event, own_ids: set[str]) -> bool:
    """Return whether an event belongs only to another move or drill, and so does not belong into this report."""
    ids = {origin.id for origin in (event.move, event.drill) if origin}
    return bool(ids) and not ids & own_ids


def _list_refusals(history: tuple[Event, ...]) -> Iterator[RefusalEntry]:
    for event in history:
        if event.kind in REFUSAL_KINDS:
            yield RefusalEntry(
                at=format_iso_millis(event.at), kind=event.kind.value, reason=event.message, rule=event.rule
            )


def _to_history_entry(event: Event) -> HistoryEntry:
    return HistoryEntry(
        at=format_iso_millis(event.at),
        kind=event.kind.value,
        message=event.message,
        move=event.move.id if event.move else "",
    )


def _build_configuration(settings: Settings, samples: tuple[RoundSample, ...]) -> ReportConfiguration:
    fingerprints = dict.fromkeys(sample.settings_fingerprint for sample in samples if sample.settings_fingerprint)
    return ReportConfiguration(
        fingerprint=compute_fingerprint(settings),
        in_force=list(fingerprints),
        settings={field.metadata["env"]: _to_plain_value(getattr(settings, field.name)) for field in fields(settings)},
    )


def _to_plain_value(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _find_ttl_seconds(move: Move, settings: Settings) -> int:
    """Return the longest TTL of the records that the move changed; without any, that of the TXT records."""
    ttls = (
        [record_set["TTL"] for record_set in move.progress.intent.after if "TTL" in record_set] if move.progress else []
    )
    return max(ttls, default=settings.record_ttl_seconds)


def _parse_instant(at: str | None) -> Instant | None:
    return None if at is None else datetime.fromisoformat(at).timestamp()
