"""Evaluates whether a resource policy permits a service's call. Supports a part of IAM's conditions. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from fnmatch import fnmatchcase
from typing import Any

type PolicyStatement = Mapping[str, Any]
type ConditionContext = Mapping[str, str]
"""Condition keys in lower case, with their values in the service's call."""

_EQUAL = frozenset({"stringequals", "arnequals"})
_LIKE = frozenset({"stringlike", "arnlike"})


class PolicyDecision(Enum):
    """Whether the policy permits the call."""

    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"
    """A condition that is not supported decides."""


def evaluate_policy(
    statements: Sequence[PolicyStatement], *, service: str, action: str, context: ConditionContext
) -> PolicyDecision:
    """Return whether a policy permits a service to call an action.

    Parameters
    ----------
    statements
        The policy's statements.
    service
        The principal, such as ``cognito-idp.amazonaws.com``.
    action
        The action, such as ``kms:Decrypt``.
    context
        The values for conditions.

    """
    matching = [
        statement
        for statement in statements
        if _matches_service(statement, service) and _matches_action(statement, action)
    ]

    def evaluate_effect(effect: str) -> set[PolicyDecision]:
        return {_evaluate_conditions(statement, context) for statement in matching if statement.get("Effect") == effect}

    denials, grants = evaluate_effect("Deny"), evaluate_effect("Allow")
    if PolicyDecision.YES in denials:
        return PolicyDecision.NO
    if PolicyDecision.YES in grants:
        return PolicyDecision.UNCLEAR if PolicyDecision.UNCLEAR in denials else PolicyDecision.YES
    return PolicyDecision.UNCLEAR if PolicyDecision.UNCLEAR in grants else PolicyDecision.NO


def as_list(value: Any) -> list[Any]:
    """Return a value of a policy as a list. A policy may have a single value instead of a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _matches_service(statement: PolicyStatement, service: str) -> bool:
    principal = statement.get("Principal")
    if principal == "*":
        return True
    if not isinstance(principal, Mapping):
        return False
    return service in as_list(principal.get("Service")) or "*" in as_list(principal.get("AWS"))


def _matches_action(statement: PolicyStatement, action: str) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in as_list(statement.get("Action")))


def _evaluate_conditions(statement: PolicyStatement, context: ConditionContext) -> PolicyDecision:
    """Return whether all conditions hold. NO if at least one certainly does not hold."""
    decisions = set(_list_condition_decisions(statement, context))
    if PolicyDecision.NO in decisions:
        return PolicyDecision.NO
    return PolicyDecision.UNCLEAR if PolicyDecision.UNCLEAR in decisions else PolicyDecision.YES


def _list_condition_decisions(statement: PolicyStatement, context: ConditionContext) -> Iterator[PolicyDecision]:
    for operator, keys in statement.get("Condition", {}).items():
        for key, values in keys.items():
            yield _evaluate_condition(
                operator.lower(), context.get(key.lower()), [str(value) for value in as_list(values)]
            )


def _evaluate_condition(operator: str, actual: str | None, values: Sequence[str]) -> PolicyDecision:
    if actual is None or operator not in _EQUAL | _LIKE:
        return PolicyDecision.UNCLEAR
    # ArnEquals accepts wildcards, too (IAM's reference).
    has_wildcards = operator in _LIKE or operator.startswith("arn")
    matches = any(fnmatchcase(actual, value) if has_wildcards else actual == value for value in values)
    return PolicyDecision.YES if matches else PolicyDecision.NO
