"""A world whose every word is written down: each round's reason, each announcement, each answer to a person."""

import json
from dataclasses import fields, replace
from typing import Any

from cognito_failover.core.model.drill import Drill
from cognito_failover.core.model.event import Event
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
}


class GoldenLog(ControllerHarness):
    """A world that keeps its chronicle, with moments as seconds since its beginning.

    Attributes
    ----------
    chronicle
        What has been said so far, a line each, and what is remembered wherever that has changed. A round that says
        the same as the one before it is left out.

    """

    def __init__(self, weights: tuple[int, int] | None = (255, 0), **changes: Any) -> None:
        super().__init__(weights, **changes)
        self.lines: list[str] = []
        self._started_at = self.clock.now
        self._last_reason = ""
        self._last_fields: dict[str, str] = {}

    def add_heading(self, text: str) -> None:
        """Write down what the test lets happen."""
        self.lines.append(f"\n# {text}")
        self._last_reason = ""

    def log_status(self) -> None:
        """Write down what a person who asks is shown, the history last."""
        self.add_heading("the status")
        status = self.invoke_operator("status")["status"]
        self.lines.extend(f"{name}: {json.dumps(value)}" for name, value in status.items() if name != "history")
        self.lines.extend(f"    {json.dumps(entry)}" for entry in status["history"])

    def run(self, rounds: int = 1) -> str:
        reason = ""
        for _ in range(rounds):
            at, already_told = self._format_time(self.clock.now), len(self.notifier.events)
            reason = super().run(1)
            if reason != self._last_reason:
                self.lines.append(f"{at} round: {reason}")
            self._last_reason = reason
            self.lines.extend(self._format_event(each) for each in self.notifier.events[already_told:])
            self._log_state_changes()
        return reason

    def request(self, action: str, **asked: Any) -> dict[str, Any]:
        at = self._format_time(self.clock.now)
        answer = super().request(action, **asked)
        said = {name: value for name, value in answer.items() if name != "status"}
        self.lines.append(f"{at} {action} {asked}: {said}")
        self._log_state_changes()
        return answer

    def _format_event(self, event: Event) -> str:
        also = [
            f"{name} {value}"
            for name in ("role", "verdict", "rule", "drill_id", "requested_by", "reason")
            if (value := getattr(event, name)) not in {None, ""}
        ]
        if event.drill:
            also.append(f"drill {self._format_full_drill(event.drill)}")
        move = event.move
        if move:
            also.append(
                f"move {move.id} {move.source}->{move.target} {move.steps} "
                f"{'automatic' if move.is_automatic else 'manual'} by {move.requested_by}, for {move.reason!r}, "
                f"suspected {self._format_time(move.suspected_at)}, decided {self._format_time(move.decided_at)}"
                f"{self._format_progress(move)}{self._format_options(move)}"
            )
        return f"    {self._format_time(event.at)} {event.kind}: {event.message} [{'; '.join(also)}]"

    def _format_progress(self, move: Move) -> str:
        progress = move.progress
        reached = {
            "first submitted": move.first_submitted_at,
            "first in sync": move.first_in_sync_at,
            "submitted": progress.submitted_at if progress else None,
            "in sync": progress.in_sync_at if progress else None,
            "confirmed": move.records_confirmed_at,
            "there": move.arrived_at,
        }
        return f"{self._format_times(reached)}{self._format_error(move.last_error)}"

    @staticmethod
    def _format_options(move: Move) -> str:
        levers = "" if move.levers == ALL_LEVERS else f", by {' and '.join(move.levers)} alone"
        against = f", against {' and '.join(move.overridden_rules)}" if move.overridden_rules else ""
        turned = f", turned back for {move.rollback_reason!r}" if move.rollback_reason else ""
        how = ("in steps", move.is_stepped), ("returning", move.is_automatic_failback), ("late", move.is_delay_notified)
        return f"{levers}{against}{turned}{''.join(f', {what}' for what, it_is in how if it_is)}"

    def _format_latch(self, latch: LatchState) -> str:
        reached = {"set": latch.set_at, "arrived": latch.effective_at, "tried": latch.set_failed_at}
        how = "thrown" if latch.is_thrown else "released"
        return f"{how}{'' if latch.dns_watch else ', unattached'}{self._format_times(reached)}{self._format_error(latch.problem)}"

    def _format_times(self, times: dict[str, float | None]) -> str:
        return "".join(f", {stage} {self._format_time(at)}" for stage, at in times.items() if at is not None)

    @staticmethod
    def _format_error(error: str) -> str:
        return "" if error == "" else f", in trouble: {error}"

    def _log_state_changes(self) -> None:
        remembered = {
            field.name: self._format_field(field.name)
            for field in fields(ControllerState)
            if field.name not in _HIDDEN_FIELDS
        }
        for name, value in remembered.items():
            if name not in {"last_round_at", "streaks", "suspicion"} and self._last_fields.get(name) != value:
                self.lines.append(f"    {name} = {value}")
        self._last_fields = remembered

    def _format_drill(self, drill: Drill) -> str:
        reason = f", aborted: {drill.abort_reason}" if drill.abort_reason else ""
        fed = f", fed {drill.simulated_rounds}" if drill.simulated_rounds else ""
        home = f", home by {drill.return_move_id}" if drill.return_move_id else ""
        return (
            f"{drill.id} {drill.stage} since {self._format_time(drill.stage_since)}{fed}, by {' and '.join(drill.levers)}, "
            f"moves {list(drill.move_ids)}{home}, sign-ins {drill.sign_in_count}, failed {drill.failed_sign_in_count}{reason}"
        )

    def _format_full_drill(self, drill: Drill) -> str:
        over = f", {drill.outcome} at {self._format_time(drill.ended_at)}" if drill.ended_at else ""
        return (
            f"{drill.kind} for {drill.reason!r} by {drill.requested_by}, begun {self._format_time(drill.started_at)}, holds "
            f"{drill.hold_seconds:g} s, home in {drill.return_mode.steps}, feeds {drill.max_simulated_rounds}, {self._format_drill(drill)}{over}"
        )

    def _format_field(self, name: str) -> str:  # noqa: PLR0911 - one return for each form of value
        value = getattr(self.state, name)
        match name:
            case "created_at" | "active_since" | "last_round_at" | "last_move_ended_at" | "cool_down_until":
                return self._format_time(value) if value else repr(value)
            case "automatic_move_times":
                return str([self._format_time(at) for at in value])
            case "hold" if value:
                return str(replace(value, since=value.since - self._started_at))
            case "pause" if value:
                return str(replace(value, until=value.until - self._started_at))
            case "latches":
                return ", ".join(f"{latch} {self._format_latch(each)}" for latch, each in value.items()) or "none"
            case "pending_weight_sync" if value:
                reached = self._format_times({"tried": value.failed_at})
                return (
                    f"{'with' if value.intent else 'without'} an intent{reached}{self._format_error(value.last_error)}"
                )
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
