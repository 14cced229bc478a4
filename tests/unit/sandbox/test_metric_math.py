import pytest

from sandbox.metric_math import MetricExpressionError, evaluate_expression, find_ids

PERIODS = (0, 60, 120)
A = {0: 1.0, 60: 2.0, 120: 3.0}
B = {0: 4.0, 120: 0.0}


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("a + 1", {0: 2, 60: 3, 120: 4}),
        ("a - b", {0: -3, 120: 3}),
        ("-a", {0: -1, 60: -2, 120: -3}),
        ("a * b", {0: 4, 120: 0}),
        ("6 / a", {0: 6, 60: 3, 120: 2}),
        ("a / b", {0: 0.25}),
        ("a ^ 2", {0: 1, 60: 4, 120: 9}),
        ("a > 1 AND a < 3", {0: 0, 60: 1, 120: 0}),
        ("a == 1 || a >= 3", {0: 1, 60: 0, 120: 1}),
        ("a != 2", {0: 1, 60: 0, 120: 1}),
        ("a <= 2", {0: 1, 60: 1, 120: 0}),
        ("FILL(b, 9)", {0: 4, 60: 9, 120: 0}),
        ("FILL(b, a)", {0: 4, 60: 2, 120: 0}),
        ("FILL(b, REPEAT)", {0: 4, 60: 4, 120: 0}),
        ("IF(a > 1, a, 0)", {0: 0, 60: 2, 120: 3}),
        ("IF(a > 1, b)", {120: 0}),
        ("IF(1, a, b)", A),
        ("ABS(a - 2)", {0: 1, 60: 0, 120: 1}),
        ("MAX([a, b])", {0: 4, 60: 2, 120: 3}),
        ("MIN([a, b, 2])", {0: 1, 60: 2, 120: 0}),
        ("SUM([a, b])", {0: 5, 60: 2, 120: 3}),
        ("AVG([a, b])", {0: 2.5, 60: 2, 120: 1.5}),
        ("a - AVG(a)", {0: -1, 60: 0, 120: 1}),
        ("MAX([1, 2])", {0: 2, 60: 2, 120: 2}),
        ("MAX([nothing])", {}),
        ("SUM(nothing)", {}),
        ("1 / 0", {}),
    ],
)
def test_expression_returns_a_series(expression: str, result: dict[int, float]) -> None:
    assert evaluate_expression(expression, {"a": A, "b": B, "nothing": {}}, PERIODS) == result


@pytest.mark.parametrize("expression", ["", "a +", "RATE(a)", "FILL(1, 2)", "a if b else a", "'a'", "[a]", "c"])
def test_unsupported_expression_raises_error(expression: str) -> None:
    with pytest.raises(MetricExpressionError):
        evaluate_expression(expression, {"a": A, "b": B}, PERIODS)


def test_ids_of_expression_exclude_functions() -> None:
    assert find_ids("IF(a > 1, FILL(b, REPEAT), MAX([c, 1]))") == {"a", "b", "c"}
