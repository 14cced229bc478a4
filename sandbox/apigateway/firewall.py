"""AWS WAF's web ACLs, as far as the statements below go: which requests pass, by whose rule."""

import re
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

_RULE_ACTIONS = {"Allow": True, "Block": False}
_WINDOW_SECONDS = 300


class UnsupportedStatementError(NotImplementedError):
    """A web ACL says something that is not understood here, so nobody can tell what passes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectedRequest:
    """What a rule sees of a request; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    source_address: str


class Firewall:
    """Judges requests by web ACLs, and counts them for rules that limit a rate.

    Parameters
    ----------
    clock
        Returns the time in seconds.

    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._request_times: dict[tuple[str, str], deque[float]] = defaultdict(deque)

    def is_allowed(self, web_acl: Mapping[str, Any], request: InspectedRequest) -> bool:
        """Tell whether a web ACL lets a request pass: the first rule that matches decides, then the default action.

        Raises
        ------
        UnknownStatementError
            If a rule can't be judged.

        """
        for rule in sorted(web_acl["Rules"], key=lambda rule: int(rule["Priority"])):
            if self._matches(f"{web_acl['ARN']}/{rule['Name']}", rule["Statement"], request):
                return _resolve_action(rule.get("Action", {}), rule["Name"])
        return _resolve_action(web_acl["DefaultAction"], "DefaultAction")

    def _matches(self, rule: str, statement: Mapping[str, Any], request: InspectedRequest) -> bool:
        [(kind, content)] = statement.items()
        match kind:
            case "AndStatement":
                return all(self._matches(rule, one, request) for one in content["Statements"])
            case "OrStatement":
                return any(self._matches(rule, one, request) for one in content["Statements"])
            case "NotStatement":
                return not self._matches(rule, content["Statement"], request)
            case "ByteMatchStatement":
                return _matches_bytes(content, request)
            case "RegexMatchStatement":
                return re.search(content["RegexString"], _read_field(content, request)) is not None
            case "RateBasedStatement":
                return self._exceeds_rate(rule, content, request)
            case _:
                raise UnsupportedStatementError(f"{rule}: {kind} is not understood here")

    def _exceeds_rate(self, rule: str, content: Mapping[str, Any], request: InspectedRequest) -> bool:
        """Count a request of an address, and tell whether it is beyond the limit.

        At once and exactly, where the service estimates, some ten seconds late.
        """
        if content["AggregateKeyType"] != "IP" or "ScopeDownStatement" in content:
            raise UnsupportedStatementError(f"{rule}: only the rate of every address is counted here")
        now = self._clock()
        seen = self._request_times[rule, request.source_address]
        seen.append(now)
        while seen[0] <= now - int(content.get("EvaluationWindowSec", _WINDOW_SECONDS)):
            seen.popleft()
        return len(seen) > int(content["Limit"])


def _resolve_action(action: Mapping[str, Any], name: str) -> bool:
    for kind, passes in _RULE_ACTIONS.items():
        if kind in action:
            return passes
    raise UnsupportedStatementError(f"{name}: the action {list(action)} is not understood here; Allow and Block are")


def _matches_bytes(content: Mapping[str, Any], request: InspectedRequest) -> bool:
    field, wanted = _read_field(content, request), str(content["SearchString"])
    match content["PositionalConstraint"]:
        case "EXACTLY":
            return field == wanted
        case "STARTS_WITH":
            return field.startswith(wanted)
        case "CONTAINS":
            return wanted in field
        case constraint:
            raise UnsupportedStatementError(f"PositionalConstraint {constraint} is not understood here")


def _read_field(content: Mapping[str, Any], request: InspectedRequest) -> str:
    transformations = {one["Type"] for one in content["TextTransformations"]}
    if transformations != {"NONE"}:
        raise UnsupportedStatementError(
            f"TextTransformations {sorted(transformations)} are not understood here; NONE is"
        )
    match content["FieldToMatch"]:
        case {"Method": _}:
            return request.method
        case {"UriPath": _}:
            return request.path
        case {"SingleHeader": {"Name": name}}:
            return request.headers.get(str(name).lower(), "")
        case other:
            raise UnsupportedStatementError(f"FieldToMatch {other} is not understood here")
