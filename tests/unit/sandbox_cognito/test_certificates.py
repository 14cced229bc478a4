import pytest

from sandbox.cognito.certificates import matches_name


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
def test_wildcard_matches_one_label(pattern: str, covered: bool) -> None:
    assert matches_name(pattern, "login.example.com") is covered
