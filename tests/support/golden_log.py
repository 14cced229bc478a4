"""A harness that records the message of each round, each event, and each answer to a person."""

import json
from dataclasses import fields, replace
from typing import Any

from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.drill import Drill
from cognito_failover.core.model.event import Event
from cognito_failover.core.model.location import Location
from cognito_failover.core.model.move import ALL_LEVERS, Move
from cognito_failover.core.model.state import ControllerState, LatchState
from tests.support.controller_harness import ControllerHarness

_HIDDEN_FIELDS = {
    "round_message",
    "move",
    "last_move",
    "undelivered_events",
    "completed_requests",
    "rejected_requests",
    "records",
    "backoffs",
    "incident_id",
    "reported_news",
    "paging",
    "looked_at",
}


class GoldenLog(ControllerHarness):
    """A harness that records a log, with times in seconds since its start.

    Attributes
    ----------
    lines
        The messages, and each field of the state that has changed. A round with the same message as the one before
        is left out.

    """

    def __init__(self, weights: tuple[int, int] | None = (255, 0), **changes: Any) -> None:
        super().__init__(weights, **changes)
        self.lines: list[str] = []
        self._started_at = self.clock.now
        self._last_reason = ""
        self._last_fields: dict[str, str] = {}

    def add_heading(self, text: str) -> None:
        """Record what happens next in the scenario."""
        self.lines.append(f"\n# {text}")
        self._last_reason = ""

    def log_status(self) -> None:
        """Record the status, the history last."""
        self.add_heading("the status")
        status = self.invoke_operator("status")["status"]
        self.lines.extend(f"{name}: {json.dumps(value)}" for name, value in status.items() if name != "history")
        self.lines.extend(f"    {json.dumps(entry)}" for entry in status["history"])

    def run(self, rounds: int = 1) -> str:
        reason = ""
        for _ in range(rounds):
            at, event_count = self._format_time(self.clock.now), len(self.notifier.events)
            reason = super().run(1)
            if reason != self._last_reason:
                self.lines.append(f"{at} round: {reason}")
            self._last_reason = reason
            self.lines.extend(self._format_event(event) for event in self.notifier.events[event_count:])
            self._log_state_changes()
        return reason

    def request(self, action: str, **fields: Any) -> dict[str, Any]:
        at = self._format_time(self.clock.now)
        answer = super().request(action, **fields)
        shown = {name: value for name, value in answer.items() if name != "status"}
        self.lines.append(f"{at} {action} {fields}: {shown}")
        self._log_state_changes()
        return answer

    def _format_event(self, event: Event) -> str:
        details = [
            f"{name} {value}"
            for name in ("role", "verdict", "rule", "drill_id", "requested_by", "reason")
            if (value := getattr(event, name)) not in {None, ""}
        ]
        if event.drill:
            details.append(f"drill {self._format_full_drill(event.drill)}")
        move = event.move
        if move:
            details.append(
                f"move {move.id} {move.source}->{move.target} {move.mode} {move.steps} "
                f"{'automatic' if move.is_automatic else 'manual'} by {move.requested_by}, for {move.reason!r}, "
                f"suspected {self._format_time(move.suspected_at)}, decided {self._format_time(move.decided_at)}"
                f"{self._format_progress(move)}{self._format_options(move)}"
            )
        return f"    {self._format_time(event.at)} {event.kind}: {event.message} [{'; '.join(details)}]"

    def _format_progress(self, move: Move) -> str:
        progress = move.progress
        times = {
            "first submitted": move.first_submitted_at,
            "first in sync": move.first_in_sync_at,
            "submitted": progress.submitted_at if progress else None,
            "in sync": progress.in_sync_at if progress else None,
            "confirmed": move.records_confirmed_at,
            "there": move.arrived_at,
        }
        return f"{self._format_times(times)}{self._format_error(move.last_error)}"

    @staticmethod
    def _format_options(move: Move) -> str:
        levers = "" if move.levers == ALL_LEVERS else f", by {' and '.join(move.levers)} alone"
        overridden = f", overrides {' and '.join(move.overridden_rules)}" if move.overridden_rules else ""
        rollback = f", rolled back because {move.rollback_reason!r}" if move.rollback_reason else ""
        flags = ("automatic failback", move.is_automatic_failback), ("delay notified", move.is_delay_notified)
        return f"{levers}{overridden}{rollback}{''.join(f', {name}' for name, is_set in flags if is_set)}"

    def _format_latch(self, latch: LatchState) -> str:
        state = "set" if latch.is_thrown else "released"
        attachment = "" if latch.dns_watch else ", detached"
        times = {"set at": latch.set_at, "effective at": latch.effective_at, "failed at": latch.set_failed_at}
        return f"{state}{attachment}{self._format_times(times)}{self._format_error(latch.problem)}"

    def _format_times(self, times: dict[str, float | None]) -> str:
        return "".join(f", {stage} {self._format_time(at)}" for stage, at in times.items() if at is not None)

    @staticmethod
    def _format_error(error: str) -> str:
        return "" if error == "" else f", error: {error}"

    def _log_state_changes(self) -> None:
        values = {
            field.name: self._format_field(field.name)
            for field in fields(ControllerState)
            if field.name not in _HIDDEN_FIELDS
        }
        for name, value in values.items():
            if name not in {"last_round_at", "streaks", "suspicion"} and self._last_fields.get(name) != value:
                self.lines.append(f"    {name} = {value}")
        self._last_fields = values

    def _format_drill(self, drill: Drill) -> str:
        abort = f", aborted: {drill.abort_reason}" if drill.abort_reason else ""
        simulated = f", simulated {drill.simulated_rounds}" if drill.simulated_rounds else ""
        return_move = f", back by {drill.return_move_id}" if drill.return_move_id else ""
        return (
            f"{drill.id} {drill.stage} since {self._format_time(drill.stage_since)}{simulated}, "
            f"by {' and '.join(drill.levers)}, moves {list(drill.move_ids)}{return_move}, "
            f"sign-ins {drill.sign_in_count}, failed {drill.failed_sign_in_count}{abort}"
        )

    def _format_full_drill(self, drill: Drill) -> str:
        end = f", {drill.outcome} at {self._format_time(drill.ended_at)}" if drill.ended_at else ""
        return (
            f"{drill.kind} for {drill.reason!r} by {drill.requested_by}, "
            f"started {self._format_time(drill.started_at)}, "
            f"holds {drill.hold_seconds:g} s, back in {drill.return_mode.steps}, "
            f"simulates {drill.max_simulated_rounds}, {self._format_drill(drill)}{end}"
        )

    def _format_field(self, name: str) -> str:  # noqa: C901, PLR0911 - one return for each form of value
        value = getattr(self.state, name)
        match name:
            case "created_at" | "active_since" | "last_round_at" | "last_move_ended_at" | "cool_down_until":
                return self._format_time(value) if value else repr(value)
            case "automatic_move_times":
                return str([self._format_time(at) for at in value])
            case "hold" if value:
                return str(replace(value, since=value.since - self._started_at, served_roles=frozenset()))
            case "pause" if value:
                return str(replace(value, until=value.until - self._started_at))
            case "latches":
                return ", ".join(f"{latch} {self._format_latch(state)}" for latch, state in value.items()) or "none"
            case "locations":
                return ", ".join(f"{steered} {_format_location(location)}" for steered, location in value.items())
            case "differences":
                return ", ".join(
                    f"{steered} since {self._format_time(difference.since)}, {difference.looks} looks"
                    for steered, difference in value.items()
                )
            case "pending_weight_sync" if value:
                times = self._format_times({"failed at": value.failed_at})
                return f"{'with' if value.intent else 'without'} an intent{times}{self._format_error(value.last_error)}"
            case "drill" if value:
                return self._format_drill(value)
            case "last_drill" if value:
                return self._format_full_drill(value)
            case "weights" | "degraded_verdicts":
                return f"{value.primary}, {value.standby}"
            case _:
                return repr(value)

    def _format_time(self, at: float) -> str:
        return f"{at - self._started_at:+g}"


def _format_location(location: Location) -> str:
    shares = "/".join(f"{100 * location.get_share(role):.0f}" for role in RegionRole)
    return f"{shares} by {location.answering_count} of {len(location.servers)}"
