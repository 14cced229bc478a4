"""The part of CloudWatch's metric math that this product's stacks use.

Numbers, metrics by their ids, ``+ - * / ^``, comparisons (1 or 0), ``AND`` and ``OR``, and the functions ``ABS``,
``AVG``, ``FILL``, ``IF``, ``MAX``, ``MIN`` and ``SUM``. An operation on two series uses the periods that both have.
"""

import ast
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from sandbox.metric_series import Series

type Value = float | Series
type _BinaryFunction = Callable[[float, float], float]


class MetricExpressionError(Exception):
    """An invalid or unsupported expression. The message names the problem."""


_OPERATORS: Mapping[type[ast.AST], _BinaryFunction] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.BitXor: operator.pow,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.And: lambda one, other: bool(one and other),
    ast.Or: lambda one, other: bool(one or other),
}
_AGGREGATES: Mapping[str, Callable[[Sequence[float]], float]] = {
    "AVG": lambda values: sum(values) / len(values),
    "MAX": max,
    "MIN": min,
    "SUM": sum,
}
_BOOLEAN_OPERATORS = ((r"\bAND\b|&&", " and "), (r"\bOR\b|\|\|", " or "))


def find_ids(expression: str) -> frozenset[str]:
    """Return the ids in an expression.

    Raises
    ------
    MetricExpressionError
        If the expression is invalid.

    """
    return frozenset(node.id for node in ast.walk(_parse(expression)) if isinstance(node, ast.Name)) - {
        *_AGGREGATES,
        "ABS",
        "FILL",
        "IF",
        "REPEAT",
    }


def evaluate_expression(expression: str, series_by_id: Mapping[str, Series], periods: Sequence[int]) -> Series:
    """Return the series that an expression computes from others.

    Parameters
    ----------
    expression
        Such as ``errors / FILL(calls, 1)``.
    series_by_id
        The series that the expression may name.
    periods
        The start of each period, oldest first. ``FILL`` fills these periods.

    Raises
    ------
    MetricExpressionError
        If the expression is invalid, names an unknown series, or is not supported.

    """
    value = _Evaluator(series_by_id, periods).evaluate(_parse(expression))
    return value if isinstance(value, Mapping) else dict.fromkeys(periods, value)


def _parse(expression: str) -> ast.expr:
    text = expression
    for pattern, word in _BOOLEAN_OPERATORS:
        text = re.sub(pattern, word, text)
    try:
        return ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise MetricExpressionError(f"Error in expression '{expression}': {error.msg}") from error


class _Evaluator:
    """Evaluates one expression."""

    def __init__(self, series_by_id: Mapping[str, Series], periods: Sequence[int]) -> None:
        self._series_by_id = series_by_id
        self._periods = periods

    def evaluate(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant(value=int() | float() as number):
                return float(number)
            case ast.Name(id=name) if name in self._series_by_id:
                return self._series_by_id[name]
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return _apply_pairwise(operator.sub, 0.0, self.evaluate(operand))
            case (
                ast.BinOp(left=left, op=operation, right=right)
                | ast.Compare(left=left, ops=[operation], comparators=[right])
            ) if type(operation) in _OPERATORS:
                return _apply_pairwise(_OPERATORS[type(operation)], self.evaluate(left), self.evaluate(right))
            case ast.BoolOp(op=operation, values=[first, *others]):
                value = self.evaluate(first)
                for other in others:
                    value = _apply_pairwise(_OPERATORS[type(operation)], value, self.evaluate(other))
                return value
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._call_function(name, arguments)
            case _:
                raise MetricExpressionError(f"The sandbox does not support the expression {ast.unparse(node)}")

    def _call_function(self, name: str, arguments: list[ast.expr]) -> Value:
        match name, arguments:
            case "IF", [condition, then]:
                return _choose_values(self.evaluate(condition), self.evaluate(then), {})
            case "IF", [condition, then, otherwise]:
                return _choose_values(self.evaluate(condition), self.evaluate(then), self.evaluate(otherwise))
            case "FILL", [argument, ast.Name(id="REPEAT")]:
                return self._repeat_last_value(self._evaluate_series(argument))
            case "FILL", [argument, default]:
                value, series = self.evaluate(default), self._evaluate_series(argument)
                filled = value if isinstance(value, Mapping) else dict.fromkeys(self._periods, value)
                return {**filled, **series}
            case "ABS", [argument]:
                return _apply_pairwise(lambda one, _: abs(one), self.evaluate(argument), 0.0)
            case _, [ast.List(elts=elements)] if name in _AGGREGATES:
                return _aggregate(_AGGREGATES[name], [self.evaluate(element) for element in elements])
            case _, [argument] if name in _AGGREGATES:
                # For one series, an aggregate is one number over all its periods.
                values = list(self._evaluate_series(argument).values())
                return _AGGREGATES[name](values) if values else {}
            case _:
                raise MetricExpressionError(f"The sandbox does not support the function {name} with these arguments")

    def _evaluate_series(self, node: ast.expr) -> Series:
        value = self.evaluate(node)
        if not isinstance(value, Mapping):
            raise MetricExpressionError(f"{ast.unparse(node)} is not a metric")
        return value

    def _repeat_last_value(self, series: Series) -> Series:
        filled: dict[int, float] = {}
        last: float | None = None
        for begin in self._periods:
            last = series.get(begin, last)
            if last is not None:
                filled[begin] = last
        return filled


def _apply_pairwise(function: _BinaryFunction, one: Value, other: Value) -> Value:
    def apply(first: float, second: float) -> float | None:
        try:
            return float(function(first, second))
        except ZeroDivisionError:
            return None  # the period has no value

    def drop_missing(values: dict[int, float | None]) -> Series:
        return {begin: value for begin, value in values.items() if value is not None}

    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return drop_missing({begin: apply(one[begin], other[begin]) for begin in one if begin in other})
    if isinstance(one, Mapping):
        return drop_missing({begin: apply(value, cast("float", other)) for begin, value in one.items()})
    if isinstance(other, Mapping):
        return drop_missing({begin: apply(one, value) for begin, value in other.items()})
    number = apply(one, other)
    return {} if number is None else number


def _choose_values(condition: Value, then: Value, otherwise: Value) -> Value:
    def get_value(value: Any, begin: int) -> Any:
        return value.get(begin) if isinstance(value, Mapping) else value

    if not isinstance(condition, Mapping):
        return then if condition else otherwise
    chosen = {begin: get_value(then if holds else otherwise, begin) for begin, holds in condition.items()}
    return {begin: value for begin, value in chosen.items() if value is not None}


def _aggregate(function: Callable[[Sequence[float]], float], values: Sequence[Value]) -> Value:
    """Apply a function to several series, in each period to the values that exist."""
    begins = sorted({begin for value in values if isinstance(value, Mapping) for begin in value})
    if not begins:
        numbers = [value for value in values if not isinstance(value, Mapping)]
        return float(function(numbers)) if numbers and len(numbers) == len(values) else {}
    result: dict[int, float] = {}
    for begin in begins:
        present = [value.get(begin) if isinstance(value, Mapping) else value for value in values]
        result[begin] = float(function([value for value in present if value is not None]))
    return result
