import pytest

from sandbox.cognito.certificates import covers


@pytest.mark.parametrize(
    ("pattern", "covered"),
    [
        ("login.example.com", True),
        ("Login.Example.com", True),
        ("*.example.com", True),
        ("example.com", False),
        ("*.com", False),
        ("*.login.example.com", False),
    ],
)
def test_a_wildcard_stands_for_one_label(pattern: str, covered: bool) -> None:
    assert covers(pattern, "login.example.com") is covered
