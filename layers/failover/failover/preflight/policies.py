"""Whether a resource's policy lets a service in, as far as that can be told without IAM itself. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from fnmatch import fnmatchcase
from typing import Any

type Statement = Mapping[str, Any]
type Context = Mapping[str, str]
"""Condition keys in lower case, with the values that the service's call will have."""

_EQUAL = frozenset({"stringequals", "arnequals"})
_LIKE = frozenset({"stringlike", "arnlike"})


class Answer(Enum):
    """Whether it is let in."""

    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"
    """By a condition that is not understood here."""


def lets_in(statements: Sequence[Statement], *, service: str, action: str, context: Context) -> Answer:
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
    about = [each for each in statements if _names_service(each, service) and _names_action(each, action)]
    denials = {_holds(each, context) for each in about if each.get("Effect") == "Deny"}
    if Answer.YES in denials:
        return Answer.NO
    allowances = {_holds(each, context) for each in about if each.get("Effect") == "Allow"}
    if Answer.YES in allowances:
        return Answer.UNCLEAR if Answer.UNCLEAR in denials else Answer.YES
    return Answer.UNCLEAR if Answer.UNCLEAR in allowances else Answer.NO


def listed(value: Any) -> list[Any]:
    """Return a part of a policy as a list: one value may stand alone."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _names_service(statement: Statement, service: str) -> bool:
    principal = statement.get("Principal")
    if principal == "*":
        return True
    if not isinstance(principal, Mapping):
        return False
    return service in listed(principal.get("Service")) or "*" in listed(principal.get("AWS"))


def _names_action(statement: Statement, action: str) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in listed(statement.get("Action")))


def _holds(statement: Statement, context: Context) -> Answer:
    """Tell whether all conditions hold: no if one surely doesn't."""
    answers = set(_conditions(statement, context))
    if Answer.NO in answers:
        return Answer.NO
    return Answer.UNCLEAR if Answer.UNCLEAR in answers else Answer.YES


def _conditions(statement: Statement, context: Context) -> Iterator[Answer]:
    for operator, keys in statement.get("Condition", {}).items():
        for key, values in keys.items():
            yield _condition(operator.lower(), context.get(key.lower()), [str(value) for value in listed(values)])


def _condition(operator: str, found: str | None, values: Sequence[str]) -> Answer:
    if found is None or operator not in _EQUAL | _LIKE:
        return Answer.UNCLEAR
    # Of ARNs the equals operators take wildcards, too (IAM's reference).
    patterns = operator in _LIKE or operator.startswith("arn")
    matches = any(fnmatchcase(found, value) if patterns else found == value for value in values)
    return Answer.YES if matches else Answer.NO
