"""Whether a resource's policy lets a service in, as far as that can be told without IAM itself. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from fnmatch import fnmatchcase
from typing import Any

type PolicyStatement = Mapping[str, Any]
type ConditionContext = Mapping[str, str]
"""Condition keys in lower case, with the values that the service's call will have."""

_EQUAL = frozenset({"stringequals", "arnequals"})
_LIKE = frozenset({"stringlike", "arnlike"})


class PolicyDecision(Enum):
    """Whether it is let in."""

    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"
    """By a condition that is not understood here."""


def evaluate_policy(
    statements: Sequence[PolicyStatement], *, service: str, action: str, context: ConditionContext
) -> PolicyDecision:
    """Tell whether a policy lets a service do something.

    Parameters
    ----------
    statements
        The policy's.
    service
        The principal, such as ``cognito-idp.amazonaws.com``.
    action
        Such as ``kms:Decrypt``.
    context
        What conditions are compared with.

    """
    matching = [each for each in statements if _matches_service(each, service) and _matches_action(each, action)]
    denials = {_evaluate_conditions(each, context) for each in matching if each.get("Effect") == "Deny"}
    if PolicyDecision.YES in denials:
        return PolicyDecision.NO
    allowances = {_evaluate_conditions(each, context) for each in matching if each.get("Effect") == "Allow"}
    if PolicyDecision.YES in allowances:
        return PolicyDecision.UNCLEAR if PolicyDecision.UNCLEAR in denials else PolicyDecision.YES
    return PolicyDecision.UNCLEAR if PolicyDecision.UNCLEAR in allowances else PolicyDecision.NO


def as_list(value: Any) -> list[Any]:
    """Return a part of a policy as a list: one value may stand alone."""
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
    """Tell whether all conditions hold: no if one surely doesn't."""
    answers = set(_list_condition_decisions(statement, context))
    if PolicyDecision.NO in answers:
        return PolicyDecision.NO
    return PolicyDecision.UNCLEAR if PolicyDecision.UNCLEAR in answers else PolicyDecision.YES


def _list_condition_decisions(statement: PolicyStatement, context: ConditionContext) -> Iterator[PolicyDecision]:
    for operator, keys in statement.get("Condition", {}).items():
        for key, values in keys.items():
            yield _evaluate_condition(
                operator.lower(), context.get(key.lower()), [str(value) for value in as_list(values)]
            )


def _evaluate_condition(operator: str, actual: str | None, values: Sequence[str]) -> PolicyDecision:
    if actual is None or operator not in _EQUAL | _LIKE:
        return PolicyDecision.UNCLEAR
    # Of ARNs the equals operators take wildcards, too (IAM's reference).
    patterns = operator in _LIKE or operator.startswith("arn")
    matches = any(fnmatchcase(actual, value) if patterns else actual == value for value in values)
    return PolicyDecision.YES if matches else PolicyDecision.NO
