"""What a person may ask of the controller, and how a wrong request is told from a right one. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from failover.decision.rules import OVERRIDABLE, Rule
from failover.errors import RequestError

MAX_TEXT_LENGTH = 500
MAX_PAUSE_MINUTES = 7 * 24 * 60
MAX_HISTORY = 200
DEFAULT_HISTORY = 20


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
    ATTACH = "attach"
    DETACH = "detach"


class Pace(StrEnum):
    """How a failback brings users back."""

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
        Why, in the person's own words; empty only for status and history.
    token
        Makes a repeat harmless: the same token is answered the same, and done once.
    requested_by
        Who asks.
    override
        Safety rules that the person overrides by name.
    pace
        For a failback.
    minutes
        For a pause: how long it lasts.
    limit
        For the history: how many of the latest entries are asked for.

    """

    action: Action
    reason: str = ""
    token: str = ""
    requested_by: str = "operator"
    override: tuple[Rule, ...] = ()
    pace: Pace = Pace.IN_STEPS
    minutes: int = 0
    limit: int = DEFAULT_HISTORY


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
    Action.HISTORY: (),
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
    Action.HISTORY: ("limit",),
}
_EXAMPLE_VALUES: Mapping[str, Any] = {
    "reason": "Monthly drill",
    "token": "drill-2026-07",
    "minutes": 30,
}


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
        limit=_limit(event, action),
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


def _limit(event: Mapping[Any, Any], action: Action) -> int:
    value = event.get("limit", DEFAULT_HISTORY)
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_HISTORY:
        return value
    limit_example = json.dumps({**example(action), "limit": 50})
    raise RequestError(f"limit: must be a whole number from 1 to {MAX_HISTORY}. Example: {limit_example}.")


def _shown(action: Action) -> str:
    return json.dumps(example(action))
