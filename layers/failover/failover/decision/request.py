"""What a person may ask of the controller, and how a wrong request is told from a right one. Pure."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from failover.decision.drill import DrillKind
from failover.decision.rules import OVERRIDABLE, Rule
from failover.errors import RequestError

MAX_TEXT_LENGTH = 500
MAX_PAUSE_MINUTES = 7 * 24 * 60
MAX_HISTORY = 200
DEFAULT_HISTORY = 20
MAX_HOLD_SECONDS = 4 * 60 * 60
DEFAULT_HOLD_SECONDS = 300
MAX_DRILL_ROUNDS = 60

_ID = re.compile(r"[A-Za-z0-9-]{1,100}")


class Action(StrEnum):
    """What can be asked for."""

    STATUS = "status"
    FAILOVER = "failover"
    FAILBACK = "failback"
    ABORT = "abort"
    PAUSE = "pause"
    RESUME = "resume"
    ACKNOWLEDGE = "acknowledge"
    OBSERVE_ONLY = "observe-only"
    HISTORY = "history"
    REPORT = "report"
    ATTACH = "attach"
    DETACH = "detach"
    DRILL = "drill"


class Pace(StrEnum):
    """How users are brought back."""

    IN_STEPS = "in-steps"
    IN_ONE = "in-one"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A manual request.

    Attributes
    ----------
    action
        What is asked for.
    reason
        Why, in the person's own words; empty only for status, history and report.
    token
        Makes a repeat harmless: the same token is answered the same, and done once.
    requested_by
        Who asks.
    override
        Safety rules that the person overrides by name.
    pace
        For a failback, and a drill's way home.
    minutes
        For a pause: how long it lasts.
    limit
        For the history: how many of the latest entries are asked for.
    kind
        For a drill: what is rehearsed.
    hold_seconds
        For a drill: how long users stay on the standby.
    rounds
        For a blind drill: in how many rounds at most the primary is taken for sick; 0 for as many as usually suffice.
    dry_run
        For a drill: whether only its plan, and what is in its way, are asked for.
    id
        For the report: of which move; empty for the last one.

    """

    action: Action
    reason: str = ""
    token: str = ""
    requested_by: str = "operator"
    override: tuple[Rule, ...] = ()
    pace: Pace = Pace.IN_STEPS
    minutes: int = 0
    limit: int = DEFAULT_HISTORY
    kind: DrillKind = DrillKind.SWITCHOVER
    hold_seconds: int = DEFAULT_HOLD_SECONDS
    rounds: int = 0
    dry_run: bool = False
    id: str = ""


_REQUIRED: Mapping[Action, tuple[str, ...]] = {
    Action.STATUS: (),
    Action.FAILOVER: ("reason", "token"),
    Action.FAILBACK: ("reason", "token"),
    Action.ABORT: ("reason", "token"),
    Action.PAUSE: ("reason", "minutes"),
    Action.RESUME: ("reason",),
    Action.ACKNOWLEDGE: ("reason",),
    Action.OBSERVE_ONLY: ("reason",),
    Action.ATTACH: ("reason", "token"),
    Action.DETACH: ("reason", "token"),
    Action.DRILL: ("kind", "reason", "token"),
    Action.HISTORY: (),
    Action.REPORT: (),
}
_OPTIONAL: Mapping[Action, tuple[str, ...]] = {
    Action.STATUS: (),
    Action.FAILOVER: ("requested_by", "override"),
    Action.FAILBACK: ("requested_by", "override", "pace"),
    Action.ABORT: ("requested_by",),
    Action.PAUSE: ("requested_by", "token"),
    Action.RESUME: ("requested_by", "token"),
    Action.ACKNOWLEDGE: ("requested_by", "token"),
    Action.OBSERVE_ONLY: ("requested_by", "token"),
    Action.ATTACH: ("requested_by",),
    Action.DETACH: ("requested_by",),
    Action.DRILL: ("requested_by", "hold_seconds", "pace", "rounds", "dry_run"),
    Action.HISTORY: ("limit",),
    Action.REPORT: ("id",),
}
_EXAMPLE_VALUES: Mapping[str, Any] = {
    "reason": "Monthly drill",
    "token": "drill-2026-07",
    "minutes": 30,
    "kind": DrillKind.SWITCHOVER.value,
}
_EXAMPLE_NUMBERS: Mapping[str, int] = {"limit": 50, "hold_seconds": DEFAULT_HOLD_SECONDS, "rounds": 3}


def example(action: Action) -> dict[str, Any]:
    """Return a request of this action that would be accepted."""
    return {"action": action.value, **{name: _EXAMPLE_VALUES[name] for name in _REQUIRED[action]}}


def parse_request(event: object) -> Request:
    """Read a request from the event the operator function was invoked with.

    Raises
    ------
    RequestError
        If it can't be understood; the message names the field, what it allows, and an example.

    """
    if not isinstance(event, Mapping):
        raise RequestError(f"The event must be a JSON object, such as {_shown(Action.STATUS)}.")
    action = _action(event)
    allowed = ("action", *_REQUIRED[action], *_OPTIONAL[action])
    if unknown := sorted(str(name) for name in event if name not in allowed):
        raise RequestError(
            f"{', '.join(unknown)}: unknown for the action {action}, which takes {', '.join(allowed)}. "
            f"Example: {_shown(action)}."
        )
    for name in _REQUIRED[action]:
        if name not in event:
            raise RequestError(f"{name}: missing; the action {action} needs it. Example: {_shown(action)}.")
    return Request(
        action=action,
        reason=_text(event, "reason", action),
        token=_text(event, "token", action),
        requested_by=_text(event, "requested_by", action) or "operator",
        override=_override(event, action),
        pace=_pace(event, action),
        minutes=_minutes(event, action),
        limit=_number(event, "limit", DEFAULT_HISTORY, 1, MAX_HISTORY),
        kind=_kind(event),
        hold_seconds=_number(event, "hold_seconds", DEFAULT_HOLD_SECONDS, 0, MAX_HOLD_SECONDS),
        rounds=_number(event, "rounds", 0, 1, MAX_DRILL_ROUNDS),
        dry_run=_flag(event, "dry_run", action),
        id=_id(event, action),
    )


def _action(event: Mapping[Any, Any]) -> Action:
    named = event.get("action")
    for action in Action:
        if named == action:
            return action
    found = "missing" if named is None else f"{named!r} is none of the actions"
    raise RequestError(f"action: {found}; it must be one of {', '.join(Action)}. Example: {_shown(Action.STATUS)}.")


def _text(event: Mapping[Any, Any], name: str, action: Action) -> str:
    if name not in event:
        return ""
    value = event[name]
    if isinstance(value, str) and 0 < len(value.strip()) <= MAX_TEXT_LENGTH:
        return value.strip()
    raise RequestError(f"{name}: must be a text of 1 to {MAX_TEXT_LENGTH} characters. Example: {_shown(action)}.")


def _id(event: Mapping[Any, Any], action: Action) -> str:
    text = _text(event, "id", action)
    if not text or _ID.fullmatch(text):
        return text
    id_example = json.dumps({**example(action), "id": "to-us-east-1-1800000000"})
    raise RequestError(f"id: {text!r} is no id of a move; the history names them. Example: {id_example}.")


def _override(event: Mapping[Any, Any], action: Action) -> tuple[Rule, ...]:
    names = event.get("override", [])
    if isinstance(names, list) and all(isinstance(name, str) and name in OVERRIDABLE for name in names):
        return tuple(Rule(name) for name in names)
    allowed = ", ".join(sorted(OVERRIDABLE))
    override_example = json.dumps({**example(action), "override": sorted(OVERRIDABLE)})
    raise RequestError(
        f"override: must be a list of rules that can be overridden: {allowed}. Example: {override_example}."
    )


def _pace(event: Mapping[Any, Any], action: Action) -> Pace:
    try:
        return Pace(event.get("pace", Pace.IN_STEPS))
    except ValueError:
        pace_example = json.dumps({**example(action), "pace": Pace.IN_ONE.value})
        raise RequestError(f"pace: must be one of {', '.join(Pace)}. Example: {pace_example}.") from None


def _minutes(event: Mapping[Any, Any], action: Action) -> int:
    if "minutes" not in event:
        return 0
    value = event["minutes"]
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_PAUSE_MINUTES:
        return value
    raise RequestError(
        f"minutes: must be a whole number from 1 to {MAX_PAUSE_MINUTES}; every pause has an end. "
        f"Example: {_shown(action)}."
    )


def _number(event: Mapping[Any, Any], name: str, default: int, least: int, most: int) -> int:
    if name not in event:
        return default
    value = event[name]
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
        return value
    number_example = json.dumps({**example(_action(event)), name: _EXAMPLE_NUMBERS[name]})
    raise RequestError(f"{name}: must be a whole number from {least} to {most}. Example: {number_example}.")


def _kind(event: Mapping[Any, Any]) -> DrillKind:
    try:
        return DrillKind(event.get("kind", DrillKind.SWITCHOVER))
    except ValueError:
        raise RequestError(f"kind: must be one of {', '.join(DrillKind)}. Example: {_shown(Action.DRILL)}.") from None


def _flag(event: Mapping[Any, Any], name: str, action: Action) -> bool:
    value = event.get(name, False)
    if isinstance(value, bool):
        return value
    flag_example = json.dumps({**example(action), name: True})
    raise RequestError(f"{name}: must be true or false. Example: {flag_example}.")


def _shown(action: Action) -> str:
    return json.dumps(example(action))
