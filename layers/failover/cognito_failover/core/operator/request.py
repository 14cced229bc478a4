"""Operator requests, and how they are parsed. Pure."""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cognito_failover.common.errors import RequestError
from cognito_failover.common.text import is_control_character
from cognito_failover.core.model.drill import DrillKind
from cognito_failover.core.model.move import CONTROLLER_NAME
from cognito_failover.core.rules import OVERRIDABLE_RULES, Rule

MAX_TEXT_LENGTH = 500
MAX_PAUSE_MINUTES = 7 * 24 * 60
MAX_HISTORY_LIMIT = 200
DEFAULT_HISTORY_LIMIT = 20
MAX_HOLD_SECONDS = 4 * 60 * 60
DEFAULT_HOLD_SECONDS = 300
MAX_DRILL_ROUNDS = 60

_RESERVED_NAMES = frozenset({CONTROLLER_NAME, "thecontroller", "cognitofailover", "cognitofailovercontroller"})

_ID = re.compile(r"[A-Za-z0-9-]{1,100}")


class OperatorAction(StrEnum):
    """The actions that a person can request."""

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


READING_ACTIONS = (OperatorAction.STATUS, OperatorAction.HISTORY, OperatorAction.REPORT)
"""The actions that change nothing."""


class FailbackMode(StrEnum):
    """How users go back to the primary."""

    STEPPED = "stepped"
    ALL_AT_ONCE = "all-at-once"


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorRequest:
    """An operator request.

    Attributes
    ----------
    action
        The requested action.
    reason
        The reason in the person's own words; empty only for status, history and report.
    token
        The idempotency token. The same token gets the same answer, and never acts twice.
    requested_by
        Who requests it.
    override
        Safety rules that the person overrides.
    mode
        For a failback, and for the return of a drill.
    minutes
        For a pause: its length.
    limit
        For the history: the number of latest entries.
    kind
        For a drill: its kind.
    hold_seconds
        For a drill: how long users stay on the standby.
    rounds
        For a simulated outage: the maximum number of simulated rounds; 0 for the number that a failover needs.
    dry_run
        For a drill: whether only the plan and the violations are returned.
    id
        For the report: the id of the move; empty for the last one.
    hold
        For an acknowledgement: the id of the hold that the person has read; empty for the present one.

    """

    action: OperatorAction
    reason: str = ""
    token: str = ""
    requested_by: str = "operator"
    override: tuple[Rule, ...] = ()
    mode: FailbackMode = FailbackMode.STEPPED
    minutes: int = 0
    limit: int = DEFAULT_HISTORY_LIMIT
    kind: DrillKind = DrillKind.SWITCHOVER
    hold_seconds: int = DEFAULT_HOLD_SECONDS
    rounds: int = 0
    dry_run: bool = False
    id: str = ""
    hold: str = ""


_REQUIRED: Mapping[OperatorAction, tuple[str, ...]] = {
    OperatorAction.STATUS: (),
    OperatorAction.FAILOVER: ("reason", "token"),
    OperatorAction.FAILBACK: ("reason", "token"),
    OperatorAction.ABORT: ("reason", "token"),
    OperatorAction.PAUSE: ("reason", "minutes"),
    OperatorAction.RESUME: ("reason",),
    OperatorAction.ACKNOWLEDGE: ("reason",),
    OperatorAction.OBSERVE_ONLY: ("reason",),
    OperatorAction.ATTACH: ("reason", "token"),
    OperatorAction.DETACH: ("reason", "token"),
    OperatorAction.DRILL: ("kind", "reason", "token"),
    OperatorAction.HISTORY: (),
    OperatorAction.REPORT: (),
}
_OPTIONAL: Mapping[OperatorAction, tuple[str, ...]] = {
    OperatorAction.STATUS: (),
    OperatorAction.FAILOVER: ("requested_by", "override"),
    OperatorAction.FAILBACK: ("requested_by", "override", "mode"),
    OperatorAction.ABORT: ("requested_by",),
    OperatorAction.PAUSE: ("requested_by", "token"),
    OperatorAction.RESUME: ("requested_by", "token"),
    OperatorAction.ACKNOWLEDGE: ("requested_by", "token", "hold"),
    OperatorAction.OBSERVE_ONLY: ("requested_by", "token"),
    OperatorAction.ATTACH: ("requested_by",),
    OperatorAction.DETACH: ("requested_by",),
    OperatorAction.DRILL: ("requested_by", "hold_seconds", "mode", "rounds", "dry_run"),
    OperatorAction.HISTORY: ("limit",),
    OperatorAction.REPORT: ("id",),
}
_EXAMPLE_VALUES: Mapping[str, Any] = {
    "reason": "Monthly drill",
    "token": "drill-2026-07",
    "minutes": 30,
    "kind": DrillKind.SWITCHOVER.value,
}
_EXAMPLE_NUMBERS: Mapping[str, int] = {"limit": 50, "hold_seconds": DEFAULT_HOLD_SECONDS, "rounds": 3}


def build_example(action: OperatorAction) -> dict[str, Any]:
    """Return an example of a valid request with this action."""
    return {"action": action.value, **{name: _EXAMPLE_VALUES[name] for name in _REQUIRED[action]}}


def list_fields(action: object) -> tuple[str, ...]:
    """Return the fields that a request with this action may have; empty for an unknown action."""
    known = next((each for each in OperatorAction if each == action), None)
    return ("action", *_REQUIRED[known], *_OPTIONAL[known]) if known else ()


def parse_request(event: object) -> OperatorRequest:
    """Parse the event of an operator function invocation.

    Raises
    ------
    RequestError
        If the event is not valid. The message names the field, the allowed values, and an example.

    """
    if not isinstance(event, Mapping):
        raise RequestError(f"The event must be a JSON object, such as {_format_example(OperatorAction.STATUS)}.")
    action = _parse_action(event)
    allowed = list_fields(action)
    if unknown := sorted(str(name) for name in event if name not in allowed):
        raise RequestError(
            f"{', '.join(unknown)}: unknown for the action {action}, which takes {', '.join(allowed)}. "
            f"Example: {_format_example(action)}."
        )
    for name in _REQUIRED[action]:
        if name not in event:
            raise RequestError(f"{name}: missing; the action {action} needs it. Example: {_format_example(action)}.")
    return OperatorRequest(
        action=action,
        reason=_parse_text(event, "reason", action),
        token=_parse_text(event, "token", action),
        requested_by=_parse_requester(event, action),
        override=_parse_override(event, action),
        mode=_parse_mode(event, action),
        minutes=_parse_minutes(event, action),
        limit=_parse_number(event, "limit", DEFAULT_HISTORY_LIMIT, 1, MAX_HISTORY_LIMIT),
        kind=_parse_kind(event),
        hold_seconds=_parse_number(event, "hold_seconds", DEFAULT_HOLD_SECONDS, 0, MAX_HOLD_SECONDS),
        rounds=_parse_number(event, "rounds", 0, 1, MAX_DRILL_ROUNDS),
        dry_run=_parse_flag(event, "dry_run", action),
        id=_parse_id(event, action),
        hold=_parse_text(event, "hold", action),
    )


def _parse_action(event: Mapping[Any, Any]) -> OperatorAction:
    value = event.get("action")
    for action in OperatorAction:
        if value == action:
            return action
    problem = "missing" if value is None else f"{value!r} is not an action"
    raise RequestError(
        f"action: {problem}; it must be one of {', '.join(OperatorAction)}. "
        f"Example: {_format_example(OperatorAction.STATUS)}."
    )


def _parse_text(event: Mapping[Any, Any], name: str, action: OperatorAction) -> str:
    if name not in event:
        return ""
    value = event[name]
    text = value.strip() if isinstance(value, str) else ""
    if 0 < len(text) <= MAX_TEXT_LENGTH and not any(map(is_control_character, text)):
        return text
    raise RequestError(
        f"{name}: must be a text of 1 to {MAX_TEXT_LENGTH} characters in one line, without control characters. "
        f"Example: {_format_example(action)}."
    )


def _parse_requester(event: Mapping[Any, Any], action: OperatorAction) -> str:
    name = _parse_text(event, "requested_by", action) or "operator"
    # Compared as people read it: without case, spaces, punctuation and the width of letters.
    letters = "".join(filter(str.isalnum, unicodedata.normalize("NFKC", name).casefold()))
    if letters not in _RESERVED_NAMES:
        return name
    requester_example = json.dumps({**build_example(action), "requested_by": "Kim"})
    raise RequestError(
        f"requested_by: {name} is reserved for what the controller decides. Give the name of a person. "
        f"Example: {requester_example}."
    )


def _parse_id(event: Mapping[Any, Any], action: OperatorAction) -> str:
    text = _parse_text(event, "id", action)
    if not text or _ID.fullmatch(text):
        return text
    id_example = json.dumps({**build_example(action), "id": "to-us-east-1-1800000000"})
    raise RequestError(f"id: {text!r} is not the id of a move; the history lists them. Example: {id_example}.")


def _parse_override(event: Mapping[Any, Any], action: OperatorAction) -> tuple[Rule, ...]:
    names = event.get("override", [])
    if isinstance(names, list) and all(isinstance(name, str) and name in OVERRIDABLE_RULES for name in names):
        return tuple(Rule(name) for name in names)
    allowed = ", ".join(sorted(OVERRIDABLE_RULES))
    override_example = json.dumps({**build_example(action), "override": [Rule.TARGET_HEALTHY]})
    raise RequestError(
        f"override: must be a list of rules that can be overridden: {allowed}. Example: {override_example}."
    )


def _parse_mode(event: Mapping[Any, Any], action: OperatorAction) -> FailbackMode:
    try:
        return FailbackMode(event.get("mode", FailbackMode.STEPPED))
    except ValueError:
        mode_example = json.dumps({**build_example(action), "mode": FailbackMode.ALL_AT_ONCE.value})
        raise RequestError(f"mode: must be one of {', '.join(FailbackMode)}. Example: {mode_example}.") from None


def _parse_minutes(event: Mapping[Any, Any], action: OperatorAction) -> int:
    if "minutes" not in event:
        return 0
    value = event["minutes"]
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_PAUSE_MINUTES:
        return value
    raise RequestError(
        f"minutes: must be a whole number from 1 to {MAX_PAUSE_MINUTES}; every pause has an end. "
        f"Example: {_format_example(action)}."
    )


def _parse_number(event: Mapping[Any, Any], name: str, default: int, minimum: int, maximum: int) -> int:
    if name not in event:
        return default
    value = event[name]
    if isinstance(value, int) and not isinstance(value, bool) and minimum <= value <= maximum:
        return value
    number_example = json.dumps({**build_example(_parse_action(event)), name: _EXAMPLE_NUMBERS[name]})
    raise RequestError(f"{name}: must be a whole number from {minimum} to {maximum}. Example: {number_example}.")


def _parse_kind(event: Mapping[Any, Any]) -> DrillKind:
    try:
        return DrillKind(event.get("kind", DrillKind.SWITCHOVER))
    except ValueError:
        raise RequestError(
            f"kind: must be one of {', '.join(DrillKind)}. Example: {_format_example(OperatorAction.DRILL)}."
        ) from None


def _parse_flag(event: Mapping[Any, Any], name: str, action: OperatorAction) -> bool:
    value = event.get(name, False)
    if isinstance(value, bool):
        return value
    flag_example = json.dumps({**build_example(action), name: True})
    raise RequestError(f"{name}: must be true or false. Example: {flag_example}.")


def _format_example(action: OperatorAction) -> str:
    return json.dumps(build_example(action))
