"""The status: what matters first, on one screen."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from failover.decision.move import LeverName
from failover.decision.preflight import Severity
from failover.timetext import span
from failoverctl.views.history import lines
from failoverctl.views.text import ago, brief, moment, seconds_text, sentence, word

_HISTORY_SHOWN = 5
_SPACE = Text()

type Status = Mapping[str, Any]


def status_view(status: Status, now: datetime, *, with_history: bool = True) -> Iterator[RenderableType]:
    """Show the status that an answer of the operator function holds."""
    if "phase" not in status:  # it could not be read, and says why
        yield sentence(status.get("problem") or "The controller has no status.")
        return
    yield _headline(status, now)
    yield sentence(status["reason"])
    yield _SPACE
    yield _regions(status, now)
    yield _SPACE
    yield _observers(status)
    yield from _errors(status)
    yield _SPACE
    yield from _moves(status)
    yield from _replica(status)
    yield from _levers(status)
    yield Text.assemble(("Automation  ", "bold"), automation(status["automation"]))
    yield from _preflight(status, now)
    if with_history and (history := status.get("history")):
        yield _SPACE
        yield lines(history[:_HISTORY_SHOWN])


def _headline(status: Status, now: datetime) -> Text:
    return Text.assemble(
        (status["domain"], "bold"),
        ": ",
        word(status["phase"]),
        ", ",
        (status["active_region"], "bold"),
        f" serves for {ago(status['active_since'], now)}",
    )


def _table(*headings: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for heading in headings:
        table.add_column(heading)
    return table


def _regions(status: Status, now: datetime) -> Table:
    table = _table("Region", "part", "users", "verdict", "for")
    shares = _shares(status)
    for region, known in status["regions"].items():
        rounds, since = known["rounds_in_a_row"], known["since"]
        lasting = f"{rounds} round{'' if rounds == 1 else 's'}, {ago(since, now)}" if since else "-"
        table.add_row(region, known["role"], shares[region], word(known["verdict"]), lasting)
    return table


def _shares(status: Status) -> dict[str, str]:
    """Return each Region's share of the users by the records' weights, or who serves where weights don't tell."""
    weights, move = status.get("weights") or {}, status["move"]
    changing = bool(move) and LeverName.WEIGHTS in move["levers"]
    outdated = changing or _read_before(weights, status["last_move"])
    shown = weights.get("desired" if outdated else "found") or {}
    total = sum(shown.values())
    latched = any(latch["thrown"] and latch["attached"] for latch in (status.get("latches") or {}).values())
    if latched or not total:
        return {region: "serves" if region == status["active_region"] else "-" for region in status["regions"]}
    towards = "to " if changing and not move["confirmed"] else ""
    return {region: f"{towards}{100 * shown.get(region, 0) / total:.0f} %" for region in status["regions"]}


def _read_before(weights: Mapping[str, Any], last_move: Mapping[str, Any] | None) -> bool:
    """Tell whether a move has ended since the weights were read."""
    return bool(last_move and weights.get("read_at") and weights["read_at"] < last_move["ended_at"])


def _observers(status: Status) -> Table:
    table = _table("seen from", "Region", "verdict", "sign-in", "target", "ago")
    for region, known in status["regions"].items():
        for observer, reading in known["observers"].items():
            table.add_row(
                observer,
                region,
                word(reading["verdict"]),
                seconds_text(reading["login_latency_seconds"]),
                seconds_text(reading["target_latency_seconds"]),
                brief(reading["age_seconds"]),
            )
    return table


def _errors(status: Status) -> Iterator[RenderableType]:
    """Name what each observer met: the runbooks' pages go by that name."""
    for region, known in status["regions"].items():
        for observer, reading in known["observers"].items():
            if reading["code"]:
                yield Text.assemble(("Error       ", "bold"), f"{reading['code']} of {region}, seen from {observer}")


def _moves(status: Status) -> Iterator[RenderableType]:
    if drill := status.get("drill"):
        stage = drill["aborted"] or drill["stage"]
        yield Text.assemble(
            ("Drill       ", "bold"), f"{drill['id']}, by {drill['requested_by']}: {stage}. Reason: {drill['reason']}"
        )
    if (last := status.get("last_drill")) and not drill:
        yield Text.assemble(
            ("Last drill  ", "bold"), f"{last['id']}, {last['outcome']}, ended {moment(last['ended_at'])} UTC"
        )
    if move := status["move"]:
        yield Text.assemble(("Move        ", "bold"), move_text(move))
    if last := status["last_move"]:
        stages = ", ".join(f"{stage.replace('_', ' ')} {at:g} s" for stage, at in last["stages_seconds"].items())
        yield Text.assemble(
            ("Last move   ", "bold"),
            f"{_way_of(last)}, {_by(last)}, ended {moment(last['ended_at'])} UTC ({stages}): {last['reason']}",
        )


def _way_of(last: Mapping[str, Any]) -> str:
    """Return where a move that has ended led; an older function doesn't say of one that came back where it had been."""
    if last["from"] != last["to"]:
        return f"{last['from']} to {last['to']}"
    return f"{last['from']} to {last['by_way_of']} and back" if last.get("by_way_of") else f"back to {last['to']}"


def move_text(move: Mapping[str, Any]) -> str:
    """Return how far a move under way has come."""
    going = f"back to {move['from']}" if move["going_back"] else f"{move['from']} to {move['to']}"
    reached = [stage for stage in ("submitted", "in_sync", "confirmed") if move[stage]]
    stage = reached[-1].replace("_", " ") if reached else "decided, not submitted yet"
    steps = ", ".join(f"{percent} %" for percent in move["steps_percent"])
    trouble = f" Trouble: {move['trouble']}" if move["trouble"] else ""
    return (
        f"{going}, {_by(move)}, for {move['under_way_for']}: {stage}; steps left: {steps}. "
        f"Reason: {move['reason']}{trouble}"
    )


def _by(move: Mapping[str, Any]) -> str:
    return "by itself" if move["automatic"] else f"by {move['requested_by']}"


def _replica(status: Status) -> Iterator[RenderableType]:
    found = status.get("freshness") or {}
    if found.get("lag_seconds") is not None:
        more = "more than " if found["at_least"] else ""
        lag = f"{more}{span(found['lag_seconds'])} behind, measured at {moment(found['measured_at'])} UTC"
        yield Text.assemble(("Replica     ", "bold"), lag)
    if found.get("trouble"):
        yield Text.assemble(("Replica     ", "bold"), f"its lag is not measured: {found['trouble']}")


def _levers(status: Status) -> Iterator[RenderableType]:
    weights = status.get("weights") or {}
    if weights.get("problem"):
        yield Text.assemble(("Records     ", "bold"), (f"problem: {weights['problem']}", "bold red"))
    elif weights.get("still_to_follow"):
        yield Text.assemble(("Records     ", "bold"), "the weights still have to follow the last move")
    for name, latch in (status.get("latches") or {}).items():
        where = "attached" if latch["attached"] else "not attached"
        thrown = f"thrown at {moment(latch['set_at'])} UTC" if latch["thrown"] else "not thrown"
        followed = latch["seen_to_follow_at"]
        seen = f", seen to follow at {moment(followed)} UTC" if followed else ""
        trouble = f"; trouble: {latch['trouble']}" if latch["trouble"] else ""
        yield Text.assemble(("Latch       ", "bold"), f"{name}: {where}, {thrown}{seen}{trouble}")


def _preflight(status: Status, now: datetime) -> Iterator[RenderableType]:
    """Show the last preflight in a line, and each high failure in one more; an older function has none."""
    found = status.get("preflight")
    if not found:
        return
    failed, unknown = found["failed"], found["unknown"]
    counts = f"{found['passed']} passed, {len(failed)} failed, {len(unknown)} unknown, {ago(found['at'], now)} ago"
    stale = "" if found["fresh"] else "; too old to count"
    style = "bold red" if any(each["severity"] == Severity.HIGH for each in failed) else ""
    yield Text.assemble(("Preflight   ", "bold"), (f"{counts}{stale}", style))
    for each in failed:
        if each["severity"] == Severity.HIGH:
            yield sentence(f"            {each['check']}: {each['sentence']}", style="bold red")


def automation(found: Mapping[str, Any]) -> str:
    """Return what keeps automation from moving users, or that nothing does."""
    stops = []
    if held := found["waits_for_acknowledgement"]:
        stops.append(f"waits for an acknowledgement since {moment(held['since'])} UTC: {held['reason']}")
    if paused := found["paused"]:
        stops.append(f"paused by {paused['requested_by']} until {moment(paused['until'])} UTC: {paused['reason']}")
    if found["observe_only"]:
        stops.append("observes only")
    if until := found["cool_down_until"]:
        stops.append(f"cools down until {moment(until)} UTC")
    if rule := found["blocked_by"]:
        stops.append(f"a move is wanted, and blocked by the rule {rule}")
    made = f"{found['automatic_moves_within_a_day']} of {found['automatic_moves_allowed_a_day']} moves of the day made"
    return f"{'; '.join(stops) or 'on'} ({made})"
