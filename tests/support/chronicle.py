"""A world whose every word is written down: each round's reason, each announcement, each answer to a person."""

import json
from dataclasses import fields, replace
from typing import Any

from failover.decision.announcement import Announcement
from failover.decision.drill import Drill
from failover.decision.move import ALL_LEVERS, Move
from failover.decision.state import LatchState, State
from tests.support.world import World

_NOT_SHOWN = {"reason", "move", "last_move", "untold", "answered", "refused", "surveyed", "backoffs", "incident"}


class WrittenDown(World):
    """A world that keeps its chronicle, with moments as seconds since its beginning.

    Attributes
    ----------
    chronicle
        What has been said so far, a line each, and what is remembered wherever that has changed. A round that says
        the same as the one before it is left out.

    """

    def __init__(self, weights: tuple[int, int] | None = (255, 0), **changes: Any) -> None:
        super().__init__(weights, **changes)
        self.chronicle: list[str] = []
        self._began_at = self.clock.now
        self._last_reason = ""
        self._remembered: dict[str, str] = {}

    def heading(self, text: str) -> None:
        """Write down what the test lets happen."""
        self.chronicle.append(f"\n# {text}")
        self._last_reason = ""

    def show_status(self) -> None:
        """Write down what a person who asks is shown, the history last."""
        self.heading("the status")
        status = self.ask("status")["status"]
        self.chronicle.extend(f"{name}: {json.dumps(value)}" for name, value in status.items() if name != "history")
        self.chronicle.extend(f"    {json.dumps(entry)}" for entry in status["history"])

    def run(self, rounds: int = 1) -> str:
        reason = ""
        for _ in range(rounds):
            at, already_told = self._since(self.clock.now), len(self.told.announcements)
            reason = super().run(1)
            if reason != self._last_reason:
                self.chronicle.append(f"{at} round: {reason}")
            self._last_reason = reason
            self.chronicle.extend(self._announced(each) for each in self.told.announcements[already_told:])
            self._write_down_memory()
        return reason

    def request(self, action: str, **asked: Any) -> dict[str, Any]:
        at = self._since(self.clock.now)
        answer = super().request(action, **asked)
        said = {name: value for name, value in answer.items() if name != "status"}
        self.chronicle.append(f"{at} {action} {asked}: {said}")
        self._write_down_memory()
        return answer

    def _announced(self, announcement: Announcement) -> str:
        also = [
            f"{name} {value}"
            for name in ("side", "verdict", "rule", "drill_id", "requested_by", "reason")
            if (value := getattr(announcement, name)) not in {None, ""}
        ]
        if announcement.drill:
            also.append(f"drill {self._whole_drill(announcement.drill)}")
        move = announcement.move
        if move:
            also.append(
                f"move {move.id} {move.source}->{move.target} {move.steps} "
                f"{'automatic' if move.automatic else 'manual'} by {move.requested_by}, for {move.reason!r}, "
                f"suspected {self._since(move.suspected_at)}, decided {self._since(move.decided_at)}"
                f"{self._reached(move)}{self._manner(move)}"
            )
        return f"    {self._since(announcement.at)} {announcement.kind}: {announcement.sentence} [{'; '.join(also)}]"

    def _reached(self, move: Move) -> str:
        progress = move.progress
        reached = {
            "first submitted": move.first_submitted_at,
            "first in sync": move.first_in_sync_at,
            "submitted": progress.submitted_at if progress else None,
            "in sync": progress.in_sync_at if progress else None,
            "confirmed": move.records_confirmed_at,
            "there": move.there_at,
        }
        return f"{self._moments(reached)}{self._trouble(move.trouble)}"

    @staticmethod
    def _manner(move: Move) -> str:
        levers = "" if move.levers == ALL_LEVERS else f", by {' and '.join(move.levers)} alone"
        against = f", against {' and '.join(move.overridden)}" if move.overridden else ""
        turned = f", turned back for {move.turned_back!r}" if move.turned_back else ""
        how = ("in steps", move.in_steps), ("returning", move.returning), ("late", move.delay_announced)
        return f"{levers}{against}{turned}{''.join(f', {what}' for what, it_is in how if it_is)}"

    def _latch(self, latch: LatchState) -> str:
        reached = {"set": latch.set_at, "arrived": latch.arrived_at, "tried": latch.tried_at}
        how = "thrown" if latch.thrown else "released"
        return f"{how}{'' if latch.sight else ', unattached'}{self._moments(reached)}{self._trouble(latch.trouble)}"

    def _moments(self, reached: dict[str, float | None]) -> str:
        return "".join(f", {stage} {self._since(at)}" for stage, at in reached.items() if at is not None)

    @staticmethod
    def _trouble(trouble: str) -> str:
        return "" if trouble == "" else f", in trouble: {trouble}"

    def _write_down_memory(self) -> None:
        remembered = {field.name: self._shown(field.name) for field in fields(State) if field.name not in _NOT_SHOWN}
        for name, value in remembered.items():
            if name not in {"last_round_at", "streaks", "suspicion"} and self._remembered.get(name) != value:
                self.chronicle.append(f"    {name} = {value}")
        self._remembered = remembered

    def _drill(self, drill: Drill) -> str:
        why = f", aborted: {drill.aborted}" if drill.aborted else ""
        fed = f", fed {drill.fed}" if drill.fed else ""
        home = f", home by {drill.home}" if drill.home else ""
        return (
            f"{drill.id} {drill.stage} since {self._since(drill.stage_since)}{fed}, by {' and '.join(drill.levers)}, "
            f"moves {list(drill.moves)}{home}, sign-ins {drill.tried}, failed {drill.failed}{why}"
        )

    def _whole_drill(self, drill: Drill) -> str:
        over = f", {drill.outcome} at {self._since(drill.ended_at)}" if drill.ended_at else ""
        return (
            f"{drill.kind} for {drill.reason!r} by {drill.requested_by}, begun {self._since(drill.started_at)}, holds "
            f"{drill.hold_seconds:g} s, home in {drill.steps}, feeds {drill.rounds}, {self._drill(drill)}{over}"
        )

    def _shown(self, name: str) -> str:  # noqa: PLR0911 - one return for each form of value
        value = getattr(self.state, name)
        match name:
            case "born_at" | "active_since" | "last_round_at" | "last_move_ended_at" | "cool_down_until":
                return self._since(value) if value else repr(value)
            case "automatic_moves":
                return str([self._since(at) for at in value])
            case "hold" if value:
                return str(replace(value, since=value.since - self._began_at))
            case "pause" if value:
                return str(replace(value, until=value.until - self._began_at))
            case "latches":
                return ", ".join(f"{latch} {self._latch(each)}" for latch, each in value.items()) or "none"
            case "trailing" if value:
                reached = self._moments({"tried": value.tried_at})
                return f"{'with' if value.intent else 'without'} an intent{reached}{self._trouble(value.trouble)}"
            case "drill" if value:
                return self._drill(value)
            case "last_drill" if value:
                return self._whole_drill(value)
            case "weights" | "concerns":
                return f"{value.primary}, {value.standby}"
            case _:
                return repr(value)

    def _since(self, at: float) -> str:
        return f"{at - self._began_at:+g}"
