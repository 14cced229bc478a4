"""The status on one screen, the most important facts first."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from cognito_failover.common.text import format_duration
from cognito_failover.core.preflight_result import CheckSeverity
from failoverctl.views.history import render_entries, render_unreadable_count
from failoverctl.views.text import (
    format_age,
    format_seconds,
    format_short_duration,
    format_time,
    plain_text,
    style_word,
)

_MAX_HISTORY_ENTRIES = 5
_BLANK_LINE = Text()

type Status = Mapping[str, Any]


def render_status(status: Status, now: datetime, *, with_history: bool = True) -> Iterator[RenderableType]:
    """Show the status in an answer of the operator function."""
    if "phase" not in status:  # the status could not be read
        yield plain_text(status.get("problem") or "The controller has no status.")
        return
    yield _render_headline(status, now)
    yield plain_text(status["reason"])
    yield _BLANK_LINE
    yield _render_regions(status, now)
    yield from _render_locations(status, now)
    yield _BLANK_LINE
    yield _render_observers(status)
    yield from _render_errors(status)
    yield _BLANK_LINE
    yield from _render_moves(status)
    yield from _render_replica(status)
    yield from _render_levers(status)
    yield Text.assemble(("Automation  ", "bold"), describe_automation(status["automation"]))
    yield from _render_preflight(status, now)
    if with_history and (history := status.get("history")):
        yield _BLANK_LINE
        yield render_entries(history[:_MAX_HISTORY_ENTRIES])
    if with_history:
        yield from render_unreadable_count(status)


def _render_headline(status: Status, now: datetime) -> Text:
    """Show what a person must know first. An older function sends no headline."""
    concerns = status.get("headline") or []
    return Text.assemble(
        (status["domain"], "bold"),
        ": ",
        *((f"{concern}; ", "bold red") for concern in concerns),
        style_word(status["phase"]),
        ", ",
        (status["active_region"], "bold"),
        f" active for {format_age(status['active_since'], now)}",
    )


def _create_table(*headings: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for heading in headings:
        table.add_column(heading)
    return table


def _render_regions(status: Status, now: datetime) -> Table:
    table = _create_table("Region", "role", "users", "verdict", "for")
    shares = _format_shares(status)
    for region, known in status["regions"].items():
        rounds, since = known["rounds_in_a_row"], known["since"]
        duration = f"{rounds} round{'' if rounds == 1 else 's'}, {format_age(since, now)}" if since else "-"
        table.add_row(region, known["role"], shares[region], style_word(known["verdict"]), duration)
    return table


def _list_locations(status: Status) -> list[Mapping[str, Any]]:
    """Return the location of each name. One from before the last change of the active Region shows where users were."""
    locations = (status.get("location") or {}).values()
    return [location for location in locations if location["observed_at"] > status["active_since"]]


def _format_shares(status: Status) -> dict[str, str]:
    """Return the share of the users that DNS sends to each Region; the lines below show it if the names differ."""

    def format_region(region: str) -> str:
        shares = {_format_share(location["shares_percent"][region]) for location in _list_locations(status)}
        return "see below" if len(shares) > 1 else shares.pop() if shares else "-"

    return {region: format_region(region) for region in status["regions"]}


def _format_share(percent: int) -> str:
    """Return a share. Between none and all users it is estimated from a few answers."""
    return f"{percent} %" if percent in {0, 100} else f"about {percent} %"


def _render_locations(status: Status, now: datetime) -> Iterator[RenderableType]:
    """Show where the users of each name are, and when and by how many name servers they were located."""
    for location in _list_locations(status):
        shares = ", ".join(
            f"{_format_share(percent)} on {region}" for region, percent in location["shares_percent"].items() if percent
        )
        presumed_text = ", presumed from the latch's TXT record" if location["observed_by"] == "check-record" else ""
        yield Text.assemble(
            ("Users       ", "bold"),
            f"of {location['domain']}: {shares or 'not known'}, located in DNS "
            f"{format_age(location['observed_at'], now)} ago by {location['answered']} of {location['asked']} name "
            f"servers{presumed_text}",
        )


def _render_observers(status: Status) -> Table:
    table = _create_table("observer", "Region", "verdict", "sign-in", "target", "age")
    for region, known in status["regions"].items():
        for observer, reading in known["observers"].items():
            table.add_row(
                observer,
                region,
                style_word(reading["verdict"]),
                format_seconds(reading["login_latency_seconds"]),
                format_seconds(reading["target_latency_seconds"]),
                format_short_duration(reading["age_seconds"]),
            )
    return table


def _render_errors(status: Status) -> Iterator[RenderableType]:
    """Show the error code of each observer. The runbook has a page for each code."""
    for region, known in status["regions"].items():
        for observer, reading in known["observers"].items():
            if reading["code"]:
                yield Text.assemble(
                    ("Error       ", "bold"), f"{reading['code']} in {region}, observed from {observer}"
                )


def _render_moves(status: Status) -> Iterator[RenderableType]:
    if drill := status.get("drill"):
        stage = drill["aborted"] or drill["stage"]
        yield Text.assemble(
            ("Drill       ", "bold"), f"{drill['id']}, by {drill['requested_by']}: {stage}. Reason: {drill['reason']}"
        )
    if (last := status.get("last_drill")) and not drill:
        yield Text.assemble(
            ("Last drill  ", "bold"), f"{last['id']}, {last['outcome']}, ended {format_time(last['ended_at'])} UTC"
        )
    if move := status["move"]:
        yield Text.assemble(("Move        ", "bold"), describe_move(move))
    if last := status["last_move"]:
        stages = ", ".join(f"{stage.replace('_', ' ')} {at:g} s" for stage, at in last["stages_seconds"].items())
        yield Text.assemble(
            ("Last move   ", "bold"),
            f"{_format_route(last)}, {_format_initiator(last)}, ended {format_time(last['ended_at'])} UTC ",
            f"({stages}): {last['reason']}",
        )


def _format_route(last: Mapping[str, Any]) -> str:
    """Return the route of an ended move. An older function does not send ``by_way_of`` of a round trip."""
    if last["from"] != last["to"]:
        return f"{last['from']} to {last['to']}"
    return f"{last['from']} to {last['by_way_of']} and back" if last.get("by_way_of") else f"back to {last['to']}"


def describe_move(move: Mapping[str, Any]) -> str:
    """Return route, stage and remaining steps of a move under way."""
    route = f"back to {move['from']}" if move["going_back"] else f"{move['from']} to {move['to']}"
    reached_stages = [stage for stage in ("submitted", "in_sync", "confirmed") if move[stage]]
    stage = reached_stages[-1].replace("_", " ") if reached_stages else "decided, not submitted yet"
    steps_left = move["steps_percent"][1 if move["confirmed"] else 0 :]
    steps = ", ".join(f"{percent} %" for percent in steps_left) or "none"
    error_text = f" Last error: {move['last_error']}" if move["last_error"] else ""
    return (
        f"{route}, {_format_initiator(move)}, for {move['under_way_for']}: {stage}; steps left: {steps}. "
        f"Reason: {move['reason']}{error_text}"
    )


def _format_initiator(move: Mapping[str, Any]) -> str:
    return "automatic" if move["automatic"] else f"by {move['requested_by']}"


def _render_replica(status: Status) -> Iterator[RenderableType]:
    replication = status.get("replication_lag") or {}
    if replication.get("lag_seconds") is not None:
        prefix = "more than " if replication["at_least"] else ""
        yield Text.assemble(
            ("Replica     ", "bold"),
            f"{prefix}{format_duration(replication['lag_seconds'])} behind, ",
            f"measured at {format_time(replication['measured_at'])} UTC",
        )
    if replication.get("last_error"):
        yield Text.assemble(("Replica     ", "bold"), f"the lag was not measured: {replication['last_error']}")


def _render_levers(status: Status) -> Iterator[RenderableType]:
    weights = status.get("weights") or {}
    if weights.get("problem"):
        yield Text.assemble(("Records     ", "bold"), (f"problem: {weights['problem']}", "bold red"))
    elif weights.get("sync_pending"):
        yield Text.assemble(("Records     ", "bold"), "weight sync pending: the weights do not match the last move yet")
    for name, latch in (status.get("latches") or {}).items():
        attachment = "attached" if latch["attached"] else "not attached"
        thrown = f"thrown at {format_time(latch['set_at'])} UTC" if latch["thrown"] else "not thrown"
        effective_at = latch["effective_at"]
        effect_text = f", effective at {format_time(effective_at)} UTC" if effective_at else ""
        error_text = f"; last error: {latch['last_error']}" if latch["last_error"] else ""
        yield Text.assemble(("Latch       ", "bold"), f"{name}: {attachment}, {thrown}{effect_text}{error_text}")


def _render_preflight(status: Status, now: datetime) -> Iterator[RenderableType]:
    """Show the last preflight in one line, and each failure of high severity in another. An older function has none."""
    preflight = status.get("preflight")
    if not preflight:
        return
    failed, unknown = preflight["failed"], preflight["unknown"]
    counts = f"{preflight['passed']} passed, {len(failed)} failed, {len(unknown)} unknown"
    age_text = f"{format_age(preflight['at'], now)} ago{'' if preflight['fresh'] else '; too old, ignored'}"
    high = [finding for finding in failed if finding["severity"] == CheckSeverity.HIGH]
    yield Text.assemble(("Preflight   ", "bold"), (f"{counts}, {age_text}", "bold red" if high else ""))
    for finding in high:
        yield plain_text(f"            {finding['check']}: {finding['message']}", style="bold red")


def describe_automation(automation_status: Mapping[str, Any]) -> str:
    """Return what stops automation, or ``on``, and the count of automatic moves."""
    blockers = []
    if held := automation_status["waits_for_acknowledgement"]:
        blockers.append(f"waits for an acknowledgement since {format_time(held['since'])} UTC: {held['reason']}")
    if paused := automation_status["paused"]:
        blockers.append(
            f"paused by {paused['requested_by']} until {format_time(paused['until'])} UTC: {paused['reason']}"
        )
    if automation_status["observe_only"]:
        blockers.append("observe-only")
    if until := automation_status["cool_down_until"]:
        blockers.append(f"cool-down until {format_time(until)} UTC")
    if rule := automation_status["blocked_by"]:
        blockers.append(f"a move is due, but the rule {rule} blocks it")
    moves_today = automation_status["automatic_moves_within_a_day"]
    daily_limit = automation_status["automatic_moves_allowed_a_day"]
    return f"{'; '.join(blockers) or 'on'} ({moves_today} of {daily_limit} automatic moves in 24 h)"
