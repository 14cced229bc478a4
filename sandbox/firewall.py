"""Evaluation of AWS WAF web ACLs with the statements that this module supports."""

import re
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sandbox.http_messages import EndpointResponse

_WINDOW_SECONDS = 300
_CORE_RULE_SET = "AWSManagedRulesCommonRuleSet"


class FirewallAction(StrEnum):
    """What a web ACL does with a request."""

    ALLOW = "Allow"
    BLOCK = "Block"
    CHALLENGE = "Challenge"
    CAPTCHA = "Captcha"


class UnsupportedStatementError(NotImplementedError):
    """A web ACL contains a statement that the sandbox does not support, so it cannot be evaluated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectedRequest:
    """The parts of a request that rules inspect. Header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    source_address: str


class Firewall:
    """Evaluates requests against web ACLs, and counts them for rate-based rules.

    Parameters
    ----------
    clock
        Returns the time in seconds.

    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._request_times: dict[tuple[str, str], deque[float]] = defaultdict(deque)

    def is_allowed(self, web_acl: Mapping[str, Any], request: InspectedRequest) -> bool:
        """Return whether a web ACL allows a request.

        Raises
        ------
        UnsupportedStatementError
            If a rule is not supported.

        """
        return self.decide(web_acl, request) is FirewallAction.ALLOW

    def decide(self, web_acl: Mapping[str, Any], request: InspectedRequest) -> FirewallAction:
        """Return the action on a request. The first matching rule decides, otherwise the default action.

        Raises
        ------
        UnsupportedStatementError
            If a rule is not supported.

        """
        for rule in sorted(web_acl["Rules"], key=lambda rule: int(rule["Priority"])):
            if self._matches(f"{web_acl['ARN']}/{rule['Name']}", rule["Statement"], request):
                if "ManagedRuleGroupStatement" in rule["Statement"]:
                    return FirewallAction.BLOCK
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
            case "ManagedRuleGroupStatement" if content["Name"] == _CORE_RULE_SET:
                # Of its rules, only NoUserAgent_HEADER matches a request of this product.
                return not request.headers.get("user-agent")
            case _:
                raise UnsupportedStatementError(f"{rule}: the sandbox does not support {kind}")

    def _exceeds_rate(self, rule: str, content: Mapping[str, Any], request: InspectedRequest) -> bool:
        """Count a request of an address, and return whether it exceeds the limit.

        The count is exact and immediate. The service estimates, with a delay of about ten seconds.
        """
        if content["AggregateKeyType"] != "IP" or "ScopeDownStatement" in content:
            raise UnsupportedStatementError(f"{rule}: the sandbox supports only rates per IP address")
        now = self._clock()
        seen = self._request_times[rule, request.source_address]
        seen.append(now)
        while seen[0] <= now - int(content.get("EvaluationWindowSec", _WINDOW_SECONDS)):
            seen.popleft()
        return len(seen) > int(content["Limit"])


def build_action_response(action: FirewallAction) -> EndpointResponse | None:
    """Return AWS WAF's own answer: a challenge or a CAPTCHA. None for a block, which the protected service answers."""
    statuses = {FirewallAction.CHALLENGE: 202, FirewallAction.CAPTCHA: 405}
    if action not in statuses:
        return None
    return EndpointResponse(status=statuses[action], headers={"x-amzn-waf-action": action.lower()})


def _resolve_action(action: Mapping[str, Any], name: str) -> FirewallAction:
    for kind in FirewallAction:
        if kind in action:
            return kind
    raise UnsupportedStatementError(
        f"{name}: the sandbox does not support the action {list(action)}; use {', '.join(FirewallAction)}"
    )


def _matches_bytes(content: Mapping[str, Any], request: InspectedRequest) -> bool:
    field, search_string = _read_field(content, request), str(content["SearchString"])
    match content["PositionalConstraint"]:
        case "EXACTLY":
            return field == search_string
        case "STARTS_WITH":
            return field.startswith(search_string)
        case "CONTAINS":
            return search_string in field
        case constraint:
            raise UnsupportedStatementError(f"The sandbox does not support PositionalConstraint {constraint}")


def _read_field(content: Mapping[str, Any], request: InspectedRequest) -> str:
    transformations = {transformation["Type"] for transformation in content["TextTransformations"]}
    if transformations != {"NONE"}:
        raise UnsupportedStatementError(
            f"The sandbox does not support TextTransformations {sorted(transformations)}; use NONE"
        )
    match content["FieldToMatch"]:
        case {"Method": _}:
            return request.method
        case {"UriPath": _}:
            return request.path
        case {"SingleHeader": {"Name": name}}:
            return request.headers.get(str(name).lower(), "")
        case other:
            raise UnsupportedStatementError(f"The sandbox does not support FieldToMatch {other}")
